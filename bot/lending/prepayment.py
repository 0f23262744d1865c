"""Partial prepayment: a named amount of principal, and both ways the loan can go on.

With B the principal not yet due, X the part prepaid and d the days since the last due day (or disbursement), the
borrower pays on that day: what is due, X, interest on X for the d days it was used, and the fee on X:

    due + X + round(X·annual·d/360) + round(X·fee)

The due days stay. X has paid its way, so the rest B−X bears interest for the whole running period, as if it had
been the balance since the last due day, and is re-run over the due days to come:

    next interest = round((B−X)·r)        r = annual/12; by days for 先息后本 and 一次性还本付息

    a "shorter"  the instalment (等额本金: its principal) stays, the last one takes what is left
    b "lower"    the number stays, the instalment is computed anew from B−X; the last one takes the cents left over

A held credit is not spent on a prepayment: it stays for the next instalment.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from bot.errors import BadInput
from bot.lending import schedule
from bot.lending.calendar import days
from bot.lending.loan import DayCount, Instalment, InstalmentState, Loan, Method
from bot.lending.money import round_cents
from bot.lending.position import position
from bot.lending.quotes import PrepaymentQuote, PrepaymentVariant
from bot.lending.settlement import fee_rate, on_that_day, period_start, principal_not_due


def quote_prepayment(loan: Loan, on: date, principal: int, today: date) -> PrepaymentQuote:
    """Prepay `principal` cents on `on`, asked for on `today`; see `settlement.on_that_day` for what is assumed.

    Raises:
        BadInput: `not_positive`; `too_much` when it is not less than the principal not yet due (`detail["limit"]`);
            `nothing_left` when no principal is left that is not due; `in_past`; `method_not_possible` for 等本等息,
            whose fee does not follow the balance; `arrangement_running` while instalments to come put something off or
            carry something over: a person works that out.
    """
    if principal <= 0:
        raise BadInput("the amount must be positive", code="not_positive")
    loan, assumed = on_that_day(loan, on, today)
    now = position(loan, on)
    not_due = principal_not_due(now)
    if not not_due:
        raise BadInput("nothing is left to prepay", code="nothing_left")
    if loan.terms.method is Method.FLAT:
        raise BadInput("a flat loan is settled in full or not at all", code="method_not_possible")
    if not _plain(loan, on):
        raise BadInput("the plan puts off or carries over", code="arrangement_running")
    if principal >= not_due:
        raise BadInput("that is all of it: settle instead", code="too_much", limit=not_due)
    since, annual = period_start(loan, on), loan.terms.annual_rate or Decimal(0)
    interest = schedule.interest_by_days(principal, annual, days(since, on), DayCount.ACT_360)
    rate = fee_rate(loan, on)
    fee = round_cents(principal * rate)
    coming = [one for one in now.instalments if one.due_on > on]
    return PrepaymentQuote(
        on=on,
        overdue=now.pay_now,
        principal=principal,
        interest=interest,
        interest_days=days(since, on),
        fee=fee,
        fee_rate=rate,
        total=now.pay_now.total + principal + interest + fee,
        variants=tuple(
            _variant(kind, plan, now.interest_to_come - interest)
            for kind, plan in _plans(loan, not_due - principal, coming, since)
        ),
        assumed_paid=assumed,
        interest_rate=annual,
        interest_from=since,
    )


def _plain(loan: Loan, on: date) -> bool:
    """Whether the instalments to come are such as the method itself makes."""
    if loan.terms.method is Method.INTEREST_ONLY:
        return not any(line.carried.total or not line.total for line in loan.plan if line.due_on > on)
    coming = [line for line in loan.plan if line.due_on > on]
    return all(line.principal and not line.carried.total for line in coming)


def _plans(
    loan: Loan, left: int, coming: list[InstalmentState], since: date
) -> list[tuple[str, tuple[Instalment, ...]]]:
    terms, annual = loan.terms, loan.terms.annual_rate or Decimal(0)
    dues, first, monthly = [one.due_on for one in coming], coming[0].number, schedule.monthly_rate(annual)
    if terms.method is Method.ANNUITY:
        same = coming[0].planned.total
        return [
            ("shorter", schedule.annuity(left, monthly, dues, first, payment=same)),
            ("lower", schedule.annuity(left, monthly, dues, first)),
        ]
    if terms.method is Method.EQUAL_PRINCIPAL:
        each = coming[0].planned.principal
        return [
            ("shorter", schedule.equal_principal(left, monthly, dues, first, part=each)),
            ("lower", schedule.equal_principal(left, monthly, dues, first)),
        ]
    return [("lower", schedule.interest_only(left, annual, since, dues, terms.day_count, first))]


def _variant(kind: str, plan: tuple[Instalment, ...], planned: int) -> PrepaymentVariant:
    interest = sum(line.interest for line in plan)
    return PrepaymentVariant(kind, plan, plan[0].total, plan[-1].total, len(plan), interest, planned - interest)
