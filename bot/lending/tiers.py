"""The tier of a borrower from how the loans were paid, by rules; a later model replaces the inside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.lending.calendar import add_months
from bot.lending.help_policy import HelpPolicy, Tier
from bot.lending.loan import Position


@dataclass(frozen=True)
class Behaviour:
    """How instalments were paid. Nothing else about the person."""

    overdue_now: bool
    most_days_late: int  # in the months looked at
    times_late: int
    last_late_on: date | None  # the last day on which something was late


def behaviour(positions: Iterable[Position], on: date, months: int) -> Behaviour:
    """Looks at instalments that were due, or still open, in the last `months`."""
    since = add_months(on, -months)
    late: list[tuple[int, date]] = []
    overdue = False
    for now in positions:
        overdue = overdue or now.days_overdue > 0
        for one in now.instalments:
            if one.due_on >= on or not one.planned.total:
                continue
            until = min(one.paid_on or on, on)
            days = (until - one.due_on).days
            if days > 0 and until >= since:
                late.append((days, until))
    return Behaviour(overdue, max((d for d, _ in late), default=0), len(late), max((u for _, u in late), default=None))


def tier(seen: Behaviour, debt_to_income: Decimal | None, policy: HelpPolicy) -> Tier:
    """High for anything overdue or long late; low for nothing late and a light load; medium otherwise."""
    if seen.overdue_now or seen.most_days_late >= policy.high_from_days_late:
        return Tier.HIGH
    if seen.times_late == 0 and debt_to_income is not None and debt_to_income < policy.low_max_dti:
        return Tier.LOW
    return Tier.MEDIUM


def clean_months(seen: Behaviour, on: date) -> int:
    """Whole months since something was last late; 0 while it is, many when never."""
    if seen.overdue_now:
        return 0
    if seen.last_late_on is None:
        return 120
    months = 0
    while months < 120 and add_months(seen.last_late_on, months + 1) <= on:
        months += 1
    return months
