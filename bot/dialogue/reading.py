"""Reading one message by itself: the rules that must never miss, then the model, then whether it holds a second wish.

Dialogue state comes after (`bot.dialogue.context`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Protocol

from bot.dialogue.priority import COMPLAINT, PERSON, tier
from bot.dialogue.readings import offered
from bot.nlu.edge import safety
from bot.nlu.meaning import Understanding
from bot.nlu.normalise import normalise

BETWEEN = re.compile(
    r"[,，。;；!！?？\n~]+|\.(?!\d)|另外|顺便|还有(?=[,，我你您能可想问就])|而且|再就是|对了|\b(?:and )?also\b|\bby the way\b"
)
SHORTEST = 4  # signs of a part that can be a wish of its own
MOST = 4  # parts; a message of more is a story, and its parts are steps of it
SURE = 0.8  # of a part, before it counts as a wish


class Reader(Protocol):
    """Whatever understands a message: the brain, or a test's stand-in."""

    def understand(self, text: str) -> Understanding: ...


def read(reader: Reader, text: str) -> Understanding:
    """What `text` means. A leading slash never reaches Rasa, where it would name an intent."""
    words = text.lstrip("/／ \t\n")
    whole = _alone(reader, words)
    if tier(whole.intent) <= PERSON:
        return whole  # nothing else counts now
    parts = [part.strip() for part in BETWEEN.split(normalise(words))]
    wishes = [part for part in parts if len(part) >= SHORTEST]
    if not 2 <= len(wishes) <= MOST:
        return whole
    return _with_second(whole, [_alone(reader, wish) for wish in wishes])


def _alone(reader: Reader, words: str) -> Understanding:
    understanding = reader.understand(words)
    urgent = safety(words)
    if urgent is None:
        return understanding
    return replace(understanding, intent=urgent.value, confidence=1.0, item=None, decided_by="edge")


def _with_second(whole: Understanding, parts: list[Understanding]) -> Understanding:
    """The message's first wish with its second, where two parts are surely wishes of different kinds.

    The whole message says which comes first, as the classifier has learned it; only a complaint or more in one part goes
    before it.
    """
    sure = {part.intent: part for part in parts if part.confidence >= SURE and offered(part.intent)}
    urgent = min(sure.values(), key=lambda part: tier(part.intent), default=whole)
    if tier(urgent.intent) <= COMPLAINT < tier(whole.intent):
        # Entities of the whole message stay: a date or an amount may stand in the other part.
        first = replace(whole, intent=urgent.intent, confidence=urgent.confidence, item=None, decided_by=_by(urgent))
        return replace(first, also=next((part for part in sure.values() if part.intent != urgent.intent), None))
    if whole.intent not in sure:
        return whole
    return replace(whole, also=next((part for part in sure.values() if part.intent != whole.intent), None))


def _by(part: Understanding) -> str:
    return "edge" if part.decided_by == "edge" else "part"
