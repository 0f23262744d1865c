"""What a deferral, an extension or a split would look like (section 2): previews only, nothing is booked.

Rates are annual fractions; `dues` are the due days of the instalments to come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from bot.errors import BadInput
from bot.lending import schedule
from bot.lending.loan import Instalment
from bot.lending.money import round_cents


class Deferring(str, Enum):
    """What becomes of the interest of the months deferred."""

    INTEREST_ONLY = "interest_only"  # paid each month
    CAPITALISED = "capitalised"  # added to the balance each month
    COLLECTED_LATER = "collected_later"  # simple, with the first instalment afterwards
    WAIVED = "waived"


@dataclass(frozen=True)
class Deferral:
    """`months` without principal, then `plan`. `extra_interest` is what the months cost in all."""

    kind: Deferring
    meanwhile: tuple[int, ...]  # cents to pay in each deferred month
    with_first: int  # cents collected on top of the first instalment afterwards
    balance: int  # when instalments go on
    plan: tuple[Instalment, ...]
    extra_interest: int


def deferral(
    kind: Deferring,
    balance: int,
    annual: Decimal,
    months: int,
    dues: Sequence[date],
    instalment: int,
    first: int = 1,
) -> Deferral:
    """Defer an annuity's `balance` by `months`; `dues` are the due days afterwards, `instalment` the one in force.

    Interest collected later goes on top of the instalment in force; otherwise it is computed anew from the balance.

    Raises:
        BadInput: `months`, fewer than one.
    """
    if months < 1:
        raise BadInput("a deferral lasts at least a month", code="months")
    monthly = schedule.monthly_rate(annual)
    each, left = round_cents(balance * monthly), balance
    if kind is Deferring.CAPITALISED:
        for _ in range(months):
            left += round_cents(left * monthly)
    later = kind is Deferring.COLLECTED_LATER
    kept = instalment if later else None
    undeferred = schedule.annuity(balance, monthly, dues, first, payment=kept)
    plan = schedule.annuity(left, monthly, dues, first, payment=kept)
    meanwhile = (each if kind is Deferring.INTEREST_ONLY else 0,) * months
    with_first = each * months if later else 0
    extra = sum(meanwhile) + with_first + _total(plan) - _total(undeferred)
    return Deferral(kind, meanwhile, with_first, left, plan, extra)


def extension(balance: int, annual: Decimal, dues: Sequence[date], first: int = 1) -> tuple[Instalment, ...]:
    """展期: the same balance and rate over more instalments."""
    return schedule.annuity(balance, schedule.monthly_rate(annual), dues, first)


def interest_only_period(balance: int, annual: Decimal, months: int, dues: Sequence[date]) -> tuple[Instalment, ...]:
    """`months` of interest only, then an annuity on the remaining due days.

    Raises:
        BadInput: `months`, none or no instalment left for the principal.
    """
    if not 0 < months < len(dues):
        raise BadInput("the interest-only period must be shorter than the term", code="months")
    monthly = schedule.monthly_rate(annual)
    each = round_cents(balance * monthly)
    waiting = tuple(Instalment(k + 1, due, 0, each, balance) for k, due in enumerate(dues[:months]))
    return waiting + schedule.annuity(balance, monthly, dues[months:], months + 1)


def in_instalments(total: int, annual: Decimal, dues: Sequence[date], most: int) -> tuple[Instalment, ...]:
    """A frozen total in instalments at a zero or agreed rate; `most` is the policy's limit (`bot.lending.caps`).

    Raises:
        BadInput: `count`, none or more than `most`.
    """
    if not 1 <= len(dues) <= most:
        raise BadInput(f"1 to {most} instalments", code="count", limit=most)
    return schedule.annuity(total, schedule.monthly_rate(annual), dues)


def _total(plan: Sequence[Instalment]) -> int:
    return sum(line.total for line in plan)
