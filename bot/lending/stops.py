"""Days on which penalty and compound interest do not grow: from a STOP of the ledger to its RESUME."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date


@dataclass
class Stops:
    """Stops may overlap: growth goes on when the last of them has ended."""

    windows: list[tuple[date, date | None]] = field(default_factory=list)  # None: not ended yet
    running: int = 0

    def begin(self, on: date) -> None:
        if self.running == 0:
            self.windows.append((on, None))
        self.running += 1

    def end(self, on: date) -> None:
        if self.running == 1:
            self.windows[-1] = (self.windows[-1][0], on)
        self.running = max(0, self.running - 1)

    def outside(self, since: date, until: date) -> Iterator[tuple[date, date]]:
        """What is left of [since, until) without the stops."""
        for start, end in self.windows:
            if since >= until:
                return
            if start >= until or (end is not None and end <= since):
                continue
            if since < start:
                yield since, start
            since = end or until
        if since < until:
            yield since, until
