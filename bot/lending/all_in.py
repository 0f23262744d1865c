"""All-in annual rates of an arrangement (section 2): what is owed on the day against everything paid after it.

Shown as 12 × the monthly internal rate of return (单利). Flows at whole months from the day are discounted by months; any
others by days, and the dated rate is turned into its monthly equivalent. A rate is not money: it is found in floating point
by pyxirr and compared and shown at two decimals of a percent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pyxirr

from bot.errors import BadInput
from bot.lending.calendar import add_months

DIGITS = Decimal("0.00000001")


def all_in_rate(on: date, inflow: int, outflows: Sequence[tuple[date, int]]) -> Decimal:
    """The simple annual rate (a fraction) of receiving `inflow` cents on `on` and paying `outflows`.

    What is paid on `on` itself lowers the inflow. Zero where nothing is left to finance.

    Raises:
        BadInput: `flows`, where no rate exists.
    """
    at_once = sum(cents for day, cents in outflows if day <= on)
    later = sorted((day, cents) for day, cents in outflows if day > on and cents)
    lent = inflow - at_once
    if lent <= 0 or not later:
        return Decimal(0)
    monthly = _by_months(on, lent, later)
    if monthly is None:
        yearly = pyxirr.xirr([on, *(day for day, _ in later)], [-lent, *(cents for _, cents in later)])
        monthly = None if yearly is None else (1 + yearly) ** (1 / 12) - 1
    if monthly is None:
        raise BadInput("these flows have no rate", code="flows")
    return (Decimal(repr(monthly)) * 12).quantize(DIGITS)


def _by_months(on: date, lent: int, later: Sequence[tuple[date, int]]) -> float | None:
    """The monthly rate where every flow lies a whole number of months after `on`; None where one does not."""
    flows: dict[int, int] = {}
    for day, cents in later:
        months = (day.year - on.year) * 12 + day.month - on.month
        if add_months(on, months) != day:
            return None
        flows[months] = flows.get(months, 0) + cents
    rate: float | None = pyxirr.irr([-lent, *(flows.get(k, 0) for k in range(1, max(flows) + 1))])
    return rate
