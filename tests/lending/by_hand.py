"""The demo loans reckoned a second time, by the shortest Decimal code that does it, importing nothing of `bot`.

Everything is in yuan with two decimals. Written from section 2 of the issue's rules, not from the engine.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, getcontext

getcontext().prec = 40
CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def written(amount: Decimal) -> str:
    return f"¥{cents(amount):,}"


def fifth(year: int, month: int) -> date:
    """The 5th of a month; months may run over."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 5)


def annuity_rows(principal: str, annual: str, count: int) -> list[tuple[Decimal, Decimal, Decimal]]:
    """(principal, interest, balance after) of each instalment."""
    left, rate = Decimal(principal), Decimal(annual) / 12
    each = cents(left * rate * (1 + rate) ** count / ((1 + rate) ** count - 1))
    rows = []
    for number in range(1, count + 1):
        interest = cents(left * rate)
        part = left if number == count else each - interest
        left -= part
        rows.append((part, interest, left))
    return rows


def kept_instalment_rows(left: Decimal, annual: str, each: Decimal) -> list[tuple[Decimal, Decimal, Decimal]]:
    """The same instalment until nothing is left; the last one smaller."""
    rate, rows = Decimal(annual) / 12, []
    while left:
        interest = cents(left * rate)
        part = min(left, each - interest)
        left -= part
        rows.append((part, interest, left))
    return rows


def equal_principal_rows(principal: str, annual: str, count: int) -> list[tuple[Decimal, Decimal, Decimal]]:
    left = Decimal(principal)
    each = (left / count).quantize(CENT, ROUND_DOWN)
    rows = []
    for number in range(1, count + 1):
        interest = cents(left * Decimal(annual) / 12)
        part = left if number == count else each
        left -= part
        rows.append((part, interest, left))
    return rows


def by_days(base: Decimal, annual: str | Decimal, start: date, end: date) -> Decimal:
    """ACT/360, head counted, tail not."""
    return cents(base * Decimal(annual) * (end - start).days / 360)


def late(part: Decimal, interest: Decimal, due: date, on: date, annual: str) -> tuple[Decimal, Decimal]:
    """(penalty, compound interest) of one unpaid instalment at 1.5 times the contract rate."""
    rate = Decimal(annual) * Decimal("1.5")
    return by_days(part, rate, due, on), by_days(interest, rate, due, on)


def kept_principal_rows(left: Decimal, annual: str, each: Decimal) -> list[tuple[Decimal, Decimal, Decimal]]:
    """The same principal part until nothing is left."""
    rows = []
    while left:
        interest, part = cents(left * Decimal(annual) / 12), min(left, each)
        left -= part
        rows.append((part, interest, left))
    return rows
