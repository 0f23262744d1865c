"""The three charts: u-chart, EWMA and CUSUM of weekly rates. One-sided upwards where only a rise is a warning."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bot.complaints.warning.periods import PER, Baseline, Chart, Limits, Period


def u_chart(periods: Sequence[Period], base: Baseline, limits: Limits, factors: Sequence[float] | None = None) -> Chart:
    """Rates with ū ± 3√(ū/nᵢ); the limits move with the active loans. An alarm is a rate above the upper limit.

    Args:
        factors: how much of an ordinary period's complaints each is expected to have (`deseasoned`).
    """
    expected = [base.rate * factor for factor in factors or [1.0] * len(periods)]
    rates = [one.count / one.active for one in periods]
    widths = [limits.sigmas * math.sqrt(u / one.active) for u, one in zip(expected, periods, strict=True)]
    upper = [u + width for u, width in zip(expected, widths, strict=True)]
    return Chart(
        "u",
        tuple(one.name for one in periods),
        tuple(rate * PER for rate in rates),
        tuple(u * PER for u in expected),
        tuple(u * PER for u in upper),
        tuple(max(0.0, u - width) * PER for u, width in zip(expected, widths, strict=True)),
        tuple(at for at, (rate, limit) in enumerate(zip(rates, upper, strict=True)) if rate > limit),
    )


def ewma(periods: Sequence[Period], base: Baseline, limits: Limits, factors: Sequence[float] | None = None) -> Chart:
    """Exponentially weighted rates: small, lasting rises. Limit mu + L·sigma·√(λ/(2-λ)·(1-(1-λ)^2t)), t from 1."""
    weight, value = limits.weight, base.rate
    points, upper = [], []
    for at, rate in enumerate(_adjusted(periods, factors), start=1):
        value = weight * rate + (1 - weight) * value
        spread = math.sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2 * at)))
        points.append(value)
        upper.append(base.rate + limits.width * base.sigma * spread)
    return Chart(
        "ewma",
        tuple(one.name for one in periods),
        tuple(one * PER for one in points),
        (base.rate * PER,) * len(periods),
        tuple(one * PER for one in upper),
        None,
        tuple(at for at, (point, limit) in enumerate(zip(points, upper, strict=True)) if point > limit),
    )


def cusum(periods: Sequence[Period], base: Baseline, limits: Limits, factors: Sequence[float] | None = None) -> Chart:
    """Summed excess in standard deviations: S = max(0, S + z - k), an alarm above h."""
    total, points = 0.0, []
    for rate in _adjusted(periods, factors):
        z = (rate - base.rate) / base.sigma if base.sigma else 0.0
        total = max(0.0, total + z - limits.slack)
        points.append(total)
    return Chart(
        "cusum",
        tuple(one.name for one in periods),
        tuple(points),
        (0.0,) * len(periods),
        (limits.decision,) * len(periods),
        None,
        tuple(at for at, point in enumerate(points) if point > limits.decision),
    )


def _adjusted(periods: Sequence[Period], factors: Sequence[float] | None) -> list[float]:
    """Rates as they would be in an ordinary period of the cycle."""
    return [
        one.count / one.active / factor for one, factor in zip(periods, factors or [1.0] * len(periods), strict=True)
    ]
