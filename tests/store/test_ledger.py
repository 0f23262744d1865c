"""Every balance can be rebuilt from the ledger: here by sums that share no code with the engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.lending.loan import Component, Entry, EntryKind, Loan
from bot.lending.position import position
from bot.store.database import Database, make_engine
from bot.store.demo import seed_demo
from bot.store.loans import SqlLoanStore
from bot.store.migrate import upgrade
from tests import databases
from tests.fakes import FakeClock

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 3, 18)
LOANS = ("LN1001", "LN1002", "LN1003", "LN1004A", "LN1004B", "LN1005", "LN1006", "LN1007")
SPAN = 70  # days before the last one on which payments fall
END = TODAY + timedelta(days=40)

payments = st.lists(
    st.tuples(
        st.sampled_from(LOANS),
        st.one_of(st.integers(1, 50_000), st.integers(1, 3_000_000), st.sampled_from((1, 10**9))),
        st.integers(0, SPAN),
    ),
    min_size=1,
    max_size=6,
)


def sums(entries: tuple[Entry, ...]) -> Counter[tuple[Component | None, int | None]]:
    """Plain sums a component and instalment: what is owed for it by the ledger alone (reversals cancel by sign)."""
    total: Counter[tuple[Component | None, int | None]] = Counter()
    for entry in entries:
        if entry.kind is not EntryKind.DISBURSE:
            total[entry.component, entry.instalment or None] += entry.cents
    return total


def compare(loan: Loan, on: date) -> None:
    """`position` against the plan plus the sums of the ledger, on a day when the ledger is up to date."""
    owed, now = sums(loan.entries), position(loan, on)
    paid_principal = sum(cents for (part, _), cents in owed.items() if part is Component.PRINCIPAL)
    assert now.principal == loan.terms.principal + paid_principal
    assert now.unapplied == -owed[None, None]
    for state in now.instalments:
        for component, planned in (
            (Component.PRINCIPAL, state.planned.principal),
            (Component.INTEREST, state.planned.interest),
        ):
            left = planned + owed[component, state.number]
            assert left == getattr(state.owed, component.value) >= 0
        for component in (Component.PENALTY, Component.COMPOUND):
            booked = owed[component, state.number]
            assert booked >= 0
            assert booked == getattr(state.owed, component.value)


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    def fill(url: str) -> None:
        upgrade(url)
        database = Database(make_engine(url))
        seed_demo(database, TODAY, ZONE)
        database.close()

    with databases.template("sqlite", tmp_path_factory.mktemp("book"), fill) as url:
        yield url


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=payments)
def test_balances_are_rebuilt_from_the_ledger(tmp_path: Path, book: str, made: list[tuple[str, int, int]]) -> None:
    with databases.copy(book, tmp_path) as url:
        database = Database(make_engine(url))
        check(SqlLoanStore(database, FakeClock(datetime(2027, 1, 1, tzinfo=ZONE)), ZONE), made)
        database.close()


def check(store: SqlLoanStore, made: list[tuple[str, int, int]]) -> None:
    before = {loan_id: store.loan(loan_id).entries for loan_id in LOANS}
    for number, (loan_id, cents, back) in enumerate(made):
        store.record_payment(
            f"P{number}", loan_id, cents, datetime.combine(END - timedelta(days=back), datetime.min.time(), ZONE)
        )
    touched = {loan_id for loan_id, *_ in made}
    for loan_id in LOANS:
        loan = store.loan(loan_id)
        assert loan.entries[: len(before[loan_id])] == before[loan_id]
        assert [entry.seq for entry in loan.entries] == list(range(1, len(loan.entries) + 1))
        for one in store.payments(loan_id):
            assert one.parts.total + one.held == one.cents
        if loan_id in touched:
            last = max(entry.on for entry in loan.entries)
            # a payment of one cent on that day books what has accrued and the credit used until then
            trial = f"T-{loan_id}"
            store.record_payment(trial, loan_id, 1, datetime.combine(last, datetime.max.time(), ZONE))
            compare(store.loan(loan_id), last)


def test_reversals_cancel_by_sign(sqlite: Database) -> None:
    seed_demo(sqlite, TODAY, ZONE)
    store = SqlLoanStore(sqlite, FakeClock(datetime(2027, 1, 1, tzinfo=ZONE)), ZONE)
    late, early = datetime(2026, 3, 18, 9, tzinfo=ZONE), datetime(2026, 3, 10, 9, tzinfo=ZONE)
    store.record_payment("late", "LN1002", 100_000, late)
    store.record_payment("early", "LN1002", 50_000, early)
    loan = store.loan("LN1002")
    undone = {entry.reverses: entry for entry in loan.entries if entry.kind is EntryKind.REVERSE}
    assert undone
    for entry in loan.entries:
        if entry.seq in undone:
            assert undone[entry.seq].cents == -entry.cents
            assert undone[entry.seq].component is entry.component
    in_order = replace(loan, entries=tuple(e for e in loan.entries if e.payment_id not in ("late", "early")))
    assert position(loan, TODAY).principal <= position(in_order, TODAY).principal
