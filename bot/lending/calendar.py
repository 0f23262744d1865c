"""Business dates: due days, day counts, months. The head day counts, the tail day does not (算头不算尾)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from bot.lending.loan import DayCount

BASIS = {DayCount.ACT_360: 360, DayCount.ACT_365: 365, DayCount.E30_360: 360}


def add_months(day: date, months: int, anchor: int | None = None) -> date:
    """`day` moved by months; the day of the month is `anchor` (default: its own), clipped to the month's end."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    wanted = anchor or day.day
    return date(year, month0 + 1, min(wanted, monthrange(year, month0 + 1)[1]))


def due_dates(first_due_on: date, count: int, anchor: int | None = None) -> tuple[date, ...]:
    """The due days of `count` monthly instalments, each clipped from the first one's day (or `anchor`)."""
    wanted = anchor or first_due_on.day
    return tuple(add_months(first_due_on, k, wanted) for k in range(count))


def days(start: date, end: date, count: DayCount = DayCount.ACT_360) -> int:
    """Days of interest from `start` (counted) to `end` (not counted) under a day count."""
    if count is DayCount.E30_360:
        return (end.year - start.year) * 360 + (end.month - start.month) * 30 + min(end.day, 30) - min(start.day, 30)
    return (end - start).days


def next_day_of_month(day: int, today: date) -> date | None:
    """The next date with that day of the month, today included; None where no month has it (0, 32)."""
    if not 1 <= day <= 31:
        return None
    for ahead in range(0, 4):
        month = add_months(today.replace(day=1), ahead)
        if day <= monthrange(month.year, month.month)[1] and month.replace(day=day) >= today:
            return month.replace(day=day)
    return None
