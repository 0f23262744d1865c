"""Rules beside the charts: exact tail of small counts, spikes, topics never seen, slow handling, people who come again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from scipy.stats import poisson

from bot.complaints.warning.periods import Baseline, Limits, Period


@dataclass(frozen=True)
class Alarm:
    """`rule`: which one. `value` stands above `limit`. `since`: the period in which it began."""

    rule: str
    category: str
    since: str
    value: float
    limit: float


def poisson_tail(count: int, expected: float) -> float:
    """The chance of at least `count` where `expected` is usual."""
    return float(poisson.sf(count - 1, expected)) if count > 0 else 1.0


def rare(
    periods: Sequence[Period], base: Baseline, limits: Limits, factors: Sequence[float] | None = None
) -> list[int]:
    """Positions whose count is rarer than `limits.tail` by the exact Poisson; needed where counts are small."""
    scaled = factors or [1.0] * len(periods)
    return [
        at
        for at, (one, factor) in enumerate(zip(periods, scaled, strict=True))
        if one.count and poisson_tail(one.count, base.rate * one.active * factor) < limits.tail
    ]


def spikes(counts: Sequence[int], limits: Limits) -> list[int]:
    """Positions with at least three times the median of the eight weeks before, and at least five."""
    found = []
    for at in range(limits.spike_weeks, len(counts)):
        usual = median(counts[at - limits.spike_weeks : at])
        if counts[at] >= limits.spike_least and counts[at] >= limits.spike_times * usual:
            found.append(at)
    return found


def new_topics(
    likenesses: Sequence[Sequence[float]], known: Sequence[float], alike: float = 0.85, least: int = 5
) -> list[list[int]]:
    """Groups of this week's complaints that resemble each other and nothing before.

    Args:
        likenesses: of each of this week's with each, square.
        known: of each of this week's, the most it resembles any earlier one.
        least: the fewest of a group.

    Returns:
        Positions of each group, the largest first. Members are linked through others (single linkage).
    """
    fresh = [at for at, most in enumerate(known) if most < alike]
    groups: list[list[int]] = []
    left = set(fresh)
    while left:
        group, edge = [], [min(left)]
        left.discard(edge[0])
        while edge:
            at = edge.pop()
            group.append(at)
            near = sorted(other for other in left if likenesses[at][other] >= alike)
            left -= set(near)
            edge += near
        groups.append(sorted(group))
    return sorted((group for group in groups if len(group) >= least), key=lambda group: (-len(group), group))


def slow(
    days: Sequence[float], usual: Sequence[float], least: int = 5, times: float = 1.5
) -> tuple[float, float] | None:
    """(median now, limit) where this period's cases took so many times as long as usual; None otherwise or when too few."""
    if len(days) < least or len(usual) < least:
        return None
    now, limit = median(days), times * median(usual)
    return (now, limit) if now > limit else None


def repeating(contacts_by_person: Mapping[str, int], least: int = 3) -> dict[str, int]:
    """Who complained that often in the period: somebody is not being heard."""
    return {person: times for person, times in sorted(contacts_by_person.items()) if times >= least}
