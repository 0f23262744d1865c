"""What a message says about a complaint that is there: withdraw, accept, review, read the letter, rate it, a number of ours.

Patterns are in `complaint.yml`, over normalised text. Used to tell such a message from a wish of its own, and by the actions.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import yaml

from bot.names import Intent
from bot.nlu.meaning import Understanding
from bot.nlu.normalise import normalise

VERBS = ("confirm", "withdraw", "survey", "review", "accept", "letter")  # in this order: 「不接受」 before 「接受」
WORDS = "complaint_words"  # the slot `asked` while more may be said about a complaint just made
# What a free story may be taken for by the model without being a wish of its own.
STORY = frozenset(
    intent.value
    for intent in (
        Intent.INFORM,
        Intent.FALLBACK,
        Intent.OUT_OF_SCOPE,
        Intent.CHITCHAT,
        Intent.FEEDBACK,
        Intent.ABUSE,
        Intent.VERIFY_CONTACT,
    )
)
SHORT = 60  # signs; a longer message is a story that may name a number


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    written = yaml.safe_load((Path(__file__).parent / "complaint.yml").read_text(encoding="utf-8"))
    return {name: re.compile(pattern) for name, pattern in written.items()}


def verb(text: str) -> str | None:
    """Which of `VERBS` a normalised message says, None for none."""
    said = text.lower().strip()
    if len(said) > SHORT and not _patterns()["survey"].search(said):
        return None
    return next((one for one in VERBS if _patterns()[one].search(said)), None)


def number(text: str) -> str | None:
    """A number of ours in a normalised message, as it is written on letters."""
    found = _patterns()["number"].search(text.lower())
    return f"TS-{found.group(1)}-{found.group(2)}" if found else None


def score(text: str) -> tuple[int, str] | None:
    """The survey's answer: 1 to 5, and the word that came with it."""
    found = _patterns()["survey"].search(text.lower().strip())
    if found is None:
        return None
    chinese = found.group(2) is not None
    return int(found.group(2 if chinese else 4)), (found.group(3 if chinese else 5) or "").strip()


def phone(text: str) -> str | None:
    """A mobile number that somebody leaves so that we can reach them, digits only. Never to be logged."""
    found = _patterns()["phone"].search(text)
    return re.sub(r"\D", "", found.group()) if found else None


def third_party(text: str) -> bool:
    """Whether somebody speaks who is not the borrower."""
    return _patterns()["third_party"].search(text.lower()) is not None


def names_a_complaint(text: str) -> bool:
    """Whether a message, as sent, says that it is a complaint: then no length is too long for it."""
    return _patterns()["names"].search(normalise(text).lower()) is not None


def complains(text: str) -> bool:
    return _patterns()["complains"].search(text.lower()) is not None


def about_a_complaint(understanding: Understanding, text: str, asked: object) -> str | None:
    """The intent of a message that is about a complaint, where the model or the edge would read another one; else None."""
    said = verb(text)
    if said == "confirm" and number(text) is None:
        said = None
    if said is not None:
        return Intent.COMPLAINT_STATUS.value
    if _patterns()["lodge"].search(text.lower().strip("。.!?！？ ")):
        return Intent.COMPLAINT.value
    if number(text) is not None and len(text) <= SHORT:
        return Intent.COMPLAINT_STATUS.value
    if asked == WORDS and understanding.decided_by != "edge" and understanding.intent in STORY:
        return Intent.INFORM.value
    return None
