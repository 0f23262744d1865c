"""Numbers that people read out: SQ-20261123-0042, counted per prefix and business day."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection


def next_number(connection: Connection, prefix: str, day: date) -> str:
    """The next number; gaps are possible (a rolled back turn), doubles are not."""
    name = f"{prefix}-{day:%Y%m%d}"
    return f"{name}-{_next(connection, name):04d}"


def _next(connection: Connection, name: str) -> int:
    statement = sa.text(
        "INSERT INTO counters (name, value) VALUES (:name, 1) "
        "ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value"
    )
    return int(connection.execute(statement, {"name": name}).scalar_one())
