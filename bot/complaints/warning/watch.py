"""All charts and rules over one category's weeks, as the console shows them and tasks are opened from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.complaints.warning.charts import cusum, ewma, u_chart
from bot.complaints.warning.periods import Chart, Limits, Period, baseline_of, deseasoned
from bot.complaints.warning.rules import Alarm, rare, spikes

LATEST = 4  # periods that are judged and never part of a baseline
LONGEST = 52  # periods of a baseline


@dataclass(frozen=True)
class Watch:
    """`frozen`: the baseline ends before the latest periods because an alarm was raised. `enough`: a baseline exists."""

    category: str
    enough: bool
    charts: tuple[Chart, ...]
    alarms: tuple[Alarm, ...]
    baseline: int
    frozen: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "category": self.category,
            "enough": self.enough,
            "baseline": self.baseline,
            "frozen": self.frozen,
            "charts": [chart.as_json() for chart in self.charts],
            "alarms": [vars(alarm) for alarm in self.alarms],
        }


def watch(category: str, periods: Sequence[Period], limits: Limits | None = None, since: str | None = None) -> Watch:
    """Judge a category's periods, the oldest first.

    The baseline is the first periods; it grows only while nothing was alarming, and stays as it is from the first alarm on.

    Args:
        since: the name of the first period after a cause was dealt with; a person starts the baseline anew there.
    """
    limits = limits or Limits()
    used = [one for one in periods if since is None or one.name >= since]
    length = limits.baseline
    charts, found = _judge(category, used, length, limits)
    if charts and not found and len(used) > length + LATEST:
        length = min(len(used) - LATEST, LONGEST)
        charts, found = _judge(category, used, length, limits)
    counts = [one.count for one in used]
    found += [Alarm("spike", category, used[at].name, counts[at], limits.spike_least) for at in spikes(counts, limits)]
    return Watch(category, bool(charts), charts, tuple(found), length if charts else 0, bool(charts and found))


def _judge(category: str, used: Sequence[Period], length: int, limits: Limits) -> tuple[tuple[Chart, ...], list[Alarm]]:
    """Charts against a baseline of that length, and what is alarming after it; nothing when there is too little."""
    base = baseline_of(used, length, limits)
    if base is None or not base.rate:
        return (), []
    factors = deseasoned(used, length)
    charts = tuple(make(used, base, limits, factors) for make in (u_chart, ewma, cusum))
    found = [
        Alarm(chart.kind, category, chart.names[at], chart.points[at], chart.upper[at])
        for chart in charts
        for at in chart.alarms
        if at >= length
        and base.rate * used[at].active * factors[at] >= limits.small  # else the exact tail alone speaks
    ]
    found += [
        Alarm("poisson", category, used[at].name, used[at].count, base.rate * used[at].active * factors[at])
        for at in rare(used, base, limits, factors)
        if at >= length
    ]
    return charts, found
