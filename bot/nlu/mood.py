"""How a message sounds: displeasure with us in two degrees, and words that show somebody vulnerable. Rules, no model.

Asked by the actions after every answer: a mood that stays bad brings a person, and what makes somebody vulnerable is in
the file that a colleague reads. Words of despair are not here: those are `bot.nlu.edge`'s, and never wait.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.nlu.normalise import normalise
from bot.nlu.patterns import table

CALM, MILD, STRONG = 0, 1, 2
# Reasons of `reasons.yml` that call for more care (requirements 3.2, rule 9).
VULNERABLE_REASONS = frozenset(
    {
        "ILLNESS_INJURY",
        "BEREAVEMENT",
        "DIVORCE_VIOLENCE",
        "GAMBLING",
        "JOB_LOSS",
        "FRAUD_VICTIM",
        "CARE_FAMILY",
        "DISASTER",
    }
)


def mood(text: str) -> int:
    """CALM, MILD or STRONG displeasure."""
    words = normalise(text)
    if _pattern("strong").search(words):
        return STRONG
    return MILD if _pattern("mild").search(words) else CALM


def vulnerable(text: str, reasons: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Codes of what makes the speaker vulnerable, `reasons` being the codes found as entities."""
    words = normalise(text)
    found = [code for code in table("mood")["vulnerable"] if _vulnerable(code).search(words)]
    return tuple(dict.fromkeys([*(one for one in reasons if one in VULNERABLE_REASONS), *found]))


@lru_cache(maxsize=4)
def _pattern(degree: str) -> re.Pattern[str]:
    return re.compile("|".join(table("mood")[degree]))


@lru_cache(maxsize=16)
def _vulnerable(code: str) -> re.Pattern[str]:
    return re.compile(table("mood")["vulnerable"][code])
