"""How long somebody will wait: from how long the head of this queue waited today, never from a wish.

Every finished wait tells how long it stood at the head: from the later of its joining and the head's before it being
taken. A place p waits for p such steps. Fewer finished waits than the policy asks for: no number at all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, pstdev

RECENT = 40  # steps looked at: the afternoon is not the morning
SPREAD = 1.28  # standard deviations: four of five waits fall inside


@dataclass(frozen=True)
class Estimate:
    """Between `low` and `high`, most likely about `likely`."""

    likely: timedelta
    low: timedelta
    high: timedelta

    @property
    def minutes(self) -> tuple[int, int]:
        """Whole minutes, rounded outwards; at least one."""
        low = max(1, math.floor(self.low.total_seconds() / 60))
        return low, max(low + 1, math.ceil(self.high.total_seconds() / 60))


def estimate(
    finished: Sequence[tuple[datetime, datetime]], position: int, now: datetime, least: int
) -> Estimate | None:
    """The wait of whoever stands at `position` (1 is next), or None with fewer than `least` finished waits.

    Args:
        finished: (joined, taken) of today's waits in this queue that ended with a person, in any order.
    """
    if len(finished) < least:
        return None
    steps = heads(finished)[-RECENT:]
    mean, spread = fmean(steps), pstdev(steps)
    last = max(taken for _, taken in finished)
    silent = (now - last).total_seconds()  # a head that stands longer than usual is news, too
    if silent > mean:
        mean = (mean * len(steps) + silent) / (len(steps) + 1)
    likely, off = position * mean, SPREAD * spread * math.sqrt(position)
    return Estimate(
        timedelta(seconds=likely), timedelta(seconds=max(0.0, likely - off)), timedelta(seconds=likely + off)
    )


def heads(finished: Sequence[tuple[datetime, datetime]]) -> list[float]:
    """Seconds that each stood at the head, in the order in which they were taken."""
    steps = []
    before: datetime | None = None
    for joined, taken in sorted(finished, key=lambda one: (one[1], one[0])):
        start = joined if before is None else max(joined, before)
        steps.append(max(0.0, (taken - start).total_seconds()))
        before = taken
    return steps
