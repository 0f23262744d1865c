"""Promises to pay (requirements section 4): what may be promised, and whether it was kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from bot.errors import BadInput
from bot.lending.help_policy import PromiseRules
from bot.lending.loan import Position

OPEN, KEPT, PARTIAL, BROKEN, CANCELLED, SUPERSEDED = "open", "kept", "partial", "broken", "cancelled", "superseded"


def owed_for(now: Position, by: date) -> int:
    """What can be promised by `by`: everything overdue, and what falls due until then."""
    coming = sum(one.owed.total for one in now.instalments if now.on <= one.due_on <= by)
    return now.overdue.total + coming


def check(now: Position, cents: int, by: date) -> None:
    """Whether it makes sense at all; who must agree is `authority.needed`.

    Raises:
        BadInput: `in_past`, `nothing_due`, `not_positive`, `too_much` (with `limit`).
    """
    if by < now.on:
        raise BadInput("the day is in the past", code="in_past")
    limit = owed_for(now, by)
    if not limit:
        raise BadInput("nothing is due by then", code="nothing_due")
    if cents <= 0:
        raise BadInput("the amount must be positive", code="not_positive")
    if cents > limit:
        raise BadInput("more than is due by then", code="too_much", limit=limit)


def judge(
    promised: int, by: date, credited: Iterable[tuple[date, int]], today: date, rules: PromiseRules
) -> tuple[str, int]:
    """The state of a promise and what was credited in its time (from when it was made; the caller filters the start).

    Open until the grace days after `by` have passed, unless it is kept before.
    """
    until = by + timedelta(days=rules.grace_days)
    paid = sum(cents for day, cents in credited if day <= until)
    if paid >= promised:
        return KEPT, paid
    if today <= until:
        return OPEN, paid
    return (PARTIAL if paid >= promised * rules.partial_from else BROKEN), paid
