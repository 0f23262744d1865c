"""Every implementation of `LoanStore`, with the demo book as of 18 March 2026 in it. Add yours to `IMPLEMENTATIONS`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.store.database import Database, make_engine
from bot.store.demo import seed_demo
from bot.store.loans import SqlLoanStore
from bot.store.migrate import upgrade
from bot.store.protocols import LoanStore
from tests import databases
from tests.fakes import FakeClock

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 3, 18)
IMPLEMENTATIONS = tuple(f"sql-{engine}" for engine in databases.ENGINES)


@dataclass(frozen=True)
class Bench:
    """A store and the clock it reads. `reopen` gives a second store over the same data."""

    store: LoanStore
    clock: FakeClock
    reopen: Callable[[], LoanStore]


def fill(url: str) -> None:
    upgrade(url)
    database = Database(make_engine(url))
    seed_demo(database, TODAY, ZONE)
    database.close()


@pytest.fixture(scope="session", params=IMPLEMENTATIONS)
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    engine = request.param.removeprefix("sql-")
    with databases.template(engine, tmp_path_factory.mktemp("book"), fill) as url:
        yield url


@pytest.fixture
def bench(book: str, tmp_path: Path) -> Iterator[Bench]:
    opened: list[Database] = []
    clock = FakeClock()
    with databases.copy(book, tmp_path) as url:

        def reopen() -> LoanStore:
            opened.append(Database(make_engine(url)))
            return SqlLoanStore(opened[-1], clock, ZONE)

        yield Bench(reopen(), clock, reopen)
        for database in opened:
            database.close()
