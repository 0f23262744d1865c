"""What a change of the help policy would do: who must agree and what is offered, over a grid of cases and over the book.

Compared are outcomes, not text: a reformatted file shows no difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import product

from bot.lending.affordability import band, ratio
from bot.lending.authority import Standing, needed
from bot.lending.help_policy import HelpPolicy, Lasting, Situation, Tier
from bot.lending.intake import Answers, assess
from bot.lending.loan import Component, Entry, EntryKind, Loan, Method, Product, Terms
from bot.lending.options import Ground, options
from bot.lending.position import position
from bot.lending.schedule import plan
from bot.lending.wishes import Deferring, Kind, Wish

ON = date(2026, 3, 23)
CAN_PAY = (None, 0, 30, 70, 110)  # percent of the instalment


@dataclass(frozen=True)
class Difference:
    """One case that comes out otherwise."""

    case: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.case}\n  - {self.old or 'nothing'}\n  + {self.new or 'nothing'}"


def compare(old: HelpPolicy, new: HelpPolicy, book: tuple[Loan, ...], on: date, most: int) -> tuple[Difference, ...]:
    """Differences over the case table, then over the loans of `book` on `on`."""
    found = []
    for case, one, other in _cases(old, new, most):
        if one != other:
            found.append(Difference(case, one, other))
    for loan in book:
        one, other = (_of_loan(loan, policy, on, most) for policy in (old, new))
        if one != other:
            found.append(Difference(f"loan {loan.loan_id}", one, other))
    return tuple(found)


def _cases(old: HelpPolicy, new: HelpPolicy, most: int) -> Iterator[tuple[str, str, str]]:
    loan = example()
    for wish, tier, clean in product(_wishes(), Tier, (0, 24)):
        standing = Standing(tier, clean)
        who = [needed(wish, loan, standing, policy, ON).value for policy in (old, new)]
        facts = ", ".join(f"{key} {value}" for key, value in wish.as_json().items() if key != "kind")
        yield f"who agrees: {wish.kind} {facts}; {tier}, {clean} clean months", who[0], who[1]
    for situation, tier, lasting, share in product(Situation, Tier, Lasting, CAN_PAY):
        shown = [_offered(loan, policy, situation, tier, lasting, share, most) for policy in (old, new)]
        said = "budget unknown" if share is None else f"can pay {share} %"
        yield f"offered: {situation}, {tier}, {lasting}, {said}", shown[0], shown[1]


def _wishes() -> Iterator[Wish]:
    for days in (1, 7, 8, 14, 15, 30):
        yield Wish(Kind.GRACE, days=days)
        yield Wish(Kind.PROMISE, cents=1, on=ON + timedelta(days=days))
    for months in (1, 2, 3, 6, 9, 12):
        yield Wish(Kind.DEFERRAL, months=months, how=Deferring.INTEREST_ONLY)
        yield Wish(Kind.DEFERRAL, months=months, how=Deferring.WAIVED)
        yield Wish(Kind.INTEREST_ONLY, months=months)
    for count in (1, 6, 12, 18, 24, 36, 48):
        yield Wish(Kind.EXTENSION, count=count)
        yield Wish(Kind.OVERDUE_SPLIT, count=count)
        yield Wish(Kind.PERSONAL_PLAN, count=count)
    for yuan in (10, 50, 100, 500, 1000, 5000, 10_000):
        yield Wish(Kind.WAIVER, cents=yuan * 100)
    yield Wish(Kind.DUE_DAY, day=20)
    yield Wish(Kind.PENALTY_STOP)


def _offered(
    loan: Loan, policy: HelpPolicy, situation: Situation, tier: Tier, lasting: Lasting, share: int | None, most: int
) -> str:
    can_pay = None if share is None else loan.plan[0].total * share // 100
    found = band(ratio(can_pay, loan.plan[0].total), policy) if can_pay is not None else None
    ground = Ground(situation, Standing(tier, 24), lasting, can_pay, found, due_day=20)
    return _names(loan, ground, policy, ON, most)


def _of_loan(loan: Loan, policy: HelpPolicy, on: date, most: int) -> str:
    """What the holder of a loan would be offered who only says that it is difficult."""
    now = position(loan, on)
    assessed = assess(loan, [now], Answers(), {}, (0, 0), policy, on)
    return f"{assessed.tier}: {_names(loan, assessed.ground, policy, on, most)}"


def _names(loan: Loan, ground: Ground, policy: HelpPolicy, on: date, most: int) -> str:
    return ", ".join(
        f"{one.wish.kind} {one.wish.count or one.wish.months or one.wish.days or ''}".strip() + f" ({one.role})"
        for one in options(loan, ground, policy, on, most)
    )


def example() -> Loan:
    """Twelve instalments, 12 % a year, nothing paid and nothing late."""
    terms = Terms(
        principal=12_000_000,
        method=Method.ANNUITY,
        periods=12,
        disbursed_on=date(2026, 3, 5),
        first_due_on=date(2026, 4, 5),
        annual_rate=Decimal("0.12"),
    )
    lent = Entry(
        1,
        EntryKind.DISBURSE,
        terms.disbursed_on,
        datetime(2026, 3, 5, tzinfo=timezone.utc),
        terms.principal,
        Component.PRINCIPAL,
    )
    return Loan("example", "example", Product("P", "P"), terms, plan(terms), (lent,))
