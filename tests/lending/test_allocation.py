"""What a payment goes to (L07, 民法典 561), credit paid ahead, payments that arrive late."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.errors import BadInput
from bot.lending.allocation import allocate
from bot.lending.loan import Component, EntryKind, Status
from bot.lending.position import position
from tests.lending.loans import PRODUCT, applied, cents, charge_fee, lend, noon, only, pay, pay_instalments

DUE = date(2026, 4, 10)
ON = date(2026, 5, 17)
OWED = {"fee": "20.00", "penalty": "108.68", "compound": "6.70", "interest": "603.56", "principal": "9790.72"}


@pytest.mark.parametrize(
    ("amount", "switch", "parts"),
    [
        ("1000.00", None, {**OWED, "principal": "261.06"}),
        ("800.00", None, {**OWED, "principal": "61.06"}),
        ("5000.00", None, {**OWED, "principal": "4261.06"}),
        ("12000.00", None, {**OWED, "held": "1470.34"}),
        ("20.01", None, {"fee": "20.00", "penalty": "0.01"}),
        ("1000.00", 1, {"principal": "1000.00"}),
        ("10414.28", 1, {"principal": "9790.72", "interest": "603.56", "fee": "20.00"}),
        (
            "10420.99",
            1,
            {"principal": "9790.72", "interest": "603.56", "fee": "20.00", "compound": "6.70", "penalty": "0.01"},
        ),
    ],
)
def test_payment_goes_in_the_order_of_the_product(amount: str, switch: int | None, parts: dict[str, str]) -> None:
    loan = only(lend("120000", "0.072", 12, product=replace(PRODUCT, principal_first_from_dpd=switch)), 3)
    loan = pay(charge_fee(loan, 2000, DUE), cents(amount), ON, "PAID")
    assert {key: value for key, value in applied(loan, "PAID").items() if value} == {
        key: cents(value) for key, value in parts.items()
    }


def test_payment_clears_the_oldest_instalment_first() -> None:
    loan = lend("120000", "0.072", 12)
    on = date(2026, 3, 20)  # two unpaid
    before = position(loan, on)
    loan = pay(loan, before.instalments[0].owed.total + 100, on)
    first, second = position(loan, on).instalments[:2]
    assert first.is_paid
    assert second.paid.penalty == 100
    assert second.paid.total == 100


def test_principal_first_meets_all_principal_before_any_interest() -> None:
    loan = lend("120000", "0.072", 12, product=replace(PRODUCT, principal_first_from_dpd=91))
    on = loan.plan[0].due_on + timedelta(days=91)
    late = [state for state in position(loan, on).instalments if state.days_overdue]
    assert len(late) == 4  # 91 days: 10 Feb to 12 May
    loan = pay(loan, sum(state.owed.principal for state in late) + 1, on)
    after = position(loan, on).instalments[: len(late)]
    assert [state.owed.principal for state in after] == [0] * len(late)
    assert [state.paid.interest for state in after] == [1, 0, 0, 0]


def test_entries_continue_the_ledger_and_book_what_accrued() -> None:
    loan = only(lend("120000", "0.072", 12), 3)
    drafts = allocate(loan, cents("5000"), noon(ON), ON, "P1")
    assert [entry.seq for entry in drafts] == list(range(2, 2 + len(drafts)))
    assert {entry.payment_id for entry in drafts} == {"P1"}
    booked = {entry.component: entry.cents for entry in drafts if entry.kind is EntryKind.CHARGE}
    assert booked == {Component.PENALTY: cents("108.68"), Component.COMPOUND: cents("6.70")}
    assert -sum(entry.cents for entry in drafts if entry.kind is not EntryKind.CHARGE) == cents("5000")


def test_money_paid_ahead_is_held_until_the_due_day() -> None:
    loan = pay(lend("120000", "0.072", 12), cents("10394.28") + 500, date(2026, 1, 20))
    before = position(loan, date(2026, 2, 9))
    assert (before.unapplied, before.instalments[0].paid.total) == (cents("10394.28") + 500, 0)
    on_the_day = position(loan, date(2026, 2, 10))
    assert (on_the_day.unapplied, on_the_day.status) == (500, Status.CURRENT)
    assert on_the_day.instalments[0].paid_on == date(2026, 2, 10)
    later = position(loan, date(2026, 3, 11))  # the rest covers a bit of the next one on its own day
    assert (later.unapplied, later.instalments[1].paid.interest) == (0, 500)
    assert later.instalments[1].owed.penalty == round(973_233 * 0.108 / 360)


def test_credit_used_is_booked_with_the_next_payment() -> None:
    ahead = pay(lend("120000", "0.072", 12), cents("10394.28"), date(2026, 1, 20))
    loan = pay(ahead, 100, date(2026, 3, 15), "NEXT")
    used = [entry for entry in loan.entries if entry.note]
    assert {entry.on for entry in used} == {date(2026, 2, 10)}
    assert sum(entry.cents for entry in used) == 0
    for on in (date(2026, 2, 9), date(2026, 2, 10), date(2026, 3, 14)):
        assert position(loan, on) == position(ahead, on)


def test_payment_arriving_late_counts_from_its_own_day() -> None:
    """Paid on the due day, booked after a later payment: the ledger ends as if they had come in order."""
    loan = lend("120000", "0.072", 12)
    first, second = (cents("10394.28"), date(2026, 2, 10)), (cents("5000"), date(2026, 3, 20))
    in_order = pay(pay(loan, *first, "A"), *second, "B")
    reversed_order = pay(pay(loan, *second, "B"), *first, "A")
    assert any(entry.kind is EntryKind.REVERSE for entry in reversed_order.entries)
    for on in (date(2026, 2, 9), date(2026, 2, 10), date(2026, 3, 20), date(2026, 6, 1)):
        assert position(reversed_order, on) == position(in_order, on)


def test_payment_on_a_settled_loan_is_held() -> None:
    loan = pay_instalments(lend("1200", "0.072", 3), 3)
    now = position(pay(loan, 777, date(2026, 8, 1)), date(2026, 8, 1))
    assert (now.status, now.unapplied, now.principal) == (Status.SETTLED, 777, 0)


@pytest.mark.parametrize("amount", [0, -1])
def test_payment_must_be_positive(amount: int) -> None:
    with pytest.raises(BadInput) as refused:
        allocate(lend("1200", "0.072", 3), amount, noon(ON), ON, "P")
    assert refused.value.code == "not_positive"
