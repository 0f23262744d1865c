"""What the charts read: periods with counts and exposure, the baseline, and the season taken out of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import BadInput

PER = 1000  # rates are per so many active loans


@dataclass(frozen=True)
class Limits:
    """The lender's numbers. `weight` and `width` are the EWMA's λ and L, `slack` and `decision` the CUSUM's k and h."""

    sigmas: float = 3.0
    weight: float = 0.2
    width: float = 2.86
    slack: float = 0.5
    decision: float = 5.0
    baseline: int = 8  # the fewest periods a baseline is made of
    tail: float = 0.00135  # of the exact Poisson: as rare as beyond 3 sigma on one side
    small: float = 10.0  # an expected count below which only the exact tail speaks
    spike_times: float = 3.0  # of the median
    spike_least: int = 5
    spike_weeks: int = 8


@dataclass(frozen=True)
class Period:
    """One week: its name (`2026-W12`), complaints, active loans, and which part of the due-date cycle it is (0, 1, …)."""

    name: str
    count: int
    active: int
    season: int = 0

    def __post_init__(self) -> None:
        if self.count < 0 or self.active <= 0:
            raise BadInput(f"{self.name}: count must be 0 or more and active loans above 0", code="period")


@dataclass(frozen=True)
class Chart:
    """`points`: what is charted. `upper`, `centre`, `lower`: limits of each point (None: no such limit). `alarms`: positions."""

    kind: str
    names: tuple[str, ...]
    points: tuple[float, ...]
    centre: tuple[float, ...]
    upper: tuple[float, ...]
    lower: tuple[float, ...] | None
    alarms: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        """Ready to draw: `series`, `limits`, `alarms` (positions in `names`)."""
        return {
            "kind": self.kind,
            "names": list(self.names),
            "series": [round(value, 6) for value in self.points],
            "limits": {
                "centre": [round(value, 6) for value in self.centre],
                "upper": [round(value, 6) for value in self.upper],
                "lower": None if self.lower is None else [round(value, 6) for value in self.lower],
            },
            "alarms": list(self.alarms),
        }


@dataclass(frozen=True)
class Baseline:
    """`rate`: complaints per active loan in control. `size`: the typical number of active loans."""

    rate: float
    size: float
    periods: int

    @property
    def sigma(self) -> float:
        """Of a period's rate, by Poisson."""
        return math.sqrt(self.rate / self.size) if self.size else 0.0


def baseline_of(periods: Sequence[Period], length: int, limits: Limits) -> Baseline | None:
    """From the first `length` periods; None when they are too few for a judgement.

    It stays as it is however the later periods go: a baseline that learned from an alarm would call trouble normal.
    """
    used = periods[:length]
    if len(used) < limits.baseline:
        return None
    active = sum(one.active for one in used)
    return Baseline(sum(one.count for one in used) / active, active / len(used), len(used))


def deseasoned(periods: Sequence[Period], length: int) -> list[float]:
    """Expected share of each period against an ordinary one (1.0), by its part of the due-date cycle in the baseline.

    Weeks in which many instalments fall due bring more complaints; without this each such week would look like trouble.
    A part seen fewer than twice in the baseline counts as ordinary.
    """
    used = periods[:length]
    total, active = sum(one.count for one in used), sum(one.active for one in used)
    if not total:
        return [1.0] * len(periods)
    factors: dict[int, float] = {}
    for season in {one.season for one in used}:
        those = [one for one in used if one.season == season]
        if len(those) > 1:
            factors[season] = (sum(one.count for one in those) / sum(one.active for one in those)) / (total / active)
    return [max(factors.get(one.season, 1.0), 0.05) for one in periods]
