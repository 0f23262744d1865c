"""Whether a change is more than chance: the tests of requirements section 6 (golden E02, E04, E05).

Shares: z test, or Fisher's where counts are small, Wilson intervals. Times: Welch and Mann-Whitney. Rates: exact conditional
test of two Poisson counts. Several at once: Holm. Two months compared say that something changed, not why.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy import stats

from bot.errors import BadInput

SIGNIFICANT = 0.05
SMALLEST_CELL = 5  # expected count in a cell below which the z test is not used
FEWEST = 2


@dataclass(frozen=True)
class Effect:
    """`difference` of after and before; `relative` to before (None: before is 0); `low`, `high` its 95 % interval.

    For a rate they are of the ratio.
    """

    measure: str
    before: float
    after: float
    difference: float
    relative: float | None
    low: float
    high: float
    p: float
    test: str
    n: tuple[int, int]


def wilson(good: int, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of a share."""
    if not 0 <= good <= total or total < 1:
        raise BadInput(f"{good} of {total} is no share", code="share")
    found = stats.binomtest(good, total).proportion_ci(confidence, method="wilson")
    return float(found.low), float(found.high)


def shares(measure: str, good: tuple[int, int], totals: tuple[int, int]) -> Effect:
    """Two shares, before and after: pooled z, or Fisher's exact where an expected cell is small."""
    for part, total in zip(good, totals, strict=True):
        wilson(part, total)
    before, after = good[0] / totals[0], good[1] / totals[1]
    pooled = sum(good) / sum(totals)
    spread = math.sqrt(before * (1 - before) / totals[0] + after * (1 - after) / totals[1])
    edge = float(stats.norm.ppf(0.975)) * spread
    smallest = min(total * share for total in totals for share in (pooled, 1 - pooled))
    if smallest < SMALLEST_CELL:
        table = [[part, total - part] for part, total in zip(good, totals, strict=True)]
        p, test = float(stats.fisher_exact(table)[1]), "fisher"
    else:
        z = (after - before) / math.sqrt(pooled * (1 - pooled) * (1 / totals[0] + 1 / totals[1]))
        p, test = 2 * float(stats.norm.sf(abs(z))), "z"
    low, high = after - before - edge, after - before + edge
    return Effect(measure, before, after, after - before, _relative(before, after), low, high, p, test, totals)


def arm_size(before: float, after: float, power: float = 0.8) -> int:
    """How many in each arm show such a change of a share, at 5 %, two-sided."""
    quantiles = stats.norm.ppf(1 - SIGNIFICANT / 2), stats.norm.ppf(power)
    mean = (before + after) / 2
    apart = quantiles[0] * math.sqrt(2 * mean * (1 - mean)) + quantiles[1] * math.sqrt(
        before * (1 - before) + after * (1 - after)
    )
    return math.ceil((apart / (after - before)) ** 2)


def times(measure: str, before: Sequence[float], after: Sequence[float]) -> Effect:
    """Two samples of durations: Welch's t. Raises BadInput with fewer than two each."""
    if min(len(before), len(after)) < FEWEST:
        raise BadInput(f"{measure}: at least {FEWEST} on either side", code="few")
    first, second = sum(before) / len(before), sum(after) / len(after)
    variances = [float(stats.tvar(part)) / len(part) for part in (before, after)]
    if not sum(variances):
        raise BadInput(f"{measure}: all the same, nothing to test", code="few")
    freedom = sum(variances) ** 2 / sum(
        part**2 / (len(given) - 1) for part, given in zip(variances, (before, after), strict=True)
    )
    p = float(stats.ttest_ind(before, after, equal_var=False).pvalue)
    edge = float(stats.t.ppf(0.975, freedom)) * math.sqrt(sum(variances))
    gap = second - first
    return Effect(
        measure,
        first,
        second,
        gap,
        _relative(first, second),
        gap - edge,
        gap + edge,
        p,
        "welch",
        (len(before), len(after)),
    )


def ranks(before: Sequence[float], after: Sequence[float]) -> tuple[float, float]:
    """Mann-Whitney's U and p: the same question without normality."""
    found = stats.mannwhitneyu(before, after, alternative="two-sided")
    return float(found.statistic), float(found.pvalue)


def rates(measure: str, counts: tuple[int, int], exposure: tuple[float, float]) -> Effect:
    """Two Poisson rates: the exact conditional test; interval (Wald, of the logarithm) of the ratio after to before."""
    if min(counts) < 0 or min(exposure) <= 0:
        raise BadInput(f"{measure}: counts and exposure must not be negative", code="rate")
    before, after = (count / size for count, size in zip(counts, exposure, strict=True))
    total = sum(counts)
    p = float(stats.binomtest(counts[1], total, exposure[1] / sum(exposure)).pvalue) if total else 1.0
    low, high = 0.0, math.inf
    if min(counts):
        edge = float(stats.norm.ppf(0.975)) * math.sqrt(1 / counts[0] + 1 / counts[1])
        low, high = after / before * math.exp(-edge), after / before * math.exp(edge)
    return Effect(
        measure,
        before,
        after,
        after - before,
        _relative(before, after),
        low,
        high,
        p,
        "poisson",
        (counts[0], counts[1]),
    )


def holm(values: Mapping[str, float], alpha: float = SIGNIFICANT) -> dict[str, bool]:
    """Which of several p values stand when all are looked at together."""
    told: dict[str, bool] = {}
    standing = True
    for at, (name, p) in enumerate(sorted(values.items(), key=lambda one: one[1])):
        standing = standing and p <= alpha / (len(values) - at)
        told[name] = standing
    return told


def _relative(before: float, after: float) -> float | None:
    return (after - before) / before if before else None
