from __future__ import annotations

import time
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.errors import BadInput
from bot.lending.loan import Status
from bot.lending.position import position
from bot.store import synthetic
from bot.store.clock import SystemClock
from bot.store.database import Database, make_engine
from bot.store.loans import SqlLoanStore
from bot.store.migrate import upgrade
from bot.store.schema import contact_points, customers, ledger, loans
from bot.store.synthetic import seed_synthetic
from tests import databases
from tests.store.test_ledger import sums

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 3, 18)


@pytest.fixture(autouse=True)
def few_patterns(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing all of them takes seconds; only the big book needs that."""
    if not request.node.get_closest_marker("slow"):
        monkeypatch.setattr(synthetic, "PATTERNS", 60)


def ids(count: int) -> list[str]:
    return [f"SYN{number:07d}" for number in range(1, count + 1)]


def whole(database: Database, count: int) -> list[object]:
    store = SqlLoanStore(database, SystemClock(), ZONE)
    return [(store.customer(one), store.loans(one)) for one in ids(count)]


def test_book_is_full_of_variety_and_adds_up(database: Database) -> None:
    assert seed_synthetic(database, 300, 1, TODAY, ZONE) == 300
    store = SqlLoanStore(database, SystemClock(), ZONE)
    found = [loan for one in ids(300) for loan in store.loans(one)]
    assert {position(loan, TODAY).status for loan in found} >= {Status.CURRENT, Status.OVERDUE, Status.SETTLED}
    assert len({loan.terms.method for loan in found}) == 4
    assert {len(store.loans(one)) for one in ids(300)} == {0, 1, 2}
    for loan in found:
        now = position(loan, TODAY)
        owed = sums(loan.entries)
        repaid = sum(cents for (part, _), cents in owed.items() if part is not None and part.value == "principal")
        assert now.principal == loan.terms.principal + repaid
        assert sum(payment.cents for payment in store.payments(loan.loan_id)) == sum(
            payment.parts.total + payment.held for payment in store.payments(loan.loan_id)
        )


def test_persons_are_obviously_fake_and_can_log_in(database: Database) -> None:
    seed_synthetic(database, 50, 1, TODAY, ZONE)
    store = SqlLoanStore(database, SystemClock(), ZONE)
    people = [store.customer(one) for one in ids(50)]
    assert all(one.id_number.startswith("000000") and len(one.id_number) == 18 for one in people)
    assert all("测试" in one.name for one in people)
    assert all(one.phone and one.phone.startswith("154") and len(one.phone) == 11 for one in people)
    assert all(store.customer_by_phone(one.phone or "") == one for one in people)
    assert len({one.id_number for one in people}) == 50


def test_same_seed_and_day_give_the_same_book(database: Database, sqlite: Database) -> None:
    seed_synthetic(database, 30, 7, TODAY, ZONE)
    seed_synthetic(sqlite, 10, 7, TODAY, ZONE)
    assert seed_synthetic(sqlite, 30, 7, TODAY, ZONE) == 20
    assert whole(database, 30) == whole(sqlite, 30)


def test_running_again_adds_nothing(database: Database) -> None:
    seed_synthetic(database, 20, 1, TODAY, ZONE)
    assert seed_synthetic(database, 20, 1, TODAY, ZONE) == 0
    assert seed_synthetic(database, 5, 1, TODAY, ZONE) == 0


@pytest.mark.parametrize("count", [0, -1, 5_000_001])
def test_count_out_of_range_is_refused(sqlite: Database, count: int) -> None:
    with pytest.raises(BadInput):
        seed_synthetic(sqlite, count, 1, TODAY, ZONE)


def test_synthetic_loans_take_payments(sqlite: Database) -> None:
    seed_synthetic(sqlite, 20, 1, TODAY, ZONE)
    store = SqlLoanStore(sqlite, SystemClock(), ZONE)
    loan = next(loan for one in ids(20) for loan in store.loans(one))
    payment = store.record_payment("P1", loan.loan_id, 100, SystemClock().now())
    assert payment.parts.total + payment.held == 100


@pytest.mark.slow
@pytest.mark.parametrize("engine", databases.ENGINES)
def test_hundred_thousand_take_less_than_a_minute(engine: str, tmp_path: Path) -> None:
    """On SQLite (PostgreSQL checks every reference while it copies). Processor time: other work on the machine is not ours."""
    with databases.template(engine, tmp_path, upgrade) as url:
        database = Database(make_engine(url))
        started = time.process_time()
        assert seed_synthetic(database, 100_000, 1, TODAY, ZONE) == 100_000
        assert time.process_time() - started < 60
        with database.read() as connection:
            for table, least in ((customers, 100_000), (contact_points, 100_000), (loans, 100_000), (ledger, 10**6)):
                assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() >= least
        database.close()
