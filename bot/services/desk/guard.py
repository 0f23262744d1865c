"""The composer guard: what a colleague is about to send, read for threats, third parties, hours, cards, promises, tone.

Pure: `check` says which rules a text touches and with which words; policy says which of them block and which warn, and
`bot.services.desk.sending` records the author's choice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from bot.nlu.normalise import normalise
from bot.nlu.redact import redact

WORDS = Path(__file__).parent / "guard.yml"
CARD = "card_number"
RULES = (CARD, "threat", "forbidden", "third_party", "contact_hours", "promise_of_result", "rude")


@dataclass(frozen=True)
class Finding:
    """`words` is what touched the rule, as normalised; of a card or identity number nothing is repeated."""

    rule: str
    words: str


def check(text: str) -> tuple[Finding, ...]:
    """Each rule that `text` touches, once, in the order of `RULES`."""
    words = normalise(text)
    found = []
    if redact(text) != text:
        found.append(Finding(CARD, ""))
    for rule in RULES[1:]:
        pattern, harmless = _rules()[rule]
        hit = pattern.search(harmless.sub(" ", words) if harmless else words)
        if hit:
            found.append(Finding(rule, hit.group()))
    return tuple(found)


@lru_cache(maxsize=1)
def _rules() -> dict[str, tuple[re.Pattern[str], re.Pattern[str] | None]]:
    contents = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    unless = contents["unless"]
    return {
        rule: (re.compile("|".join(contents[rule])), re.compile(unless[rule]) if rule in unless else None)
        for rule in RULES[1:]
    }
