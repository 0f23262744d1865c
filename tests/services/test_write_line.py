"""Writes that share a transaction: each succeeds or fails alone, in order, and nobody hears before the commit."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import Conflict, StoreUnavailable
from bot.services.write_line import Preparing, WriteLine
from bot.store.database import Database, make_engine


class Line:
    """A line over a table of unique numbers, whose thread can be held up."""

    def __init__(self, path: Path) -> None:
        self.database = Database(make_engine(f"sqlite:///{path}"))
        with self.database.write() as connection:
            connection.exec_driver_sql("CREATE TABLE numbers (n INTEGER PRIMARY KEY)")
        self.line = WriteLine(self.database)
        self.commits: list[int] = []
        sa.event.listen(self.database.engine, "commit", lambda _connection: self.commits.append(1))

    def held(self) -> threading.Event:
        """Everything put from now on waits until the event is set."""
        go = threading.Event()
        self.line.put(lambda _connection: go.wait(10))
        return go

    def add(self, number: int) -> Future[Any]:
        return self.line.put(lambda connection: insert(connection, number))

    @property
    def stored(self) -> list[int]:
        with self.database.read() as connection:
            return list(connection.exec_driver_sql("SELECT n FROM numbers ORDER BY rowid").scalars())


def insert(connection: Connection, number: int) -> int:
    connection.exec_driver_sql("INSERT INTO numbers VALUES (?)", (number,))
    return number


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path / "line.db")
    yield made
    made.line.close()
    made.database.close()


def test_waiting_writes_share_one_commit_and_each_gets_its_result(line: Line) -> None:
    go = line.held()
    futures = [line.add(n) for n in range(20)]
    go.set()
    assert [future.result(10) for future in futures] == list(range(20))
    assert len(line.commits) == 2  # the one that held the line up, and one for all
    assert line.stored == list(range(20))


def test_write_that_fails_is_undone_alone(line: Line) -> None:
    def half(connection: Connection) -> None:
        insert(connection, 100)
        raise Conflict("no")

    go = line.held()
    before, failing, after = line.add(1), line.line.put(half), line.add(2)
    go.set()
    assert (before.result(10), after.result(10)) == (1, 2)
    with pytest.raises(Conflict):
        failing.result(10)
    assert line.stored == [1, 2]


def test_row_that_is_there_already_fails_only_its_own_write(line: Line) -> None:
    line.add(7).result(10)
    go = line.held()
    futures = [line.add(n) for n in (6, 7, 8)]
    go.set()
    with pytest.raises(sa.exc.IntegrityError):
        futures[1].result(10)
    assert [futures[0].result(10), futures[2].result(10)] == [6, 8]


def test_statement_that_the_store_refuses_takes_no_other_with_it(line: Line) -> None:
    go = line.held()
    good = line.add(1)
    bad = line.line.put(lambda connection: connection.exec_driver_sql("INSERT INTO nowhere VALUES (1)"))
    last = line.add(2)
    go.set()
    assert [good.result(10), last.result(10)] == [1, 2]
    with pytest.raises(StoreUnavailable):
        bad.result(10)
    assert line.stored == [1, 2]


def test_commit_that_fails_leaves_nothing_said_done(line: Line) -> None:
    def refuse(_connection: Connection) -> None:
        raise sa.exc.OperationalError("COMMIT", {}, Exception("disk I/O error"))

    go = line.held()
    futures = [line.add(n) for n in (1, 2)]
    sa.event.listen(line.database.engine, "commit", refuse)
    go.set()
    for future in futures:
        with pytest.raises(StoreUnavailable):
            future.result(10)
    sa.event.remove(line.database.engine, "commit", refuse)
    assert line.stored == []


def test_clock_that_cannot_be_read_fails_its_own_write_before_the_transaction(line: Line) -> None:
    class NoClock(Preparing):
        def prepared(self) -> Any:
            raise StoreUnavailable("no clock")

    go = line.held()
    bad, good = line.line.put(NoClock()), line.add(3)  # type: ignore[arg-type]
    go.set()
    with pytest.raises(StoreUnavailable):
        bad.result(10)
    assert good.result(10) == 3


def test_write_that_nobody_waits_for_any_more_is_left_out(line: Line) -> None:
    go = line.held()
    gone, kept = line.add(1), line.add(2)
    assert gone.cancel()
    go.set()
    assert kept.result(10) == 2
    assert line.stored == [2]


def test_close_writes_what_waits(line: Line) -> None:
    go = line.held()
    futures = [line.add(n) for n in range(5)]
    go.set()
    line.line.close()
    assert all(future.done() for future in futures)
    assert line.stored == list(range(5))
