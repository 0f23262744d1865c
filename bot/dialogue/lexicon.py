"""Single words of tables and cards, from `words.yml`. Sentences are responses of `domain.yml`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

ENGLISH = "en"


@lru_cache(maxsize=1)
def _words() -> dict[str, list[str]]:
    words: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "words.yml").read_text(encoding="utf-8"))
    return words


def word(key: str, language: str, **values: object) -> str:
    """The word for `key`, filled in. Chinese comes in Simplified; `speech` turns it where needed."""
    chinese, english = _words()[key]
    return (english if language == ENGLISH else chinese).format(**values)
