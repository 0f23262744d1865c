"""A value found in a message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Found:
    """A span [start, end) of the normalised text, its words, and what it is worth."""

    start: int
    end: int
    words: str
    value: Any

    def overlaps(self, other: Found) -> bool:
        return self.start < other.end and other.start < self.end


def without_overlap(candidates: Iterable[Found], taken: Iterable[Found] = ()) -> Iterator[Found]:
    """The candidates that lie on nothing taken before; earlier ones win."""
    kept = list(taken)
    for one in candidates:
        if not any(one.overlaps(other) for other in kept):
            kept.append(one)
            yield one
