"""Many rows at once: `executemany` on SQLite, COPY on PostgreSQL. One transaction a block, all or nothing."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg2
import sqlalchemy as sa

from bot.errors import StoreUnavailable
from bot.store import patience
from bot.store.database import Database

Row = tuple[Any, ...]  # text, whole numbers, booleans, None; days and moments (UTC) as ISO text
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


class Loader(Protocol):
    def load(self, table: sa.Table, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
        """Append `rows`, their values in the order of `columns`."""


@contextmanager
def loading(database: Database) -> Iterator[Loader]:
    """A loader inside one transaction.

    Raises:
        StoreUnavailable: the database refuses or is away.
    """
    if database.is_sqlite:
        with database.write() as connection:
            yield _Sqlite(connection.connection.cursor())
        return
    args, kwargs = database.engine.dialect.create_connect_args(database.engine.url)
    try:
        with patience.inside_libpq():  # COPY does not go through a wait callback
            raw = psycopg2.connect(*args, connect_timeout=5, options="-c timezone=UTC", **kwargs)
            try:
                with raw, raw.cursor() as cursor:
                    yield _Postgres(cursor)
            finally:
                raw.close()
    except psycopg2.Error as error:
        raise StoreUnavailable(f"database: {error}") from error


class _Sqlite:
    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def load(self, table: sa.Table, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
        places = ", ".join("?" * len(columns))
        self._cursor.executemany(f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({places})", rows)


class _Postgres:
    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def load(self, table: sa.Table, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
        copy = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN"
        self._cursor.copy_expert(copy, _Lines("\t".join(map(_field, row)) + "\n" for row in rows))


def _field(value: Any) -> str:
    return r"\N" if value is None else value.translate(ESCAPES) if isinstance(value, str) else str(value)


class _Lines(io.TextIOBase):
    """An iterator of lines as a file, for COPY to read from."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines, self._rest = lines, ""

    def read(self, size: int | None = -1) -> str:
        parts, length = [self._rest], len(self._rest)
        while size is None or size < 0 or length < size:
            line = next(self._lines, None)
            if line is None:
                break
            parts.append(line)
            length += len(line)
        text = "".join(parts)
        end = len(text) if size is None or size < 0 else size
        self._rest = text[end:]
        return text[:end]
