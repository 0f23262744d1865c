"""Intents in plain words: for asking which of two readings was meant, and for offering a second wish."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import yaml

from bot.dialogue.speech import ENGLISH, TRADITIONAL, turn
from bot.nlu.normalise import normalise


@lru_cache(maxsize=1)
def _labels() -> dict[str, list[str]]:
    labels: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "readings.yml").read_text(encoding="utf-8"))
    return labels


def offered(intent: str) -> bool:
    """Whether a borrower may be asked "did you mean this?"."""
    return intent in _labels()


def label(intent: str, language: str) -> str:
    """The intent in plain words; Chinese in Simplified, turned into Traditional where it is said."""
    chinese, english = _labels()[intent]
    return english if language == ENGLISH else chinese


def named(text: str, intents: Iterable[str]) -> str | None:
    """Which of `intents` the message names by its label, in any script; None if none."""
    said = normalise(text)
    for intent in intents:
        chinese, english = _labels()[intent]
        if said in {normalise(chinese), normalise(turn(chinese, TRADITIONAL)), normalise(english)}:
            return intent
    return None
