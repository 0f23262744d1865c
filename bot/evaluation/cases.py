"""Labelled messages from a file: `intent<TAB>text`, one a line, with or without that header."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.errors import BadInput
from bot.names import Intent

HEADER = ("intent", "text")
KNOWN = frozenset(intent.value for intent in Intent if intent is not Intent.FALLBACK)


@dataclass(frozen=True)
class Case:
    """One message, the intent that a careful reader gave it, and the FAQ item inside, if it asks for one."""

    intent: str
    text: str
    item: str = ""


def read_cases(paths: Iterable[Path]) -> list[Case]:
    """The cases of all files; `intent/item` names an FAQ item. BadInput names file and line."""
    cases: list[Case] = []
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"{path}: cannot be read: {error}", code="unreadable") from error
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            named, tab, text = line.partition("\t")
            if number == 1 and (named, text) == HEADER:
                continue
            intent, _, item = named.strip().partition("/")
            if not tab or not text.strip():
                raise BadInput(f"{path}:{number}: expected intent<TAB>text", code="no_text")
            if intent not in KNOWN:
                raise BadInput(
                    f"{path}:{number}: {named.strip()!r} is no intent of the taxonomy", code="unknown_intent"
                )
            cases.append(Case(intent, text, item))
    if not cases:
        raise BadInput(f"no messages in {', '.join(map(str, paths))}", code="empty")
    return cases
