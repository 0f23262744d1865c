"""Partial prepayment, both variants (L08), on a due day and in mid-period."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bot.errors import BadInput
from bot.lending.loan import DayCount, Loan, Method
from bot.lending.prepayment import quote_prepayment
from tests.lending import schedules
from tests.lending.loans import cents, lend, pay, pay_instalments
from tests.lending.test_schedule import rows, table

DUE = date(2026, 7, 10)  # of L01's sixth instalment
MID = date(2026, 7, 23)
X = cents("30000")


def paid_six() -> Loan:
    return pay_instalments(lend("120000", "0.072", 12), 6)


def test_prepayment_after_a_due_day_keeps_the_instalment_or_the_number() -> None:
    quote = quote_prepayment(paid_six(), DUE, X, DUE)
    assert (quote.fee, quote.fee_rate, quote.interest, quote.total) == (30_000, Decimal("0.01"), 0, X + 30_000)
    shorter, lower = quote.variants
    assert (shorter.kind, lower.kind) == ("shorter", "lower")
    assert rows(shorter.plan) == table(schedules.L08_SHORTER)
    assert rows(lower.plan) == table(schedules.L08_LOWER)
    assert (shorter.count, shorter.last, shorter.interest) == (4, cents("270.68"), cents("376.88"))
    assert (lower.count, lower.instalment, lower.last) == (6, cents("5288.75"), cents("5288.76"))
    assert (shorter.interest_saved, lower.interest_saved) == (cents("912.11"), cents("633.12"))


def test_prepayment_keeps_due_days_and_numbers() -> None:
    loan = paid_six()
    for variant in quote_prepayment(loan, MID, X, MID).variants:
        expected = [(line.number, line.due_on) for line in loan.plan[6 : 6 + variant.count]]
        assert [(line.number, line.due_on) for line in variant.plan] == expected


def test_prepayment_in_mid_period_pays_interest_on_the_part_for_its_days() -> None:
    """13 days on 30,000 at 7.2 %: 78.00; the rest bears the whole running period."""
    quote = quote_prepayment(paid_six(), MID, X, MID)
    assert (quote.interest, quote.interest_days, quote.interest_from) == (7_800, 13, DUE)
    assert quote.total == X + 7_800 + 30_000
    for variant, saved in zip(quote.variants, ("912.11", "633.12"), strict=True):
        assert variant.plan[0].interest == cents("186.46")  # round(31,076.64 · 0.6 %)
        assert variant.interest_saved == cents(saved) - 7_800


def test_prepayment_of_equal_principal_keeps_the_part_or_the_number() -> None:
    loan = pay_instalments(lend("100000", "0.06", 36, method=Method.EQUAL_PRINCIPAL), 12)
    on = loan.plan[11].due_on
    quote = quote_prepayment(loan, on, cents("20000"), on)
    shorter, lower = quote.variants
    assert quote.fee == 0  # the first anniversary
    assert {line.principal for line in shorter.plan[:-1]} == {277_777}
    assert (shorter.count, lower.count) == (17, 24)
    assert {line.principal for line in lower.plan[:-1]} == {cents("46666.76") // 24}
    assert (
        sum(line.principal for line in shorter.plan) == sum(line.principal for line in lower.plan) == cents("46666.76")
    )


def test_prepayment_of_interest_only_lowers_the_interest_to_come() -> None:
    loan = pay_instalments(lend("50000", "0.108", 6, method=Method.INTEREST_ONLY), 3)  # next: 10 May, 30 days
    quote = quote_prepayment(loan, date(2026, 4, 20), cents("10000"), date(2026, 4, 20))
    (lower,) = quote.variants
    assert (quote.interest, quote.interest_days) == (3_000, 10)
    assert [line.interest for line in lower.plan] == [36_000, 37_200, 36_000]
    assert lower.plan[-1].principal == cents("40000")
    assert lower.interest_saved == 45_000 + 46_500 + 45_000 - 36_000 - 37_200 - 36_000 - 3_000


def test_prepayment_counts_the_broken_period_over_360_whatever_the_contract() -> None:
    loan = lend("50000", "0.108", 6, method=Method.INTEREST_ONLY, day_count=DayCount.ACT_365)
    quote = quote_prepayment(loan, date(2026, 1, 30), cents("10000"), date(2026, 1, 30))
    assert quote.interest == 6_000
    assert quote.variants[0].plan[0].interest == round(4_000_000 * 0.108 * 31 / 365)  # the rest by its contract


def test_prepayment_pays_overdue_items_first() -> None:
    loan = pay_instalments(lend("120000", "0.072", 12), 5)
    quote = quote_prepayment(loan, MID, X, MID)
    assert quote.overdue.principal == cents("9968.01")
    assert quote.overdue.penalty == round(996_801 * 0.108 * 13 / 360)
    assert quote.total == quote.overdue.total + X + 7_800 + 30_000


def test_prepayment_leaves_credit_for_the_next_instalment() -> None:
    assert quote_prepayment(pay(paid_six(), 500, MID), MID, X, MID) == quote_prepayment(paid_six(), MID, X, MID)


def test_prepayment_for_a_later_day_takes_what_falls_due_until_then_as_paid() -> None:
    quote = quote_prepayment(paid_six(), date(2026, 8, 20), X, today=MID)
    assert (quote.assumed_paid, quote.overdue.total, quote.interest_days) == ((7,), 0, 10)
    assert quote.variants[1].plan[0].interest == round((5_104_882 - X) * 0.006)
    assert quote.variants[1].count == 5


FLAT = pay_instalments(lend("12000", None, 12, method=Method.FLAT, flat="0.006"), 6)


@pytest.mark.parametrize(
    ("loan", "on", "amount", "code"),
    [
        (paid_six(), MID, 0, "not_positive"),
        (paid_six(), MID, -100, "not_positive"),
        (paid_six(), MID, cents("61076.64"), "too_much"),
        (paid_six(), MID, 10**15, "too_much"),
        (paid_six(), date(2026, 7, 22), X, "in_past"),
        (FLAT, MID, 100, "method_not_possible"),
        (pay_instalments(lend("1200", "0.072", 3), 3), MID, 100, "nothing_left"),
        (lend("1200", "0.072", 3), MID, 100, "nothing_left"),  # all of it overdue: nothing left to prepay
    ],
)
def test_prepayment_refuses(loan: Loan, on: date, amount: int, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        quote_prepayment(loan, on, amount, today=MID)
    assert refused.value.code == code


def test_prepayment_says_the_most_that_is_possible() -> None:
    with pytest.raises(BadInput) as refused:
        quote_prepayment(paid_six(), MID, 10**15, MID)
    assert refused.value.detail["limit"] == cents("61076.64")
    assert quote_prepayment(paid_six(), MID, cents("61076.63"), MID).variants[0].count == 1
