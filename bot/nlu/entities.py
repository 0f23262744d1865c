"""Graph component: amounts, days, loan references and products, as values.

spaCy's entity ruler (a blank Chinese pipeline, no model to download) finds the names of products from
`data/lexicon/products.txt`; numbers, days and references are read by rules (`bot.nlu.values`). Values: see `bot.names.Entity`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import spacy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from spacy.language import Language

from bot.names import Entity
from bot.nlu.amounts import amounts
from bot.nlu.days import dates
from bot.nlu.found import Found, without_overlap
from bot.nlu.reasons import reasons
from bot.nlu.redact import MASK, redact
from bot.nlu.references import id_tails, loan_numbers, ordinals, periods, phones, terms
from bot.nlu.words import products

FINDERS: dict[Entity, Callable[[str], Iterator[Found]]] = {
    Entity.PHONE: phones,
    Entity.ID_TAIL: id_tails,
    Entity.LOAN_NUMBER: loan_numbers,
    Entity.DATE: dates,
    Entity.PERIOD: periods,
    Entity.AMOUNT: amounts,
    Entity.TERM: terms,
    Entity.ORDINAL: ordinals,
}
MASKED = re.compile(f"{MASK}+")
EXCLUSIVE = (Entity.PHONE, Entity.ID_TAIL, Entity.LOAN_NUMBER, Entity.DATE)  # words that mean nothing else besides


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ValueExtractor(GraphComponent, EntityExtractorMixin):
    """Spans refer to the normalised text."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ValueExtractor:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            found = [
                {"entity": kind.value, "start": one.start, "end": one.end, "value": one.value, "raw": one.words}
                for kind, one in extract(message.get(TEXT) or "")
            ]
            message.set(ENTITIES, [*(message.get(ENTITIES) or []), *found], add_to_output=True)
        return messages


def extract(text: str) -> Iterator[tuple[Entity, Found]]:
    """All values in normalised text. Numbers that belong to a person, a loan or a day are no amounts.

    「15」 alone is an amount, and up to 9 a count as well: the question it answers decides (`bot.dialogue.context`).
    """
    taken = list(_personal(text))
    for kind, finder in FINDERS.items():
        found = list(without_overlap(finder(text), () if kind is Entity.PHONE else taken))
        yield from ((kind, one) for one in found)
        if kind in EXCLUSIVE:
            taken += found
    yield from ((Entity.REASON, one) for one in reasons(text))
    if any(name in text for name in products()):  # reading without need would cost as much as all the rest
        for ent in _ruler()(text).ents:
            yield Entity.PRODUCT, Found(ent.start_char, ent.end_char, ent.text, ent.text)


def _personal(text: str) -> Iterator[Found]:
    """Where the digits of a person or a card stand, also in groups of four: they are neither money nor a day."""
    hidden = redact(text)
    if hidden != text:
        yield from (Found(*run.span(), run.group(), None) for run in MASKED.finditer(hidden))


@lru_cache(maxsize=1)
def _ruler() -> Language:
    pipeline = spacy.blank("zh")
    ruler = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": Entity.PRODUCT.value, "pattern": name} for name in products()])  # type: ignore[attr-defined]
    return pipeline
