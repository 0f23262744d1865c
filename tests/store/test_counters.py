from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from bot.store.counters import next_number
from bot.store.database import Database

DAY = date(2026, 11, 23)


def take(database: Database, prefix: str = "SQ", day: date = DAY) -> str:
    with database.write() as connection:
        return next_number(connection, prefix, day)


def test_numbers_count_up_by_prefix_and_day(database: Database) -> None:
    assert [take(database) for _ in range(2)] == ["SQ-20261123-0001", "SQ-20261123-0002"]
    assert take(database, "TS") == "TS-20261123-0001"
    assert take(database, day=date(2026, 11, 24)) == "SQ-20261124-0001"


def test_numbers_at_once_are_never_doubled(database: Database) -> None:
    with ThreadPoolExecutor(6) as threads:
        numbers = list(threads.map(lambda _: take(database), range(30)))
    assert sorted(numbers) == [f"SQ-20261123-{number:04d}" for number in range(1, 31)]


def test_number_of_a_turn_that_failed_is_given_again(database: Database) -> None:
    def fail() -> None:
        with database.write() as connection:
            next_number(connection, "SQ", DAY)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert take(database) == "SQ-20261123-0001"


def test_number_beyond_four_digits_grows(sqlite: Database) -> None:
    with sqlite.write() as connection:
        connection.exec_driver_sql("INSERT INTO counters VALUES ('SQ-20261123', 9999)")
    assert take(sqlite) == "SQ-20261123-10000"
