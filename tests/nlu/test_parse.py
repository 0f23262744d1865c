"""Rasa's parse result becomes an `Understanding` whatever is missing in it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.names import Entity, Intent
from bot.nlu.meaning import FoundEntity
from bot.nlu.parse import understanding_from_rasa

PARSED: dict[str, Any] = {
    "text": "如果20号还三万",
    "intent": {"name": "early_repayment", "confidence": 0.8},
    "intent_ranking": [{"name": "early_repayment", "confidence": 0.8}, {"name": "inform", "confidence": 0.1}],
    "item": {"name": "how_long", "confidence": 0.7},
    "entities": [{"entity": "amount", "value": 3_000_000, "raw": "三万", "start": 6, "end": 8}],
}


def test_everything_is_carried_over() -> None:
    understood = understanding_from_rasa(PARSED, "如果20号还三万")
    assert (understood.intent, understood.confidence) == ("early_repayment", 0.8)
    assert (understood.item, understood.item_confidence) == ("how_long", 0.7)
    assert understood.ranking == (("early_repayment", 0.8), ("inform", 0.1))
    assert understood.entities == (FoundEntity("amount", 3_000_000, "三万", 6, 8),)
    assert understood.values(Entity.AMOUNT) == (3_000_000,)
    assert understood.decided_by == "model"


def test_the_text_is_the_redacted_one() -> None:
    assert understanding_from_rasa({**PARSED, "text": "13800000001"}, "●●●●●●●●●●●").text == "●●●●●●●●●●●"


@pytest.mark.parametrize(
    "parsed",
    [
        {},
        {"intent": None},
        {"intent": {}},
        {"intent": {"name": None, "confidence": None}, "entities": None, "item": None},
    ],
)
def test_nothing_understood_is_a_fallback(parsed: dict[str, Any]) -> None:
    understood = understanding_from_rasa(parsed, "")
    assert understood.intent == Intent.FALLBACK.value
    assert understood.confidence == 0.0
    assert understood.item is None
    assert understood.entities == ()


def test_an_intent_carries_no_slash() -> None:
    assert understanding_from_rasa({"intent": {"name": "credit_report/how_long"}}, "").intent == "credit_report"
