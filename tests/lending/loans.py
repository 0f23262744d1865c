"""Loans for tests, built in a line: `lend(...)`, then `pay(...)` as often as wanted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timezone
from decimal import Decimal

from bot.lending.allocation import allocate
from bot.lending.calendar import add_months
from bot.lending.loan import Component, DayCount, Entry, EntryKind, Instalment, Loan, Method, Product, Terms
from bot.lending.schedule import plan

PRODUCT = Product("P", "消费贷")


def cents(yuan: str) -> int:
    """Golden figures are written in yuan."""
    return int(Decimal(yuan.replace(",", "").replace("¥", "")) * 100)


def dues(count: int, first: date = date(2026, 2, 10)) -> tuple[date, ...]:
    return tuple(add_months(first, k, first.day) for k in range(count))


def lend(
    principal: str,
    annual: str | None,
    periods: int,
    *,
    method: Method = Method.ANNUITY,
    on: date = date(2026, 1, 10),
    first_due: date | None = None,
    flat: str | None = None,
    day_count: DayCount = DayCount.ACT_360,
    product: Product = PRODUCT,
    loan_id: str = "LN1",
) -> Loan:
    terms = Terms(
        principal=cents(principal),
        method=method,
        periods=periods,
        disbursed_on=on,
        first_due_on=first_due or add_months(on, 1),
        annual_rate=None if annual is None else Decimal(annual),
        flat_monthly_rate=None if flat is None else Decimal(flat),
        day_count=day_count,
    )
    lent = Entry(1, EntryKind.DISBURSE, on, noon(on), terms.principal, Component.PRINCIPAL)
    return Loan(loan_id, "C1", product, terms, plan(terms), (lent,))


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), timezone.utc)


def pay(loan: Loan, amount: int, on: date, payment_id: str | None = None) -> Loan:
    """The loan after a payment of `amount` cents."""
    drafts = allocate(loan, amount, noon(on), on, payment_id or f"P{len(loan.entries)}")
    return replace(loan, entries=(*loan.entries, *drafts))


def pay_instalments(loan: Loan, count: int) -> Loan:
    """The first `count` instalments paid in full on their due days."""
    for line in loan.plan[:count]:
        loan = pay(loan, line.total, line.due_on)
    return loan


def charge_fee(loan: Loan, amount: int, on: date) -> Loan:
    seq = max(entry.seq for entry in loan.entries) + 1
    return replace(loan, entries=(*loan.entries, Entry(seq, EntryKind.CHARGE, on, noon(on), amount, Component.FEE)))


def only(loan: Loan, number: int) -> Loan:
    """The loan with nothing but one instalment: golden cases look at one at a time."""
    line: Instalment = loan.plan[number - 1]
    return replace(loan, plan=(line,))


def applied(loan: Loan, payment_id: str) -> dict[str, int]:
    """What a payment went to, by component, and what is held of it."""
    parts = dict.fromkeys([*(component.value for component in Component), "held"], 0)
    for entry in loan.entries:
        if entry.payment_id == payment_id and entry.kind is EntryKind.PAY and entry.component:
            parts[entry.component.value] -= entry.cents
        elif entry.payment_id == payment_id and entry.kind is EntryKind.HOLD:
            parts["held"] -= entry.cents
    return parts
