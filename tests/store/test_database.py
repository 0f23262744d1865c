"""A database that is locked, slow, silent, full or gone is noticed within seconds, and used again when it is back."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.errors import StoreUnavailable
from bot.store import database as module
from bot.store import patience
from bot.store.database import Database, make_engine
from tests import databases


class Wire:
    """A TCP relay to PostgreSQL that can fall silent without closing anything, as a frozen machine does."""

    def __init__(self, host: str, port: int) -> None:
        self._target, self.silent = (host, port), threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            far = socket.create_connection(self._target)
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(a, b), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                while self.silent.is_set():
                    time.sleep(0.02)
                target.sendall(data)
            target.close()
        except OSError:
            source.close()

    def close(self) -> None:
        self.silent.clear()
        self._listening.close()


@pytest.fixture
def wired() -> Iterator[tuple[Database, Wire]]:
    url = sa.engine.make_url(databases.base_url())
    wire = Wire(url.host or "127.0.0.1", url.port or 5432)
    database = Database(make_engine(url.set(host="127.0.0.1", port=wire.port).render_as_string(hide_password=False)))
    yield database, wire
    wire.close()
    database.close()


@contextmanager
def given_up(least: float, most: float) -> Iterator[None]:
    started = time.monotonic()
    with pytest.raises(StoreUnavailable):
        yield
    assert least <= time.monotonic() - started <= most


def one(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(sa.text("SELECT 1")).scalar_one())


def test_silent_database_is_given_up_and_used_again(
    wired: tuple[Database, Wire], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "SILENCE_S", 1.0)
    monkeypatch.setattr(patience, "CONNECT_S", 1.0)
    database, wire = wired
    assert one(database) == 1
    wire.silent.set()
    with given_up(0.9, 5):
        one(database)
    wire.silent.clear()
    assert one(database) == 1


def test_database_that_falls_silent_in_a_transaction_is_given_up(
    wired: tuple[Database, Wire], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "SILENCE_S", 1.0)
    database, wire = wired
    with given_up(0.9, 5), database.write() as connection:
        connection.execute(sa.text("SELECT 1"))
        wire.silent.set()
        connection.execute(sa.text("SELECT 2"))


def test_slow_statement_is_ended_by_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "STATEMENT_MS", 300)
    database = Database(make_engine(databases.base_url()))
    with given_up(0.2, 3), database.read() as connection:
        connection.execute(sa.text("SELECT pg_sleep(20)"))
    assert one(database) == 1
    database.close()


def test_patient_connection_outlives_every_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "STATEMENT_MS", 100)
    monkeypatch.setattr(patience, "SILENCE_S", 0.1)
    database = Database(make_engine(databases.base_url(), patient=True))
    with database.read() as connection:
        connection.execute(sa.text("SELECT pg_sleep(0.5)"))
    database.close()


def test_locked_sqlite_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUSY_TIMEOUT_MS", 300)
    monkeypatch.setattr(module, "PRAGMAS", ("journal_mode=WAL", "busy_timeout=300"))
    url = f"sqlite:///{tmp_path / 'a.db'}"
    holder, other = Database(make_engine(url)), Database(make_engine(url))
    with holder.write() as connection:
        connection.execute(sa.text("CREATE TABLE t (a INTEGER)"))
        with given_up(0.2, 3), other.write():
            pass
        assert one(other) == 1
    with other.write() as connection:
        connection.execute(sa.text("INSERT INTO t VALUES (1)"))
    for database in (holder, other):
        database.close()


def test_file_that_cannot_be_opened_or_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is no database, however long one makes it " * 100)
    for place in (tmp_path / "no" / "folder.db", tmp_path / "text.db"):
        database = Database(make_engine(f"sqlite:///{place}"))
        with pytest.raises(StoreUnavailable):
            one(database)
        database.close()


def test_full_disk_is_unavailable_and_nothing_is_half_written(tmp_path: Path) -> None:
    database = Database(make_engine(f"sqlite:///{tmp_path / 'a.db'}"))
    with database.write() as connection:
        connection.execute(sa.text("CREATE TABLE t (a TEXT)"))
        connection.exec_driver_sql("PRAGMA max_page_count=20")
    many = [{"a": "x" * 4000}] * 100
    with pytest.raises(StoreUnavailable), database.write() as connection:
        connection.execute(sa.text("INSERT INTO t VALUES (:a)"), many)
    with database.read() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM t")).scalar_one() == 0
    database.close()


def test_read_sees_one_moment(database: Database, url: str) -> None:
    other = Database(make_engine(url))
    with database.read() as connection:
        count = sa.text("SELECT count(*) FROM counters")
        assert connection.execute(count).scalar_one() == 0
        with other.write() as writing:
            writing.execute(sa.text("INSERT INTO counters (name, value) VALUES ('x', 1)"))
        assert connection.execute(count).scalar_one() == 0
    with database.read() as connection:
        assert connection.execute(count).scalar_one() == 1
    other.close()


def test_error_inside_a_write_rolls_back(database: Database) -> None:
    def fail() -> None:
        with database.write() as connection:
            connection.execute(sa.text("INSERT INTO counters (name, value) VALUES ('x', 1)"))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with database.read() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM counters")).scalar_one() == 0
