"""The one place that opens database connections. Built by `bot.app`, used by every repository.

SQLite (default): WAL, foreign keys on, busy timeout; `write()` is BEGIN IMMEDIATE, so that a
transaction never loses a race half-way. PostgreSQL: a small pool, READ COMMITTED for writing, one snapshot for
reading. A database that is locked,
slow or silent is given up after seconds (`bot.store.patience`), as `StoreUnavailable`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bot.errors import StoreUnavailable
from bot.store import patience

BUSY_TIMEOUT_MS = 5_000
POOL_TIMEOUT_S = 5
PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    f"busy_timeout={BUSY_TIMEOUT_MS}",
    "synchronous=FULL",
    "recursive_triggers=ON",  # INSERT OR REPLACE deletes: the append-only triggers shall see it
)


def make_engine(url: str, *, patient: bool = False) -> Engine:
    """An engine for `url`; nothing is opened before first use. `patient` is for migrations and bulk loads."""
    if not url.startswith("sqlite"):
        return sa.create_engine(
            url,
            future=True,
            pool_size=8,
            max_overflow=8,
            pool_timeout=POOL_TIMEOUT_S,
            pool_pre_ping=True,
            connect_args=patience.connect_args(patient=patient),
        )
    engine = sa.create_engine(
        url,
        future=True,
        poolclass=sa.pool.QueuePool,
        pool_size=8,
        max_overflow=8,
        pool_timeout=POOL_TIMEOUT_S,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
    )
    sa.event.listen(engine, "connect", _configure)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


class Database:
    """Transactions over one engine. Any driver error surfaces as `StoreUnavailable`, except integrity errors."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent snapshot for reading."""
        with self._transaction(writes=False) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """All or nothing: committed at the end of the block, rolled back on any error."""
        with self._transaction(writes=True) as connection:
            yield connection

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Connection]:
        try:
            options = {"writes": writes} if self.is_sqlite or writes else {"isolation_level": "REPEATABLE READ"}
            with self.engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection
        except sa.exc.IntegrityError:
            raise
        except (sa.exc.DBAPIError, sa.exc.TimeoutError, sa.exc.PendingRollbackError) as error:
            raise StoreUnavailable(f"database: {error.__class__.__name__}: {error}") from error

    def close(self) -> None:
        self.engine.dispose()
