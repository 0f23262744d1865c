"""A loan on a day: due, overdue, settled, and every part of every figure."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from bot.lending.calendar import BASIS
from bot.lending.loan import Amount, Component, InstalmentState, Loan, Position, Status
from bot.lending.money import round_cents
from bot.lending.replay import Line, Replay, replay


def position(loan: Loan, on: date) -> Position:
    """Everything owed on `loan` on `on`, in cents. Due from 00:00 of the due day, overdue from the next."""
    state = replay(loan, on)
    instalments = tuple(_state(state, line, on) for line in state.lines)
    late = [line for line in state.due(on) if line.planned.due_on < on]
    overdue = sum((state.owed(line, on) for line in late), Amount()) + Amount(fee=state.fee)
    principal = sum(line.open_principal() for line in state.lines)
    upcoming = [one for one in instalments if not one.is_paid and one.due_on >= on]
    since = min((line.planned.due_on for line in late), default=None)
    if late:
        status = Status.OVERDUE
    elif not principal and not overdue.total and not upcoming:
        status = Status.SETTLED
    elif upcoming and upcoming[0].due_on == on:
        status = Status.DUE_TODAY
    else:
        status = Status.CURRENT
    return Position(
        on=on,
        status=status,
        instalments=instalments,
        overdue=overdue,
        overdue_since=since + timedelta(days=1) if since else None,
        days_overdue=(on - since).days if since else 0,
        penalty_per_day=_per_day(state, late, on),
        due=upcoming[0] if upcoming else None,
        principal=principal,
        interest_to_come=sum(line.open_interest() for line in state.lines if line.planned.due_on > on),
        unapplied=state.credit,
    )


def _state(state: Replay, line: Line, on: date) -> InstalmentState:
    owed, planned = state.owed(line, on), line.planned
    paid_on = line.paid_on if planned.total else planned.due_on  # nothing asked for: nothing to pay
    return InstalmentState(
        number=planned.number,
        due_on=planned.due_on,
        planned=planned.carried + Amount(interest=planned.interest, principal=planned.principal),
        owed=owed,
        paid=Amount(**{component.value: line.paid[component] for component in Component}),
        paid_on=None if owed.total else paid_on,
        days_overdue=(on - planned.due_on).days if planned.due_on < on and owed.total else 0,
        accruals=state.accruals(line, on),
    )


def _per_day(state: Replay, late: list[Line], on: date) -> int:
    """What one more day adds now: all overdue bases times the penalty rate, rounded once."""
    tomorrow = on + timedelta(days=1)
    grown = sum(state.cent_days(line, tomorrow) - state.cent_days(line, on) for line in late)
    return round_cents(Decimal(grown) * state.rate / BASIS[state.loan.product.penalty_day_count])
