"""The five methods against the worked examples of requirements section 2 (L01–L05, L15, L18)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import pytest

from bot.errors import BadInput
from bot.lending.loan import DayCount, Instalment, Loan, Method
from bot.lending.schedule import annuity, monthly_rate
from tests.lending import schedules
from tests.lending.loans import cents, dues, lend

FLAT, PRINCIPAL, ONLY, BULLET = Method.FLAT, Method.EQUAL_PRINCIPAL, Method.INTEREST_ONLY, Method.BULLET


def rows(plan: Iterable[Instalment]) -> list[list[int]]:
    return [[line.total, line.principal, line.interest, line.balance] for line in plan]


def table(text: str) -> list[list[int]]:
    return [[cents(cell) for cell in row.split()] for row in text.strip().splitlines()]


@pytest.mark.parametrize(
    ("loan", "expected"),
    [
        pytest.param(lend("120000", "0.072", 12), schedules.L01, id="L01"),
        pytest.param(lend("50000", "0.1495", 24), schedules.L01B, id="L01b"),
        pytest.param(lend("100", "0", 3), schedules.L01C, id="L01c"),
        pytest.param(lend("100000", "0.06", 36, method=PRINCIPAL), schedules.L02, id="L02"),
        pytest.param(lend("12000", None, 12, method=FLAT, flat="0.006"), schedules.L05, id="L05"),
        pytest.param(lend("10000", None, 12, method=FLAT, flat="0.006"), schedules.L05B, id="L05b"),
    ],
)
def test_plan_equals_the_worked_schedule(loan: Loan, expected: str) -> None:
    assert rows(loan.plan) == table(expected)


@pytest.mark.parametrize(
    ("count", "expected", "total"),
    [
        (DayCount.ACT_360, schedules.L03_ACT_360, "2715.00"),
        (DayCount.ACT_365, schedules.L03_ACT_365, "2677.82"),
        (DayCount.E30_360, schedules.L03_30_360, "2700.00"),
    ],
)
def test_interest_only_counts_days_and_clips_due_days(count: DayCount, expected: str, total: str) -> None:
    lent = date(2026, 1, 31)
    plan = lend("50000", "0.108", 6, method=ONLY, on=lent, day_count=count).plan
    assert [f"{line.due_on} {line.days}" for line in plan] == [
        " ".join(row.split()[:2]) for row in expected.strip().splitlines()
    ]
    assert rows(plan) == [[cents(cell) for cell in row.split()[2:]] for row in expected.strip().splitlines()]
    assert sum(line.interest for line in plan) == cents(total)


@pytest.mark.parametrize(
    ("count", "days", "interest"),
    [(DayCount.ACT_360, 92, "1104.00"), (DayCount.ACT_365, 92, "1088.88"), (DayCount.E30_360, 90, "1080.00")],
)
def test_bullet_is_one_sum_with_interest_by_days(count: DayCount, days: int, interest: str) -> None:
    lent, due = date(2026, 3, 10), date(2026, 6, 10)
    (line,) = lend("30000", "0.144", 1, method=BULLET, on=lent, first_due=due, day_count=count).plan
    assert (line.due_on, line.days, line.interest) == (due, days, cents(interest))
    assert line.total == cents("30000") + cents(interest)


@pytest.mark.parametrize(
    ("principal", "annual", "count", "instalment", "last", "interest"),
    [
        ("120000", "0.072", 12, "10394.28", "10394.23", "4731.31"),
        ("50000", "0.1495", 24, "2423.14", "2423.28", "8155.50"),
        ("1000000", "0.031", 360, "4270.16", "4272.59", "537260.03"),  # L18: the last line absorbs 30 years of cents
    ],
)
def test_annuity_totals(principal: str, annual: str, count: int, instalment: str, last: str, interest: str) -> None:
    plan = lend(principal, annual, count).plan
    assert {line.total for line in plan[:-1]} == {cents(instalment)}
    assert plan[-1].total == cents(last)
    assert sum(line.interest for line in plan) == cents(interest)


def test_annuity_interest_is_exact_where_decimals_have_no_end() -> None:
    """6.00 at 7 %/12 is 3.5 cents exactly; a twelfth cut off after 28 digits makes it 3."""
    assert annuity(600, monthly_rate(Decimal("0.07")), dues(1))[0].interest == 4


def test_flat_parts_are_rounded_down() -> None:
    plan = lend("20000", None, 12, method=FLAT, flat="0.006").plan
    assert {line.principal for line in plan[:-1]} == {cents("1666.66")}
    assert plan[-1].principal == cents("1666.74")


@pytest.mark.parametrize(
    "terms",
    [
        {"principal": "0", "annual": "0.07", "periods": 12},
        {"principal": "100", "annual": "0.07", "periods": 0},
        {"principal": "100", "annual": None, "periods": 12},
        {"principal": "100", "annual": "-0.01", "periods": 12},
        {"principal": "100", "annual": "0.07", "periods": 12, "first_due": date(2026, 1, 10)},
        {"principal": "100", "annual": None, "periods": 12, "method": FLAT},
        {"principal": "100", "annual": "0.07", "periods": 2, "method": BULLET},
    ],
)
def test_plan_refuses_terms_that_make_no_plan(terms: dict[str, object]) -> None:
    with pytest.raises(BadInput) as refused:
        lend(**terms)  # type: ignore[arg-type]
    assert refused.value.code == "terms"
