"""All-in annual rates of equal monthly flows: 12·IRR (单利) and (1+IRR)^12−1. Pure Decimal, no float."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext

from bot.errors import BadInput

STEPS = 200  # halvings of the search interval: far below any digit shown


def monthly_irr(flows: Sequence[int]) -> Decimal:
    """The monthly rate at which the flows (cents, one a month, one change of sign) are worth nothing.

    Raises:
        BadInput: no change of sign, or a rate outside (−99 %, 1000 %) a month.
    """
    if not flows or min(flows) >= 0 or max(flows) <= 0:
        raise BadInput("flows need both signs", code="flows")
    with localcontext() as context:
        context.prec = 50
        low, high = Decimal("-0.99"), Decimal(10)
        rising = _worth(flows, low) < _worth(flows, high)
        if (_worth(flows, low) > 0) == (_worth(flows, high) > 0):
            raise BadInput("no rate in range", code="flows")
        for _ in range(STEPS):
            middle = (low + high) / 2
            if (_worth(flows, middle) < 0) == rising:
                low = middle
            else:
                high = middle
        return +low


def apr(flows: Sequence[int]) -> tuple[Decimal, Decimal]:
    """(simple, compound) annual rate of monthly flows, as fractions."""
    rate = monthly_irr(flows)
    with localcontext() as context:
        context.prec = 50
        return rate * 12, (1 + rate) ** 12 - 1


def annual_of_daily(daily: Decimal, basis: int) -> tuple[Decimal, Decimal]:
    """(simple, compound) annual rate of a daily one: daily·basis and (1+daily)^basis−1."""
    with localcontext() as context:
        context.prec = 50
        return daily * basis, (1 + daily) ** basis - 1


def _worth(flows: Sequence[int], rate: Decimal) -> Decimal:
    total, factor = Decimal(0), 1 / (1 + rate)
    for flow in reversed(flows):
        total = total * factor + flow
    return total
