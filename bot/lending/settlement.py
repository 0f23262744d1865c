"""What settles a loan in full on a day.

Due items come first; principal not yet due bears contract interest ACT/360 from the last due day (民法典 677:
only for the days it was used); overdue principal bears penalty instead of it; the fee is a share of principal
not yet due. 等本等息 costs the running period's whole fee. A credit held for the borrower lowers the total.
"""

from __future__ import annotations

from dataclasses import replace as copy
from datetime import date, datetime, timezone
from decimal import Decimal

from bot.errors import BadInput
from bot.lending.calendar import add_months, days
from bot.lending.loan import NOTHING, Amount, Component, DayCount, Entry, EntryKind, Loan, Method, Position, Status
from bot.lending.money import round_cents
from bot.lending.position import position
from bot.lending.quotes import SettlementQuote
from bot.lending.schedule import interest_by_days


def quote_settlement(loan: Loan, on: date, today: date) -> SettlementQuote:
    """The amount that settles `loan` on `on`, asked for on `today`; see `on_that_day` for what is taken for granted.

    Raises:
        BadInput: `in_past` when `on` is before `today` or disbursement, `nothing_left` for a settled loan.
    """
    loan, assumed = on_that_day(loan, on, today)
    now = position(loan, on)
    if now.status is Status.SETTLED:
        raise BadInput("nothing is left to settle", code="nothing_left")
    not_due, since = principal_not_due(now), period_start(loan, on)
    carried = carried_not_due(loan, on)
    annual = loan.terms.annual_rate or Decimal(0)
    if loan.terms.method is Method.FLAT:
        interest = running_fee(now, since)
    else:
        interest = interest_by_days(not_due, annual, days(since, on), DayCount.ACT_360)
    rate = fee_rate(loan, on)
    fee = round_cents(not_due * rate)
    gross = now.pay_now.total + not_due + carried.total + interest + fee
    credit = min(now.unapplied, gross)
    return SettlementQuote(
        on=on,
        overdue=now.pay_now,
        principal_not_due=not_due,
        interest=interest,
        interest_from=since,
        interest_days=days(since, on),
        fee=fee,
        fee_rate=rate,
        unapplied=credit,
        total=gross - credit,
        interest_saved=now.interest_to_come - carried.interest - interest,
        assumed_paid=assumed,
        interest_rate=annual,
        carried=carried,
    )


def owed_in_all(loan: Loan, on: date) -> int:
    """What settles the loan on the day, without the fee for paying early and before a credit held is used."""
    quote = quote_settlement(loan, on, on)
    return quote.total + quote.unapplied - quote.fee


def on_that_day(loan: Loan, on: date, today: date) -> tuple[Loan, tuple[int, ...]]:
    """The loan as it will stand on `on`, and the numbers of the instalments taken as paid on their days until then.

    A borrower who is up to date today is expected to pay what falls due before `on` (a held credit helps). For one in
    arrears nothing is assumed, since a payment would go to the oldest instalment: all is owed by then, with penalty.

    Raises:
        BadInput: `in_past`.
    """
    if on < max(today, loan.terms.disbursed_on):
        raise BadInput("the day is in the past", code="in_past")
    if position(loan, today).days_overdue:
        return loan, ()
    assumed = []
    for index, line in enumerate(loan.plan):
        if not today <= line.due_on < on:
            continue
        open_then = position(loan, line.due_on).instalments[index]
        if not open_then.is_paid:
            owed = ((Component.INTEREST, open_then.owed.interest), (Component.PRINCIPAL, open_then.owed.principal))
            loan = copy(loan, entries=(*loan.entries, *_assumed(loan, line.number, line.due_on, owed)))
            assumed.append(line.number)
    return loan, tuple(assumed)


def _assumed(loan: Loan, number: int, due: date, owed: tuple[tuple[Component, int], ...]) -> tuple[Entry, ...]:
    seq = loan.last_seq + 1
    at = datetime(due.year, due.month, due.day, tzinfo=timezone.utc)
    return tuple(
        Entry(seq + index, EntryKind.PAY, due, at, -cents, component, number, "assumed")
        for index, (component, cents) in enumerate(owed)
        if cents
    )


def principal_not_due(now: Position) -> int:
    """Principal of instalments due after the day of `now`."""
    return sum(one.owed.principal for one in now.instalments if one.due_on > now.on)


def carried_not_due(loan: Loan, on: date) -> Amount:
    """What an arrangement brought over into instalments due after `on`: owed whenever the loan ends.

    Interest put off for months that are still running is not among it: the running interest counts those days.
    """
    coming = [line for line in loan.plan if line.due_on > on]
    carried = sum((line.carried for line in coming), NOTHING)
    return copy(carried, interest=0) if putting_off(loan, on) else carried


def period_start(loan: Loan, on: date) -> date:
    """Where the running interest begins: the last due day on or before `on`, disbursement before the first.

    Months that an arrangement puts off (their instalments ask for nothing) run on until the last of them has passed.
    """
    past = [line for line in loan.plan if line.due_on <= on]
    if putting_off(loan, on):
        past = [line for line in past if line.total]
    return max((line.due_on for line in past), default=loan.terms.disbursed_on)


def putting_off(loan: Loan, on: date) -> bool:
    """Whether `on` lies in months put off whose interest is collected afterwards."""
    coming = [line for line in loan.plan if line.due_on > on]
    return bool(coming) and not coming[0].total and any(line.carried.interest for line in coming)


def running_fee(now: Position, since: date) -> int:
    """The whole fee of the running period; none on a due day itself, when one has just ended and its fee is due."""
    if since == now.on:
        return 0
    coming = [one for one in now.instalments if one.due_on > now.on]
    return coming[0].owed.interest if coming else 0


def fee_rate(loan: Loan, on: date) -> Decimal:
    """The product's prepayment fee on `on`: the first step whose months have not passed since disbursement."""
    for step in sorted(loan.product.prepay_fee, key=lambda one: one.months):
        if on < add_months(loan.terms.disbursed_on, step.months):
            return step.rate
    return Decimal(0)
