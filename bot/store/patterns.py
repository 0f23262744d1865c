"""Loans of the synthetic book, computed once by the real engine and stamped out for many borrowers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from bot.lending.allocation import allocate
from bot.lending.calendar import add_months
from bot.lending.loan import Component, Entry, EntryKind, Loan, Method, Product, Terms
from bot.lending.money import parse_yuan
from bot.lending.position import position
from bot.lending.schedule import plan

PAID_AT = time(12, 0)


@dataclass(frozen=True)
class Pattern:
    """A loan whose ids are yet to be filled in: `loan` with payment ids "1", "2", …; `payments` (id, cents, moment)."""

    loan: Loan
    payments: tuple[tuple[str, int, datetime], ...]


def draw(
    book: Mapping[str, Any], products: Mapping[str, Product], random: Random, today: date, zone: ZoneInfo, count: int
) -> tuple[Pattern, ...]:
    """`count` patterns with terms, age and habits of payment drawn from the book."""
    weights = [habit["weight"] for habit in book["habits"]]
    return tuple(
        _pattern(
            random.choice(book["terms"]),
            products,
            random.choices(book["habits"], weights)[0],
            random.choice(book["due_days"]),
            random,
            today,
            zone,
        )
        for _ in range(count)
    )


def _pattern(
    kind: Mapping[str, Any],
    products: Mapping[str, Product],
    habit: Mapping[str, Any],
    due_day: int,
    random: Random,
    today: date,
    zone: ZoneInfo,
) -> Pattern:
    periods = random.choice(kind["periods"])
    lent_on = add_months(today.replace(day=due_day), -random.randint(1, periods + 2))
    terms = Terms(
        principal=parse_yuan(random.choice(kind["principal"])),
        method=Method(kind["method"]),
        periods=periods,
        disbursed_on=lent_on,
        first_due_on=add_months(lent_on, 1),
        annual_rate=Decimal(kind["annual"]) if "annual" in kind else None,
        flat_monthly_rate=Decimal(kind["flat"]) if "flat" in kind else None,
    )
    lent = Entry(1, EntryKind.DISBURSE, lent_on, _noon(lent_on, zone), terms.principal, Component.PRINCIPAL)
    loan = Loan("", "", products[kind["product"]], terms, plan(terms), (lent,))
    return _paid(loan, habit, today, zone)


def _paid(loan: Loan, habit: Mapping[str, Any], today: date, zone: ZoneInfo) -> Pattern:
    made: list[tuple[str, int, datetime]] = []

    def pay(day: date, cents: int) -> None:
        nonlocal loan
        if day >= today or cents <= 0:
            return
        key, at = str(len(made) + 1), _noon(day, zone)
        loan = replace(loan, entries=(*loan.entries, *allocate(loan, cents, at, day, key)))
        made.append((key, cents, at))

    due = [line for line in loan.plan if line.due_on + timedelta(days=habit["late"]) < today]
    kept = len(due) - habit.get("open", 0)
    for line in due[: max(0, kept)]:
        day = line.due_on + timedelta(days=habit["late"])
        pay(day, position(loan, day).pay_now.total)
    if habit.get("half") and 0 <= kept < len(due):
        pay(due[kept].due_on, due[kept].total // 2)
    if habit.get("ahead") and made and len(due) < len(loan.plan):
        pay(today - timedelta(days=1), loan.plan[len(due)].total)
    return Pattern(loan, tuple(made))


def _noon(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, PAID_AT, zone).astimezone(timezone.utc)
