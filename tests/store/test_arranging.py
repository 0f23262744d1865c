"""Arrangements in the tables: what is read back is what was drawn up; taking one back restores everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from bot.lending.arrangement import draw_up, in_force
from bot.lending.arrangement import entries as entries_of
from bot.lending.loan import Loan
from bot.lending.position import position
from bot.lending.wishes import Deferring, Kind, Wish
from bot.store import rows
from bot.store.arranging import locked, put_in_force, take_back
from bot.store.database import Database
from bot.store.loading import insert_loans
from bot.store.loans import SqlLoanStore
from bot.store.schema import customers, products
from tests.fakes import FakeClock
from tests.lending.loans import lend

NOON = datetime(2026, 3, 10, 4, tzinfo=timezone.utc)
TODAY = date(2026, 3, 10)
WISHES = (
    Wish(Kind.DUE_DAY, day=20),
    Wish(Kind.GRACE, days=7),
    Wish(Kind.DEFERRAL, months=2, how=Deferring.INTEREST_ONLY),
    Wish(Kind.DEFERRAL, months=1, how=Deferring.COLLECTED_LATER),
    Wish(Kind.EXTENSION, count=6),
    Wish(Kind.INTEREST_ONLY, months=3),
    Wish(Kind.PERSONAL_PLAN, count=30),
)


def loan() -> Loan:
    made = lend("120000", "0.12", 12, on=date(2026, 1, 5), first_due=date(2026, 2, 5), loan_id="LN9")
    return replace(made, customer_id="C9")


@pytest.fixture
def store(database: Database) -> SqlLoanStore:
    made = loan()
    with database.write() as connection:
        connection.execute(customers.insert().values(customer_id="C9", name="某", id_number="0"))
        connection.execute(
            products.insert().values(
                product_id=made.product.product_id, name="消费贷", rules=rows.product_rules(made.product)
            )
        )
        insert_loans(connection, [made])
    return SqlLoanStore(database, FakeClock(NOON))


def pay_due(store: SqlLoanStore, number: int, key: str, on: date) -> None:
    at = datetime(on.year, on.month, on.day, 2, tzinfo=timezone.utc)
    due = next(one for one in position(store.loan("LN9"), on).instalments if one.number == number)
    store.record_payment(key, "LN9", due.owed.total, at)


def up_to_date(store: SqlLoanStore) -> None:
    pay_due(store, 1, "p1", date(2026, 2, 5))
    pay_due(store, 2, "p2", date(2026, 3, 5))


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: f"{wish.kind}-{wish.how or ''}")
def test_what_is_stored_is_what_was_drawn_up(store: SqlLoanStore, database: Database, wish: Wish) -> None:
    up_to_date(store)
    with database.write() as connection:
        before = locked(connection, "LN9")
        drawn = draw_up(before, wish, TODAY, 60)
        first, version = put_in_force(connection, before, drawn, NOON, "HX-1")
    after = store.loan("LN9")
    expected = in_force(before, drawn, entries_of(before, drawn, NOON, version, "HX-1"), version)
    assert first is not None
    assert version == 2
    for day in (TODAY, TODAY + timedelta(days=100), TODAY + timedelta(days=400)):
        assert position(after, day) == position(expected, day)
    assert after.plan_of(1) == before.plan


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: f"{wish.kind}-{wish.how or ''}")
def test_taken_back_nothing_is_left_of_it(store: SqlLoanStore, database: Database, wish: Wish) -> None:
    up_to_date(store)
    before = store.loan("LN9")
    with database.write() as connection:
        held = locked(connection, "LN9")
        first, _ = put_in_force(connection, held, draw_up(held, wish, TODAY, 60), NOON, "HX-1")
    store.record_payment("meanwhile", "LN9", 50_000, NOON)
    with database.write() as connection:
        assert first is not None
        take_back(connection, locked(connection, "LN9"), first, TODAY + timedelta(days=3), NOON, "HX-1")
    after = store.loan("LN9")
    assert (after.plan, after.plan_version) == (before.plan, 1)
    now = position(after, TODAY + timedelta(days=3))
    assert now.unapplied == 50_000
    assert now.principal == position(before, TODAY).principal
    assert [one.planned for one in now.instalments] == [one.planned for one in position(before, TODAY).instalments]
    assert sum(payment.cents for payment in store.payments("LN9")) == 50_000 + sum(
        payment.cents for payment in store.payments("LN9") if payment.payment_id != "meanwhile"
    )


def test_no_penalty_for_the_days_between(store: SqlLoanStore, database: Database) -> None:
    """Two instalments late; a plan for two days, withdrawn: these two days cost nothing, the days after do again."""
    before = store.loan("LN9")
    owed = position(before, TODAY).overdue
    with database.write() as connection:
        held = locked(connection, "LN9")
        first, _ = put_in_force(
            connection, held, draw_up(held, Wish(Kind.PERSONAL_PLAN, count=24), TODAY, 60), NOON, "HX-1"
        )
    back = TODAY + timedelta(days=2)
    with database.write() as connection:
        assert first is not None
        take_back(connection, locked(connection, "LN9"), first, back, NOON, "HX-1")
    after = store.loan("LN9")
    assert position(after, back).overdue == owed
    later = position(after, back + timedelta(days=5)).overdue
    apart = position(before, TODAY + timedelta(days=5)).overdue
    assert abs(later.total - apart.total) <= 4  # the segments are rounded apart


def test_a_second_version_after_a_withdrawn_one_has_a_number_of_its_own(
    store: SqlLoanStore, database: Database
) -> None:
    up_to_date(store)
    with database.write() as connection:
        held = locked(connection, "LN9")
        first, _ = put_in_force(connection, held, draw_up(held, WISHES[0], TODAY, 60), NOON, "HX-1")
        assert first is not None
        take_back(connection, locked(connection, "LN9"), first, TODAY, NOON, "HX-1")
    with database.write() as connection:
        held = locked(connection, "LN9")
        _, version = put_in_force(connection, held, draw_up(held, WISHES[4], TODAY, 60), NOON, "HX-2")
    after = store.loan("LN9")
    assert version == 3 == after.plan_version
    assert [number for number, _ in after.earlier] == [1, 2]
    assert replace(after, entries=()).plan != after.plan_of(2)
