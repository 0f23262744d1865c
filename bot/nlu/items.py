"""Graph component: which FAQ item inside the intent, or none.

Retrieval examples are written `intent/item` in the training data. Rasa's own selector needs TensorFlow; here a small
linear model an intent decides between its items and the plain wish, over sparse features and the sentence vector. An item's
answer is one more example of it. Cross-validated figures: docs/nlu.md.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from bot.nlu.features import Features, clipped
from bot.nlu.normalise import normalise
from bot.nlu.parse import ITEM
from bot.nlu.projection import Projection
from bot.nlu.vectors import QUICK

PLAIN = ""
VECTOR_WEIGHT = 3.0  # of a vector's length against a sparse block's; examples are fewer here than for intents
MODEL = "items.joblib"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ItemClassifier(GraphComponent):
    """Put it after the intent classifier."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config, self._storage, self._resource = config, storage, resource
        self._models: dict[str, tuple[Features, Projection, LogisticRegression]] = {}

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"C": 3.0, "threshold": 0.45}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ItemClassifier:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        examples: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for message in training_data.intent_examples:
            if message.get(TEXT):
                key = message.get(INTENT_RESPONSE_KEY) or ""
                examples[message.get(INTENT)].append((message.get(TEXT), key.partition("/")[2]))
        for key, answers in training_data.responses.items():
            intent, _, item = key.removeprefix("utter_").partition("/")
            if item and any(known == item for _, known in examples[intent]):
                examples[intent].append((normalise(answers[0]["text"]), item))
        for intent, pairs in examples.items():
            texts, items = [text for text, _ in pairs], [item for _, item in pairs]
            if len(set(items)) < 2:
                continue
            features = Features()
            by_vector = QUICK.vectors([clipped(text) for text in texts])
            projection = Projection.fit(by_vector)
            inputs = _joined(features.fit(texts), projection.of(by_vector))
            model = LogisticRegression(
                C=self._config["C"], class_weight="balanced", max_iter=200, solver="liblinear", multi_class="ovr"
            )
            self._models[intent] = features, projection, model.fit(inputs, items)
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(self._models, folder / MODEL)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ItemClassifier:
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._models = joblib.load(folder / MODEL)
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            intent = (message.get(INTENT) or {}).get("name")
            if intent in self._models:
                message.set(ITEM, self._item(message.get(TEXT) or "", intent), add_to_output=True)
        return messages

    def _item(self, text: str, intent: str) -> dict[str, Any]:
        features, projection, model = self._models[intent]
        by_vector = projection.of(QUICK.vector(clipped(text)))
        chances = model.predict_proba(_joined(features.of([text]), by_vector))[0]
        best = int(np.argmax(chances))
        name, sure = str(model.classes_[best]), float(chances[best])
        return {"name": name if name != PLAIN and sure >= self._config["threshold"] else None, "confidence": sure}


def _joined(matrix: csr_matrix, by_vector: Any) -> csr_matrix:
    return hstack([matrix, csr_matrix(by_vector * VECTOR_WEIGHT)]).tocsr()
