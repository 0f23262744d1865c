"""Graph component: which intent. Linear models over sparse features and sentence vectors, with honest probabilities.

`bot.nlu.cascade` reads a message as cheaply as it is sure. Messages without anything to read land in `nlu_fallback`, as do those
whose best two readings are too close. The ways to read were compared on unseen examples (`daihou classifiers`, docs/nlu.md).
`threshold` and `margin` ask about every ninth real message back.
"""

from __future__ import annotations

import logging
import multiprocessing
import re
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.names import Intent
from bot.nlu.cascade import STRENGTHS, SURE, Cascade, Learned, Strengths, temperatures
from bot.nlu.features import clipped
from bot.nlu.vectors import DEEP, QUICK, read_in_background

logger = logging.getLogger(__name__)
READABLE = re.compile("[\u4e00-\u9fffa-z0-9]")
WORDS_OF_ONE_LETTER = "kyn"
FOREIGN = re.compile("[\u0370-\u1fff\u3040-\u30ff\uac00-\ud7af]")
MODEL = "intents.joblib"
MANY = 2000  # examples from which on a second process is worth its start


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(IntentClassifier, GraphComponent):
    """Needs `Normaliser` before it; works on texts, not on Rasa's features."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config, self._storage, self._resource = config, storage, resource
        self._cascade: Cascade | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`C_*`: inverse regularisation; `sure`: from which chance on no vector is computed, `sure_quick`: none of the deep
        encoder; `known`: see `Features.known`; `urgent`: intents that are the reading from that chance on, whatever else is
        likelier; `item_weight`: of an FAQ item's example against a plain one, since questions about rules crowd out wishes."""
        return {
            "C_sparse": STRENGTHS.sparse,
            "C_joint": STRENGTHS.joint,
            "sure": SURE[0],
            "sure_quick": SURE[1],
            "threshold": 0.4,
            "margin": 0.15,
            "known": 0.25,
            "urgent": {
                Intent.SELF_HARM.value: 0.08
            },  # cross-validated: 0.96 caught by the model alone, 0.006 of the rest taken for it
            "item_weight": 0.25,
            "ranking": 5,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearIntentClassifier:
        return cls(config, model_storage, resource)

    # -- training

    def train(self, training_data: TrainingData) -> Resource:
        examples = [one for one in training_data.intent_examples if one.get(TEXT)]
        texts, intents = [one.get(TEXT) for one in examples], np.array([one.get(INTENT) for one in examples])
        weights = np.array([self._config["item_weight"] if one.get(INTENT_RESPONSE_KEY) else 1.0 for one in examples])
        short = [clipped(text) for text in texts]
        learned = Learned(texts, QUICK.vectors(short), DEEP.vectors(short), intents, weights)
        strengths = Strengths(self._config["C_sparse"], self._config["C_joint"])
        with _beside(len(texts)) as workers:
            warmths = workers.submit(temperatures, learned, strengths)
            self._cascade = Cascade.fit(learned, strengths).packed().warmed(warmths.result())
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(self._cascade, folder / MODEL)
        return self._resource

    # -- answering

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearIntentClassifier:
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._cascade = joblib.load(folder / MODEL)
        read_in_background()
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            ranking = self._ranking(message.get(TEXT) or "")
            best = ranking[0]
            if best["name"] not in (Intent.FALLBACK.value, *self._config["urgent"]) and not self._sure(ranking):
                best = {"name": Intent.FALLBACK.value, "confidence": 1.0 - best["confidence"]}
            message.set(INTENT, best, add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    @property
    def intents(self) -> tuple[str, ...]:
        """All that it can say, without `nlu_fallback`."""
        return self._cascade.classes if self._cascade else ()

    def why(self, text: str, intent: str, most: int = 6) -> list[tuple[str, float]]:
        """What of a normalised message speaks for `intent`, most first; `(meaning)` is the sentence vectors' part."""
        if self._cascade is None:
            return []
        row = self._cascade.features.of([text])
        quick, meant = self._cascade.quick.linear.speaks_for(row, QUICK.vector(clipped(text)), intent)
        deep, understood = self._cascade.deep.linear.speaks_for(row, DEEP.vector(clipped(text)), intent)
        names = self._cascade.features.names()
        found = [(names[column], float(part)) for column, part in zip(row.indices, (quick + deep) / 2, strict=True)]
        return sorted([*found, ("(meaning)", (meant + understood) / 2)], key=lambda one: -one[1])[:most]

    def _ranking(self, text: str) -> list[dict[str, Any]]:
        nothing = [{"name": Intent.FALLBACK.value, "confidence": 1.0}]
        if self._cascade is None or not readable(text) or self._cascade.features.known(text) < self._config["known"]:
            return nothing
        row, short = self._cascade.features.of([text]), clipped(text)
        sure = self._config["sure"], self._config["sure_quick"]
        chances, _ = self._cascade.chances(row, lambda: QUICK.vector(short), lambda: DEEP.vector(short), sure)
        best = sorted(range(len(chances)), key=lambda at: (not self._urgent(at, chances), -chances[at]))
        best = best[: self._config["ranking"]]
        return [{"name": self.intents[at], "confidence": float(chances[at])} for at in best]

    def _urgent(self, at: int, chances: Any) -> bool:
        """Whether a missed one would cost more than a false alarm."""
        return bool(chances[at] >= self._config["urgent"].get(self.intents[at], 2.0))

    def _sure(self, ranking: list[dict[str, Any]]) -> bool:
        first, second = ranking[0]["confidence"], ranking[1]["confidence"] if len(ranking) > 1 else 0.0
        return bool(first >= self._config["threshold"] and first - second >= self._config["margin"])


def _beside(examples: int) -> Executor:
    """Where calibration runs: in a process of its own, since the solver holds the interpreter; a fresh one, since the encoder's
    threads would not survive a fork."""
    if examples < MANY:
        return ThreadPoolExecutor(1)
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))


def readable(text: str) -> bool:
    """Whether there is something to understand: Chinese, English or digits, and not mostly a foreign script. One letter is not
    (nor is the same one over and over), unless it is short for a word."""
    signs = READABLE.findall(text)
    foreign = FOREIGN.findall(text)
    alone = len(set(signs)) == 1 and signs[0].isascii() and signs[0].isalpha() and signs[0] not in WORDS_OF_ONE_LETTER
    return bool(signs) and not alone and len(foreign) <= len(signs)
