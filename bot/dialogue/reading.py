"""Reading one message by itself: the rules that must never miss, then the model, then whether it holds a second wish.

Dialogue state comes after (`bot.dialogue.context`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

from bot.dialogue.phrases import phrases
from bot.dialogue.priority import COMPLAINT, PERSON, tier
from bot.dialogue.readings import offered
from bot.names import Intent
from bot.nlu.edge import harmless, safety
from bot.nlu.meaning import Understanding
from bot.nlu.normalise import normalise

PUNCTUATION = r"[,\uff0c\u3002;\uff1b!\uff01?\uff1f\n~]+|\.(?!\d)"
SHORTEST = 4  # signs of a part that can be a wish of its own
MOST = 4  # parts; a message of more is a story, and its parts are steps of it
CERTAIN = 0.6  # of despair, before words that mostly mean no harm are taken for it
DESPAIR = 0.5  # of a part, before the whole message is taken for it, if that hints at it too
HINT = 0.05
UNSURE = 0.3  # of a second reading, below which nothing is understood
SURE = 0.8  # of a part, before it counts as a wish


@lru_cache(maxsize=1)
def _between() -> re.Pattern[str]:
    return re.compile("|".join([PUNCTUATION, *phrases()["between"]]))


class Reader(Protocol):
    """Whatever understands a message: the brain, or a test's stand-in."""

    def understand(self, text: str) -> Understanding: ...


def read(reader: Reader, text: str) -> Understanding:
    """What `text` means. A leading slash never reaches Rasa, where it would name an intent."""
    words = text.lstrip("/／ \t\n")
    whole = _alone(reader, words)
    if tier(whole.intent) <= PERSON:
        return whole  # nothing else counts now
    parts = [part.strip() for part in _between().split(normalise(words))]
    wishes = [part for part in parts if len(part) >= SHORTEST]
    if not 2 <= len(wishes) <= MOST:
        return whole
    return _with_second(whole, [_alone(reader, wish) for wish in wishes])


def _alone(reader: Reader, words: str) -> Understanding:
    understanding = reader.understand(words)
    urgent = safety(words)
    if urgent is not None:
        return replace(understanding, intent=urgent.value, confidence=1.0, item=None, decided_by="edge")
    if understanding.intent == Intent.SELF_HARM.value and understanding.confidence < CERTAIN and harmless(words):
        return _next_reading(understanding)
    return understanding


def _next_reading(understanding: Understanding) -> Understanding:
    """The second reading where the first was suspected from words that are a manner of speaking (「累死了」)."""
    left = understanding.ranking[1:]
    intent, confidence = left[0] if left else (Intent.FALLBACK.value, 0.0)
    if confidence < UNSURE:
        intent = Intent.FALLBACK.value
    return replace(understanding, intent=intent, confidence=confidence, item=None, ranking=left)


def _with_second(whole: Understanding, parts: list[Understanding]) -> Understanding:
    """The message's first wish with its second, where two parts are surely wishes of different kinds.

    The whole message says which comes first, as the classifier has learned it; only a complaint or more in one part goes
    before it.
    """
    hinted = dict(whole.ranking).get(Intent.SELF_HARM.value, 0.0) >= HINT
    if hinted and any(part.intent == Intent.SELF_HARM.value and part.confidence >= DESPAIR for part in parts):
        return replace(whole, intent=Intent.SELF_HARM.value, confidence=1.0, item=None, decided_by="part")
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
