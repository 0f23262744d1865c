"""The schedules of arrangements beside their golden figures (L10-L14): numbers, due days, interest, limits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from bot.errors import BadInput
from bot.lending.basis import Basis, basis
from bot.lending.carrying import slices
from bot.lending.loan import Instalment
from bot.lending.replanning import deferral, extension, interest_only, level, overdue_split, personal_plan
from bot.lending.wishes import Deferring
from tests.lending import schedules
from tests.lending.loans import cents, dues, lend, pay
from tests.lending.test_schedule import rows, table

ON = date(2026, 7, 15)  # L01 after #6
AFTER = dues(6, date(2026, 11, 10))


def l01() -> Basis:
    loan = lend("120000", "0.072", 12)
    for line in loan.plan[:6]:
        loan = pay(loan, line.total, line.due_on)
    return basis(loan, ON)


def new(plan: tuple[Instalment, ...]) -> tuple[Instalment, ...]:
    return tuple(line for line in plan if line.due_on > ON)


def deferred(how: Deferring) -> tuple[tuple[Instalment, ...], tuple[Instalment, ...]]:
    lines = new(deferral(l01(), 3, how))
    return lines[:3], lines[3:]


def extra(how: Deferring) -> int:
    return sum(line.total for part in deferred(how) for line in part) - sum(
        line.total for line in deferred(Deferring.WAIVED)[1]
    )


def test_deferral_with_interest_only() -> None:
    waits, plan = deferred(Deferring.INTEREST_ONLY)
    assert [line.total for line in waits] == [cents("366.46")] * 3
    assert (plan[0].total, extra(Deferring.INTEREST_ONLY)) == (cents("10394.27"), cents("1099.38"))


def test_deferral_capitalised() -> None:
    waits, plan = deferred(Deferring.CAPITALISED)
    balance = sum(line.principal + line.carried.interest for line in plan)
    assert (balance, [line.total for line in waits]) == (cents("62182.63"), [0, 0, 0])
    assert (plan[0].total, plan[-1].total) == (cents("10582.50"), cents("10582.49"))


def test_deferral_collected_later() -> None:
    _, plan = deferred(Deferring.COLLECTED_LATER)
    undeferred = sum(line.total for line in l01().coming)  # the instalment in force is kept, here and there
    assert plan[0].carried.interest == sum(line.total for line in plan) - undeferred == cents("1099.38")
    assert plan[0].total == cents("11493.66")


def test_deferral_waived() -> None:
    assert (deferred(Deferring.WAIVED)[1][0].total, extra(Deferring.WAIVED)) == (cents("10394.27"), 0)


def test_deferral_keeps_due_days_and_goes_on_counting() -> None:
    for how in Deferring:
        waits, plan = deferred(how)
        assert [(line.number, line.due_on) for line in plan] == list(enumerate(AFTER, start=10))
        assert [line.number for line in waits] == [7, 8, 9]


def test_extension_lowers_the_instalment() -> None:
    plan = new(extension(l01(), 6))
    assert (plan[0].number, plan[0].total, plan[-1].total) == (7, cents("5290.40"), cents("5290.37"))
    assert sum(line.interest for line in plan) == cents("2408.13")
    assert round(100 * (1 - Decimal(plan[0].total) / cents("10394.28")), 2) == Decimal("49.10")


def test_interest_only_period_then_annuity() -> None:
    plan = interest_only(basis(lend("80000", "0.09", 24), date(2026, 1, 15)), 6)
    assert [line.total for line in plan[:6]] == [60_000] * 6
    assert (plan[6].total, plan[-1].total, len(plan)) == (cents("4767.81"), cents("4767.87"), 24)
    assert sum(line.interest for line in plan) == cents("9420.64")
    assert sum(line.interest for line in lend("80000", "0.09", 24).plan) == cents("7714.70")


def test_frozen_total_in_equal_parts() -> None:
    golden = table(schedules.L13)
    assert slices(cents("8436.17"), 6) == [row[0] for row in golden]
    lines = level(cents("8436.17"), Fraction(0), dues(6), 1)
    assert rows(lines) == golden


@pytest.mark.parametrize(
    ("annual", "instalment", "last", "interest"),
    [("0", "1442.39", "1442.20", "0"), ("0.036", "1578.25", "1578.32", "8151.86")],
)
def test_sixty_instalments(annual: str, instalment: str, last: str, interest: str) -> None:
    plan = personal_plan(basis(lend("86543.21", annual, 12), date(2026, 1, 15)), 60, most=60)
    assert (plan[0].total, plan[-1].total) == (cents(instalment), cents(last))
    assert sum(line.interest for line in plan) == cents(interest)


@pytest.mark.parametrize("count", [0, 61])
def test_instalments_beyond_the_limit_are_refused(count: int) -> None:
    late = basis(lend("86543.21", "0.036", 12), date(2026, 3, 20))
    for make in (personal_plan, overdue_split):
        with pytest.raises(BadInput) as refused:
            make(late, count, most=60)
        assert (refused.value.code, refused.value.detail["limit"]) == ("count", 60)


def test_months_that_make_no_sense_are_refused() -> None:
    with pytest.raises(BadInput):
        deferral(l01(), 0, Deferring.WAIVED)
    for months in (0, 6):
        with pytest.raises(BadInput):
            interest_only(l01(), months)


def test_due_days_of_a_month_end_stay_at_month_ends() -> None:
    base = basis(lend("10000", "0.06", 6, on=date(2026, 1, 31), first_due=date(2026, 2, 28)), date(2026, 2, 1))
    plan = extension(base, 3)
    assert [line.due_on.day for line in plan] == [28, 31, 30, 31, 30, 31, 31, 30, 31]
