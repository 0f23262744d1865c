"""Early settlement on any day (L09 and section 2's rules)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bot.errors import BadInput
from bot.lending.loan import DayCount, Loan, Method
from bot.lending.position import position
from bot.lending.settlement import fee_rate, quote_settlement
from tests.lending.loans import cents, lend, pay, pay_instalments

ON = date(2026, 7, 23)


def paid_six() -> Loan:
    return pay_instalments(lend("120000", "0.072", 12), 6)


def test_settlement_charges_interest_for_the_days_used_and_the_fee() -> None:
    quote = quote_settlement(paid_six(), ON, ON)
    assert (quote.principal_not_due, quote.overdue.total) == (cents("61076.64"), 0)
    assert (quote.interest, quote.interest_days, quote.interest_from) == (cents("158.80"), 13, date(2026, 7, 10))
    assert (quote.fee, quote.fee_rate) == (cents("610.77"), Decimal("0.01"))
    assert quote.total == cents("61846.21")
    assert quote.total - quote.fee == cents("61235.44")
    assert quote.interest_saved == cents("1288.99") - cents("158.80")


@pytest.mark.parametrize(
    ("on", "rate"),
    [
        (date(2026, 1, 10), "0.01"),
        (date(2027, 1, 9), "0.01"),
        (date(2027, 1, 10), "0"),  # none from the first anniversary on
        (date(2027, 1, 11), "0"),
    ],
)
def test_fee_ends_with_the_first_anniversary_of_disbursement(on: date, rate: str) -> None:
    assert fee_rate(lend("120000", "0.072", 24), on) == Decimal(rate)


def test_settlement_before_the_first_due_day_counts_from_disbursement() -> None:
    quote = quote_settlement(lend("120000", "0.072", 12), date(2026, 1, 20), date(2026, 1, 20))
    assert (quote.interest_from, quote.interest_days) == (date(2026, 1, 10), 10)
    assert (quote.interest, quote.fee, quote.total) == (24_000, 120_000, 12_144_000)


def test_settlement_on_a_due_day_pays_the_instalment_and_no_broken_period() -> None:
    quote = quote_settlement(lend("120000", "0.072", 12), date(2026, 2, 10), date(2026, 2, 10))
    assert quote.overdue.total == cents("10394.28")
    assert (quote.interest, quote.interest_days, quote.principal_not_due) == (0, 0, cents("110325.72"))


def test_settlement_of_overdue_principal_bears_penalty_instead_of_interest() -> None:
    loan, on = lend("120000", "0.072", 12), date(2026, 2, 20)
    quote = quote_settlement(loan, on, on)
    assert quote.overdue == position(loan, on).overdue
    assert quote.overdue.penalty == round(967_428 * 0.108 * 10 / 360)
    assert quote.interest == round(11_032_572 * 0.072 * 10 / 360)  # on principal not yet due only
    assert quote.fee == round(11_032_572 * 0.01)


def test_settlement_after_maturity_is_what_is_overdue() -> None:
    loan, on = pay_instalments(lend("120000", "0.072", 12), 11), date(2027, 3, 1)
    quote = quote_settlement(loan, on, on)
    assert (quote.principal_not_due, quote.interest, quote.fee) == (0, 0, 0)
    assert quote.total == position(loan, on).overdue.total


@pytest.mark.parametrize(
    ("on", "fee", "days"),
    [
        (date(2026, 4, 11), 7200, 1),
        (date(2026, 5, 9), 7200, 29),  # the whole fee of the running period, whichever its day
        (date(2026, 4, 10), 0, 0),  # a due day: that period's fee is due, the next has not begun
    ],
)
def test_settlement_of_a_flat_loan_costs_the_running_fee(on: date, fee: int, days: int) -> None:
    loan = pay_instalments(lend("12000", None, 12, method=Method.FLAT, flat="0.006"), 3)
    quote = quote_settlement(loan, on, on)
    assert (quote.principal_not_due, quote.interest, quote.interest_days) == (900_000, fee, days)
    assert quote.total == 900_000 + fee + 9_000


def test_settlement_of_a_bullet_loan_counts_from_disbursement() -> None:
    loan = lend("30000", "0.144", 1, method=Method.BULLET, on=date(2026, 3, 10), first_due=date(2026, 6, 10))
    quote = quote_settlement(loan, date(2026, 4, 9), date(2026, 4, 9))
    assert (quote.interest, quote.interest_days, quote.fee) == (36_000, 30, 30_000)
    assert quote.interest_saved == 110_400 - 36_000


def test_settlement_for_a_later_day_takes_what_falls_due_until_then_as_paid() -> None:
    quote = quote_settlement(paid_six(), date(2026, 8, 20), today=ON)
    assert quote.assumed_paid == (7,)
    assert (quote.overdue.total, quote.principal_not_due) == (0, cents("51048.82"))
    assert (quote.interest_from, quote.interest_days) == (date(2026, 8, 10), 10)


def test_settlement_for_a_later_day_in_arrears_takes_nothing_as_paid() -> None:
    loan = pay_instalments(lend("120000", "0.072", 12), 5)
    quote = quote_settlement(loan, date(2026, 8, 20), today=ON)
    assert quote.assumed_paid == ()
    assert quote.overdue == position(loan, date(2026, 8, 20)).overdue
    assert quote.overdue.principal == cents("9968.01") + cents("10027.82")


def test_settlement_for_a_later_day_takes_what_falls_due_today_as_paid() -> None:
    quote = quote_settlement(paid_six(), date(2026, 8, 20), today=date(2026, 8, 10))
    assert (quote.assumed_paid, quote.overdue.total) == ((7,), 0)


def test_settlement_counts_the_broken_period_over_360_whatever_the_contract() -> None:
    loan = lend("50000", "0.108", 6, method=Method.INTEREST_ONLY, day_count=DayCount.ACT_365)
    quote = quote_settlement(loan, date(2026, 1, 30), date(2026, 1, 30))
    assert quote.interest == 5_000_000 * 108 * 20 // 360_000


def test_settlement_is_lowered_by_credit() -> None:
    plain, ahead = paid_six(), pay(paid_six(), 10_000, ON)
    quote = quote_settlement(ahead, ON, ON)
    assert (quote.unapplied, quote.total) == (10_000, quote_settlement(plain, ON, ON).total - 10_000)


def test_settlement_counts_credit_once_when_it_pays_an_instalment_until_then() -> None:
    """The credit lowers what the borrower pays on the due day; it is gone on the day of settlement."""
    plain, ahead, on = paid_six(), pay(paid_six(), 10_000, ON), date(2026, 8, 20)
    assert quote_settlement(ahead, on, ON) == quote_settlement(plain, on, ON)


def test_settlement_asks_for_nothing_when_credit_covers_all() -> None:
    quote = quote_settlement(pay(paid_six(), 10_000_000, ON), ON, ON)
    assert (quote.total, quote.unapplied) == (0, cents("61846.21"))


@pytest.mark.parametrize(
    ("loan", "on", "code"),
    [
        (paid_six(), date(2026, 7, 22), "in_past"),
        (lend("100", "0.01", 3, on=date(2026, 12, 1)), date(2026, 11, 30), "in_past"),
        (pay_instalments(lend("1200", "0.072", 3), 3), ON, "nothing_left"),
    ],
)
def test_settlement_refuses(loan: Loan, on: date, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        quote_settlement(loan, on, today=ON)
    assert refused.value.code == code
