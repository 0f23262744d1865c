"""The demo borrowers' figures on 23 November 2026, worked out here by plain arithmetic: nothing of `bot` is imported.

Fractions instead of the engine's Decimals, lists instead of its replay; rounding half up to the cent.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import floor

TODAY = date(2026, 11, 23)


def cents(amount: Fraction) -> int:
    return floor(amount + Fraction(1, 2))


def yuan(amount: int) -> str:
    return f"¥{amount // 100:,}.{amount % 100:02d}"


def annuity(principal: int, annual: str, count: int, payment: int | None = None) -> list[tuple[int, int, int]]:
    """(principal, interest, balance) a line, in cents."""
    rate = Fraction(annual) / 12
    growth = (1 + rate) ** count
    each = payment or cents(principal * rate * growth / (growth - 1))
    lines, balance = [], principal
    for number in range(1, count + 1):
        interest = cents(balance * rate)
        part = balance if number == count or each - interest >= balance else each - interest
        balance -= part
        lines.append((part, interest, balance))
        if not balance:
            break
    return lines


def late(line: tuple[int, int, int], annual: str, days: int) -> tuple[int, int]:
    """(penalty, compound) of an instalment unpaid for `days`."""
    rate = Fraction(annual) * Fraction(3, 2) / 360 * days
    return cents(line[0] * rate), cents(line[1] * rate)


LN1001 = annuity(12_000_000, "0.072", 24)
LN1002 = annuity(5_000_000, "0.1495", 24)
LN1004A = annuity(8_000_000, "0.09", 12)
LN1007 = annuity(12_000_000, "0.072", 12)
