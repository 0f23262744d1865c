"""Words without who and where: names, places, employers, numbers, by rule and by what is known of the people of a case.

In doubt it masks, and a person reads the result before anybody else does. Amounts below 1,000 and durations stay: a lesson needs
them, and they tell nobody's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.errors import ConfigError
from bot.nlu.redact import MASK, redact

RULES = Path(__file__).parent / "anonymise.yml"
NAME = range(2, 4)  # characters of a Chinese name
SHORTEST = 2  # characters of a known word that is masked


def anonymise(text: str, known: Iterable[str] = ()) -> str:
    """`text` with marks in the place of whatever may tell a person.

    Args:
        known: names, employers, phones and ids that belong to the case (borrower, contacts, staff); masked wherever they stand.
    """
    marks, patterns = rules()
    for word in sorted({one.strip() for one in known if len(one.strip()) >= SHORTEST}, key=len, reverse=True):
        edge = r"\b" if word.isascii() and word.isalpha() else ""
        text = re.sub(f"{edge}{re.escape(word)}{edge}", marks["name"], text, flags=re.IGNORECASE)
    for kind, pattern in patterns:
        text = pattern.sub(marks[kind], text)
    text = _named(text, marks["name"], marks["place"])
    return re.sub(f"[{MASK}-]*{MASK}[{MASK} -]*", marks["number"], redact(text))


def _named(text: str, name: str, place: str) -> str:
    """Names and places that stand alone, by the part of speech that jieba gives them; a name begins with a surname."""
    import jieba.posseg

    first = set(surnames())
    parts = []
    for word, kind in jieba.posseg.cut(text):
        if kind.startswith("nr") and len(word) in NAME and word[0] in first:
            word = name
        elif kind == "ns" and len(word) >= SHORTEST:
            word = place
        parts.append(word)
    return "".join(parts)


def doubtful(text: str) -> list[str]:
    """What still looks personal in words that should be anonymous: kinds, in the order of the rules. For packs of others."""
    _, patterns = rules()
    found = [kind for kind, pattern in patterns if kind not in ("number", "date") and pattern.search(text)]
    return found if redact(text) == text else [*found, "number"]


@lru_cache(maxsize=1)
def surnames() -> str:
    return str(yaml.safe_load(RULES.read_text(encoding="utf-8"))["surnames"])


@lru_cache(maxsize=1)
def rules() -> tuple[dict[str, str], tuple[tuple[str, re.Pattern[str]], ...]]:
    """Marks by kind, and compiled patterns. Raises ConfigError with file and key."""
    loaded: dict[str, Any] = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    marks, surnames = loaded["marks"], str(loaded["surnames"])
    made = []
    for at, (kind, written) in enumerate(loaded["patterns"]):
        if kind not in marks:
            raise ConfigError(f"{RULES}: patterns[{at}]: {kind} has no mark")
        try:
            made.append((kind, re.compile(written.replace("{surnames}", surnames))))
        except re.error as error:
            raise ConfigError(f"{RULES}: patterns[{at}]: {error}") from None
    return marks, tuple(made)
