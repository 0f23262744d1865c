"""Due and overdue on any day; penalty and compound interest (L07, L07b, L17, L19)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from bot.lending.loan import Accrual, Component, DayCount, Loan, Method, Status
from bot.lending.position import position
from bot.lending.replay import penalty_rate
from tests.lending.loans import PRODUCT, cents, charge_fee, lend, only, pay, pay_instalments

DUE = date(2026, 4, 10)  # of L01's third instalment
ON = date(2026, 5, 17)  # 37 days later


def third(**rules: object) -> Loan:
    """L01's third instalment alone, with a fee of 20.00."""
    product = replace(PRODUCT, **rules)  # type: ignore[arg-type]
    return charge_fee(only(lend("120000", "0.072", 12, product=product), 3), 2000, DUE)


def test_overdue_instalment_carries_its_parts() -> None:
    now = position(third(), ON)
    (state,) = now.instalments
    assert (state.owed.principal, state.owed.interest) == (cents("9790.72"), cents("603.56"))
    assert (state.owed.penalty, state.owed.compound) == (cents("108.68"), cents("6.70"))
    assert now.overdue.fee == 2000
    assert now.overdue.total == now.pay_now.total == cents("10529.66")
    assert (now.status, now.days_overdue, now.overdue_since) == (Status.OVERDUE, 37, date(2026, 4, 11))


def test_overdue_figures_say_why() -> None:
    rate = Decimal("0.108")
    assert penalty_rate(third()) == rate
    assert rate / 360 * 100 == Decimal("0.03")  # % a day
    assert position(third(), ON).instalments[0].accruals == (
        Accrual(Component.PENALTY, 979_072, DUE, ON, 37, rate, cents("108.68")),
        Accrual(Component.COMPOUND, 60_356, DUE, ON, 37, rate, cents("6.70")),
    )


@pytest.mark.parametrize(
    ("rules", "penalty"),
    [
        ({"penalty_factor": Decimal("1.3")}, "94.19"),
        ({"penalty_factor": Decimal("1.5")}, "108.68"),
        ({"penalty_day_count": DayCount.ACT_365}, "107.19"),
        ({"grace_days": 3}, "108.68"),  # beyond the grace days it counts from the due day
        ({"grace_days": 3, "penalty_after_grace": True}, "99.87"),  # or from their end: 34 days
    ],
)
def test_penalty_follows_the_product(rules: dict[str, object], penalty: str) -> None:
    assert position(third(**rules), ON).instalments[0].owed.penalty == cents(penalty)


@pytest.mark.parametrize(
    ("late", "penalty", "compound", "per_day"),
    [
        (0, 0, 0, 0),
        (1, 0, 0, 0),
        (3, 0, 0, 1247),  # the fourth day costs four: round((9790.72 + 603.56) · 10.8 % · 4/360)
        (4, 1175, 72, 312),
    ],
)
def test_grace_days_bear_no_penalty_but_are_days_overdue(late: int, penalty: int, compound: int, per_day: int) -> None:
    now = position(third(grace_days=3), DUE + timedelta(days=late))
    owed = now.instalments[0].owed
    assert (owed.penalty, owed.compound, now.penalty_per_day, now.days_overdue) == (penalty, compound, per_day, late)


def test_grace_days_spare_what_is_paid_within_them() -> None:
    loan = third(grace_days=3)
    loan = pay(loan, 2000 + 60_356 + 500_000, DUE + timedelta(days=3))
    rest = 979_072 - 500_000
    owed = position(loan, ON).instalments[0].owed
    assert (owed.penalty, owed.compound) == (round(rest * 0.108 * 37 / 360), 0)


def test_penalty_is_rounded_once_not_daily() -> None:
    """Ten days of 0.75 cents are 7.5 cents, rounded to 8: neither ten times 1 nor ten times 0."""
    loan = only(lend("25.00", "0.072", 1), 1)
    now = position(loan, loan.plan[0].due_on + timedelta(days=10))
    assert now.instalments[0].owed.penalty == 8
    assert now.penalty_per_day == 1


def test_partial_payment_changes_the_base_from_its_day() -> None:
    loan = pay(third(), cents("5000"), ON)
    (state,) = position(loan, ON).instalments
    assert state.owed.total == state.owed.principal == cents("5529.66")
    (later,) = position(loan, date(2026, 5, 31)).instalments
    assert (later.owed.penalty, later.owed.compound, later.owed.principal) == (cents("23.22"), 0, cents("5529.66"))
    assert [part.cents for part in later.accruals] == [cents("108.68"), cents("23.22"), cents("6.70")]


def test_payment_of_penalty_alone_starts_no_new_rounding() -> None:
    loan = pay(third(), 2000 + 5000, ON)
    assert position(loan, ON).instalments[0].owed.penalty == cents("108.68") - 5000
    later = position(loan, ON + timedelta(days=14)).instalments[0]
    assert later.owed.penalty == cents("149.80") - 5000  # 9790.72 · 10.8 % · 51/360
    assert len(later.accruals) == 2


def test_payment_of_interest_does_not_split_the_penalty_on_principal() -> None:
    loan = pay(third(), 2000 + cents("108.68") + cents("6.70") + 30_000, ON)
    later = position(loan, ON + timedelta(days=14)).instalments[0]
    assert [(part.base, part.days, part.cents) for part in later.accruals] == [
        (979_072, 51, cents("149.80")),
        (60_356, 37, cents("6.70")),
        (30_356, 14, cents("1.27")),
    ]


@pytest.mark.parametrize(
    ("on", "status", "late"),
    [
        (date(2026, 2, 9), Status.CURRENT, 0),
        (date(2026, 2, 10), Status.DUE_TODAY, 0),  # due from 00:00
        (date(2026, 2, 11), Status.OVERDUE, 1),  # overdue from the next day
        (date(2026, 3, 10), Status.OVERDUE, 28),
    ],
)
def test_status_turns_at_midnight(on: date, status: Status, late: int) -> None:
    now = position(lend("120000", "0.072", 12), on)
    assert (now.status, now.days_overdue) == (status, late)


def test_pay_now_is_overdue_items_and_what_falls_due_today() -> None:
    now = position(lend("120000", "0.072", 12), date(2026, 3, 10))
    assert now.due is not None
    assert (now.due.number, now.due.due_on) == (2, now.on)
    assert now.pay_now.total == now.overdue.total + cents("10394.28")
    assert now.overdue.principal == cents("9674.28")
    assert now.interest_to_come == cents("4731.31") - cents("720.00") - cents("661.95")


def test_position_of_a_running_loan() -> None:
    now = position(pay_instalments(lend("120000", "0.072", 12), 6), date(2026, 7, 23))
    assert (now.status, now.overdue.total, now.penalty_per_day, now.unapplied) == (Status.CURRENT, 0, 0, 0)
    assert (now.principal, now.interest_to_come) == (cents("61076.64"), cents("1288.99"))
    assert [state.number for state in now.left] == [7, 8, 9, 10, 11, 12]
    assert now.due is not None
    assert (now.due.number, now.due.owed.total) == (7, cents("10394.28"))
    assert now.instalments[5].paid_on == date(2026, 7, 10)


def test_position_of_a_settled_loan() -> None:
    loan = pay_instalments(lend("12000", None, 12, method=Method.FLAT, flat="0.006"), 12)
    now = position(loan, loan.plan[-1].due_on)
    assert (now.status, now.principal, now.due, now.left) == (Status.SETTLED, 0, None, ())


def test_position_does_not_ask_for_an_instalment_of_nothing() -> None:
    """先息后本 without interest: only the last line asks for anything."""
    now = position(lend("100", "0", 3, method=Method.INTEREST_ONLY), date(2026, 2, 10))
    assert (now.status, [state.number for state in now.left]) == (Status.CURRENT, [3])


@pytest.mark.parametrize(
    ("late", "penalty", "compound", "order", "to_principal"),
    [(90, "264.35", "16.30", None, "4095.79"), (91, "267.29", "16.48", "first", "5000.00")],
)
def test_allocation_switches_at_91_days(
    late: int, penalty: str, compound: str, order: str | None, to_principal: str
) -> None:
    loan, on = third(principal_first_from_dpd=91), DUE + timedelta(days=late)
    owed = position(loan, on).instalments[0].owed
    assert (owed.penalty, owed.compound) == (cents(penalty), cents(compound))
    after = position(pay(loan, 500_000, on), on)
    assert owed.principal - after.instalments[0].owed.principal == cents(to_principal)
    assert (after.overdue.fee == 2000) is (order == "first")
