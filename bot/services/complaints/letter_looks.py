"""How a decision letter looks: the same page and PDF as every document of ours (`bot.services.papers`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.dialogue.speech import ENGLISH, turn
from bot.services.complaints.letters import LISTED, catalogue, sections, words
from bot.services.paper_pdf import as_pdf
from bot.services.papers import Paper, as_html


def paper(letter: Mapping[str, Any]) -> Paper:
    """A stored letter with the titles of its sections."""
    language, contents = letter["language"], letter["contents"]
    rows = []
    for key in sections():
        said = contents.get(key, "")
        text = "\n".join(f"{n}. {one}" for n, one in enumerate(said, 1)) if key == LISTED and len(said) > 1 else said
        rows.append((_title(key, language), "\n".join(text) if isinstance(text, list) else text))
    notes = (words("by_system", language), f"{letter['ref']} · v{letter['version']} · {letter['sha256'][:16]}")
    return Paper(words("title", language), tuple(rows), (), (), notes, language)


def _title(key: str, language: str) -> str:
    chinese, english = catalogue()["sections"][key]["title"]
    return str(english if language == ENGLISH else turn(chinese, language))


def html(letter: Mapping[str, Any]) -> str:
    return as_html(paper(letter))


def pdf(letter: Mapping[str, Any]) -> bytes:
    """Raises StoreUnavailable (`font_missing`)."""
    return as_pdf(paper(letter))
