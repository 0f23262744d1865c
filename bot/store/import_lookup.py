"""What the importer's parts share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

BATCH = 500
Counts = tuple[int, int, int]  # new, changed, same


def stored(connection: Connection, table: sa.Table, column: sa.Column[Any], keys: Iterable[str]) -> list[Any]:
    """The rows of `table` whose `column` is one of `keys`."""
    wanted, found = sorted(set(keys)), []
    for start in range(0, len(wanted), BATCH):
        found += connection.execute(sa.select(table).where(column.in_(wanted[start : start + BATCH]))).all()
    return found
