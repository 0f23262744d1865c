"""The phrase lists of `context.yml`: how a message refers to what was said before."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml


@lru_cache(maxsize=1)
def phrases() -> dict[str, list[str]]:
    """Every list, by its name."""
    lists: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "context.yml").read_text(encoding="utf-8"))
    return lists


def says(text: str, kind: str) -> bool:
    """Whether the normalised text holds one of the phrases of `kind`."""
    lowered = text.lower()
    return any(phrase in lowered for phrase in phrases()[kind])
