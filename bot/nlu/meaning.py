"""What a message means: the one form in which understanding leaves `bot.nlu`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
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
    decided_by: str = "model"  # model | edge | part | context
    also: Understanding | None = None  # a second wish in the same message, offered after the first is served

    def values(self, kind: str) -> tuple[Any, ...]:
        return tuple(e.value for e in self.entities if e.kind == kind)

    def as_json(self) -> dict[str, Any]:
        """For a session's row or a slot; the text in it is redacted already."""
        plain: dict[str, Any] = asdict(self)
        return plain

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Understanding:
        """What `as_json` gave, also after a trip through JSON."""
        also = stored.get("also")
        return cls(
            **{
                **stored,
                "ranking": tuple((str(name), float(score)) for name, score in stored["ranking"]),
                "entities": tuple(FoundEntity(**entity) for entity in stored["entities"]),
                "also": cls.from_json(also) if also else None,
            }
        )
