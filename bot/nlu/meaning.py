"""What a message means: the one form in which understanding leaves `bot.nlu`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FoundEntity:
    """`kind` is a `names.Entity`; `raw` the words, at [start, end) of the text; `value` see `names.Entity`."""

    kind: str
    value: Any
    raw: str
    start: int
    end: int


@dataclass(frozen=True)
class Understanding:
    """What a message means. `intent` carries no slash; `item` is the FAQ item inside it or None."""

    text: str  # as the tracker may see it (redacted)
    intent: str
    confidence: float
    item: str | None = None
    item_confidence: float = 0.0
    ranking: tuple[tuple[str, float], ...] = ()
    entities: tuple[FoundEntity, ...] = ()
    decided_by: str = "model"  # model | edge | context

    def values(self, kind: str) -> tuple[Any, ...]:
        return tuple(e.value for e in self.entities if e.kind == kind)
