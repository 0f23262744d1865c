"""The demo borrowers' loans: engine, hand reckoning and the figures kept for other tests agree to the cent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from bot.lending.calendar import add_months
from bot.lending.loan import Loan, Method, Status
from bot.lending.money import yuan
from bot.lending.position import position
from bot.lending.prepayment import quote_prepayment
from bot.lending.quotes import PrepaymentQuote, SettlementQuote
from bot.lending.settlement import quote_settlement
from tests.lending import demo_by_hand
from tests.lending.demo_figures import FIGURES, LATER, TODAY
from tests.lending.loans import PRODUCT, cents, lend, pay_instalments


def lent(months_ago: int, principal: str, annual: str | None, periods: int, **more: object) -> Loan:
    on = add_months(date(2026, 11, 5), -months_ago)
    return lend(principal, annual, periods, on=on, **more)  # type: ignore[arg-type]


LOANS: dict[str, Callable[[], Loan]] = {
    "LN1001": lambda: pay_instalments(lent(10, "120000", "0.072", 24), 10),
    "LN1002": lambda: pay_instalments(lent(8, "50000", "0.1495", 24), 6),
    "LN1003": lambda: pay_instalments(lent(12, "100000", "0.06", 36, method=Method.EQUAL_PRINCIPAL), 12),
    "LN1004A": lambda: pay_instalments(lent(4, "80000", "0.09", 12), 4),
    "LN1004B": lambda: lent(1, "30000", "0.144", 1, method=Method.BULLET, first_due=date(2027, 1, 5)),
    "LN1005": lambda: pay_instalments(lent(3, "50000", "0.108", 6, method=Method.INTEREST_ONLY), 3),
    "LN1006": lambda: pay_instalments(lent(14, "12000", None, 12, method=Method.FLAT, flat="0.006"), 12),
    "LN1007": lambda: pay_instalments(
        lent(6, "120000", "0.072", 12, product=replace(PRODUCT, principal_first_from_dpd=91)), 2
    ),
}


def test_figures_kept_for_other_tests_are_those_reckoned_by_hand() -> None:
    assert demo_by_hand.figures() == FIGURES
    assert (demo_by_hand.TODAY, demo_by_hand.LATER) == (TODAY, LATER)


@pytest.mark.parametrize("loan_id", sorted(FIGURES))
def test_engine_agrees_with_the_hand_reckoning(loan_id: str) -> None:
    loan, expected = LOANS[loan_id](), FIGURES[loan_id]
    found = told(loan, TODAY)
    for name, on in (("today", TODAY), ("later", LATER)):
        if f"settle_{name}_total" in expected:
            found |= settled(f"settle_{name}", quote_settlement(loan, on, TODAY))
        for amount in ("10000", "20000", "30000"):
            if f"prepay_{amount}_{name}_total" in expected:
                quote = quote_prepayment(loan, on, cents(amount), TODAY)
                found |= prepaid(f"prepay_{amount}_{name}", quote)
    if "overdue_total" in expected:
        found |= late("overdue", loan, TODAY)
    if "overdue_later_total" in expected:
        found |= late("overdue_later", loan, LATER)
    assert found == expected


def test_status_of_the_demo_loans() -> None:
    found = {loan_id: position(make(), TODAY).status.value for loan_id, make in LOANS.items()}
    assert {loan_id for loan_id, status in found.items() if status == Status.OVERDUE} == {"LN1002", "LN1007"}
    assert {loan_id for loan_id, status in found.items() if status == Status.SETTLED} == {"LN1006"}


def told(loan: Loan, on: date) -> dict[str, str]:
    now = position(loan, on)
    assert now.due is not None
    owed = now.due.owed
    return {
        "next_total": yuan(owed.total),
        "next_principal": yuan(owed.principal),
        "next_interest": yuan(owed.interest),
        "principal": yuan(now.principal),
        "interest_to_come": yuan(now.interest_to_come),
        "left_total": yuan(sum(one.owed.total for one in now.left if not one.days_overdue)),
    }


def late(name: str, loan: Loan, on: date) -> dict[str, str]:
    now = position(loan, on)
    return {
        f"{name}_total": yuan(now.overdue.total),
        f"{name}_principal": yuan(now.overdue.principal),
        f"{name}_interest": yuan(now.overdue.interest),
        f"{name}_penalty": yuan(now.overdue.penalty),
        f"{name}_compound": yuan(now.overdue.compound),
        f"{name}_per_day": yuan(now.penalty_per_day),
        f"{name}_days": str(now.days_overdue),
        f"{name}_count": str(sum(one.days_overdue > 0 for one in now.left)),
    }


def settled(name: str, quote: SettlementQuote) -> dict[str, str]:
    return {
        f"{name}_principal": yuan(quote.principal_not_due),
        f"{name}_interest": yuan(quote.interest),
        f"{name}_days": str(quote.interest_days),
        f"{name}_fee": yuan(quote.fee),
        f"{name}_total": yuan(quote.total),
        f"{name}_saved": yuan(quote.interest_saved),
    }


def prepaid(name: str, quote: PrepaymentQuote) -> dict[str, str]:
    found = {
        f"{name}_interest": yuan(quote.interest),
        f"{name}_fee": yuan(quote.fee),
        f"{name}_total": yuan(quote.total),
    }
    for one in quote.variants:
        found |= {
            f"{name}_{one.kind}_count": str(one.count),
            f"{name}_{one.kind}_next": yuan(one.instalment),
            f"{name}_{one.kind}_last": yuan(one.last),
            f"{name}_{one.kind}_saved": yuan(one.interest_saved),
        }
    return found
