"""What every `LoanStore` must do, whatever stands behind it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from threading import Barrier
from typing import Any

import pytest

from bot.errors import BadInput, Conflict, NotFound
from bot.lending.loan import EntryKind, Status
from bot.lending.position import position
from bot.store.protocols import LoanStore, Payment
from tests.contracts.conftest import TODAY, ZONE, Bench

AT = datetime(2026, 3, 18, 10, 0, tzinfo=ZONE)


def test_customer_has_name_and_verified_phone(bench: Bench) -> None:
    someone = bench.store.customer("C1004")
    assert (someone.name, someone.id_number, someone.phone) == ("赵强", "000000198504040044", "13800000004")


def test_customer_unknown_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFound):
        bench.store.customer("C9999")


def test_customer_by_phone_finds_the_owner_and_nobody_else(bench: Bench) -> None:
    found = bench.store.customer_by_phone("13800000008")
    assert found is not None
    assert found.customer_id == "C1008"
    assert bench.store.customer_by_phone("13800000009") is None
    assert bench.store.customer_by_phone("") is None
    assert bench.store.customer_by_phone("13800000008\x00") is None


def test_loans_come_by_id_with_settled_ones(bench: Bench) -> None:
    assert [loan.loan_id for loan in bench.store.loans("C1004")] == ["LN1004A", "LN1004B"]
    assert [position(loan, TODAY).status for loan in bench.store.loans("C1006")] == [Status.SETTLED]
    assert bench.store.loans("C1008") == ()
    assert bench.store.loans("C9999") == bench.store.loans("\ud800") == ()


def test_loan_equals_the_one_in_the_list(bench: Bench) -> None:
    assert (bench.store.loan("LN1004B"),) == bench.store.loans("C1004")[1:]


@pytest.mark.parametrize("loan_id", ["LN9999", "", "LN1001' OR '1'='1", "ＬＮ1001", "LN1001\x00", "\ud800"])
def test_loan_unknown_is_not_found(bench: Bench, loan_id: str) -> None:
    with pytest.raises(NotFound):
        bench.store.loan(loan_id)
    with pytest.raises(NotFound):
        bench.store.payments(loan_id)


def test_payments_come_newest_first_and_explain_themselves(bench: Bench) -> None:
    paid = bench.store.payments("LN1001")
    assert len(paid) == 10
    assert [one.at for one in paid] == sorted((one.at for one in paid), reverse=True)
    assert paid[0].at == datetime(2026, 3, 5, 12, 0, tzinfo=ZONE)
    first = paid[-1]
    assert (first.parts.interest, first.parts.principal) == (72_000, 466_360)  # 0.6 % of 120,000; 5,383.60 a month
    assert all(one.parts.total + one.held == one.cents for one in paid)


def test_moments_come_back_aware(bench: Bench) -> None:
    loan = bench.store.loan("LN1001")
    assert all(entry.at.tzinfo is not None for entry in loan.entries)
    assert all(payment.at.tzinfo is not None for payment in bench.store.payments("LN1001"))


def test_record_payment_lowers_what_is_owed(bench: Bench) -> None:
    before = position(bench.store.loan("LN1002"), TODAY)
    payment = bench.store.record_payment("P1", "LN1002", before.overdue.total, AT)
    after = position(bench.store.loan("LN1002"), TODAY)
    assert payment == Payment("P1", "LN1002", before.overdue.total, AT, before.overdue, 0)
    assert (before.status, after.status) == (Status.OVERDUE, Status.CURRENT)
    assert after.principal == before.principal - before.overdue.principal
    assert bench.store.payments("LN1002")[0] == payment


def test_record_payment_twice_is_booked_once(bench: Bench) -> None:
    first = bench.store.record_payment("P1", "LN1002", 100_000, AT)
    ledger = bench.store.loan("LN1002").entries
    again = bench.reopen().record_payment("P1", "LN1002", 100_000, AT.astimezone(timezone.utc))
    assert again == first
    assert bench.store.loan("LN1002").entries == ledger


def test_record_payment_answers_the_same_after_more_payments(bench: Bench) -> None:
    first = bench.store.record_payment("P1", "LN1002", 100_000, AT)
    bench.store.record_payment("P2", "LN1002", 100_000, AT + timedelta(minutes=5))
    assert bench.store.record_payment("P1", "LN1002", 100_000, AT) == first


@pytest.mark.parametrize(
    "other",
    [
        {"loan_id": "LN1001"},
        {"cents": 100_001},
        {"at": AT + timedelta(seconds=1)},
    ],
)
def test_record_payment_same_id_other_figures_conflicts(bench: Bench, other: dict[str, Any]) -> None:
    call = {"payment_id": "P1", "loan_id": "LN1002", "cents": 100_000, "at": AT}
    bench.store.record_payment(**call)
    ledgers = [bench.store.loan(loan_id).entries for loan_id in ("LN1001", "LN1002")]
    with pytest.raises(Conflict):
        bench.store.record_payment(**{**call, **other})
    assert [bench.store.loan(loan_id).entries for loan_id in ("LN1001", "LN1002")] == ledgers


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"cents": 0}, "not_positive"),
        ({"cents": -1}, "not_positive"),
        ({"cents": True}, "not_positive"),
        ({"cents": 1.5}, "not_positive"),
        ({"cents": 10**13 + 1}, "too_much"),
        ({"cents": 10**17}, "too_much"),
        ({"at": AT + timedelta(days=1)}, "in_future"),
        ({"at": AT.replace(tzinfo=None)}, "naive_time"),
        ({"payment_id": ""}, "payment_id"),
        ({"payment_id": "x" * 65}, "payment_id"),
        ({"payment_id": "P\x00"}, "payment_id"),
    ],
)
def test_record_payment_refuses_bad_input(bench: Bench, other: dict[str, Any], code: str) -> None:
    call = {"payment_id": "P1", "loan_id": "LN1002", "cents": 100_000, "at": AT}
    before = bench.store.loan("LN1002")
    with pytest.raises(BadInput) as refused:
        bench.store.record_payment(**{**call, **other})
    assert refused.value.code == code
    assert bench.store.loan("LN1002") == before


def test_record_payment_unknown_loan_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFound):
        bench.store.record_payment("P1", "LN9999", 100, AT)
    with pytest.raises(NotFound):
        bench.store.record_payment("P1", "\x00", 100, AT)


def test_record_payment_holds_what_nothing_is_due_for(bench: Bench) -> None:
    settled = bench.store.record_payment("P1", "LN1006", 12_345, AT)
    early = bench.store.record_payment("P2", "LN1001", 50_000, AT)
    assert (settled.parts.total, settled.held) == (0, 12_345)
    assert (early.parts.total, early.held) == (0, 50_000)
    assert position(bench.store.loan("LN1006"), TODAY).unapplied == 12_345
    assert position(bench.store.loan("LN1006"), TODAY).status is Status.SETTLED


def test_record_payment_largest_is_taken(bench: Bench) -> None:
    assert bench.store.record_payment("P1", "LN1001", 10**13, AT).held == 10**13


def test_record_payment_uses_the_lenders_day(bench: Bench) -> None:
    """16:30 UTC of the 17th is the 18th in Shanghai."""
    bench.store.record_payment("P1", "LN1002", 1_000, datetime(2026, 3, 17, 16, 30, tzinfo=timezone.utc))
    assert bench.store.loan("LN1002").entries[-1].on == TODAY


def test_record_payment_arriving_late_counts_from_its_day(bench: Bench) -> None:
    day_before = AT - timedelta(days=1)
    bench.store.record_payment("P2", "LN1002", 200_000, AT)
    bench.store.record_payment("P1", "LN1002", 100_000, day_before)
    twin = bench.reopen()
    paid = {one.payment_id: one for one in twin.payments("LN1002")}
    assert paid["P1"].parts.total + paid["P1"].held == 100_000
    assert paid["P2"].parts.total + paid["P2"].held == 200_000
    assert [one.payment_id for one in twin.payments("LN1002")][:2] == ["P2", "P1"]


def test_ledger_only_grows(bench: Bench) -> None:
    before = bench.store.loan("LN1002").entries
    for number in range(1, 4):
        bench.store.record_payment(f"P{number}", "LN1002", 50_000, AT + timedelta(minutes=number))
        after = bench.store.loan("LN1002").entries
        assert after[: len(before)] == before
        assert [entry.seq for entry in after] == list(range(1, len(after) + 1))
        before = after


def _at_once(stores: list[LoanStore], calls: list[tuple[str, str, int]]) -> list[Payment | Exception]:
    gate = Barrier(len(calls))

    def one(store: LoanStore, call: tuple[str, str, int]) -> Payment | Exception:
        gate.wait(10)
        try:
            return store.record_payment(*call, AT)
        except Conflict as conflict:
            return conflict

    with ThreadPoolExecutor(len(calls)) as threads:
        return [done.result(30) for done in [threads.submit(one, *each) for each in zip(stores, calls, strict=True)]]


def test_same_id_at_once_is_booked_once(bench: Bench) -> None:
    other = bench.reopen()
    for turn in range(5):
        results = _at_once([bench.store, other] * 3, [(f"P{turn}", "LN1002", 10_000)] * 6)
        assert all(result == results[0] for result in results)
    assert len([p for p in bench.store.payments("LN1002") if p.payment_id.startswith("P")]) == 5


def test_two_ids_on_one_loan_at_once_are_both_booked(bench: Bench) -> None:
    other = bench.reopen()
    overdue = position(bench.store.loan("LN1002"), TODAY).overdue.total
    for turn in range(5):
        _at_once([bench.store, other] * 2, [(f"P{turn}-{n}", "LN1002", 10_000) for n in range(4)])
    loan = bench.store.loan("LN1002")
    assert [entry.seq for entry in loan.entries] == list(range(1, len(loan.entries) + 1))
    assert position(loan, TODAY).overdue.total == overdue - 20 * 10_000
    paid = -sum(
        e.cents for e in loan.entries if e.kind in (EntryKind.PAY, EntryKind.HOLD) and (e.payment_id or "")[0] == "P"
    )
    assert paid == 20 * 10_000


def test_same_id_on_two_loans_at_once_is_booked_on_one(bench: Bench) -> None:
    other = bench.reopen()
    for turn in range(5):
        results = _at_once([bench.store, other], [(f"P{turn}", "LN1002", 10_000), (f"P{turn}", "LN1001", 10_000)])
        assert sorted(type(result).__name__ for result in results) == ["Conflict", "Payment"]


def test_other_loans_do_not_change(bench: Bench) -> None:
    others = [bench.store.loan(loan_id) for loan_id in ("LN1001", "LN1003", "LN1007")]
    bench.store.record_payment("P1", "LN1002", 100_000, AT)
    assert [bench.store.loan(loan.loan_id) for loan in others] == others
