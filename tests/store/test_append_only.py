"""What happened stays as it was written, whoever holds the connection."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.store.database import Database
from bot.store.demo import seed_demo
from bot.store.schema import APPEND_ONLY

ATTACKS = {
    "ledger": ("UPDATE ledger SET cents = 0", "DELETE FROM ledger WHERE loan_id = 'LN1001'"),
    "payments": ("UPDATE payments SET cents = cents + 1", "DELETE FROM payments"),
    "instalments": ("UPDATE instalments SET principal = 1", "DELETE FROM instalments WHERE number = 3"),
}
TRICKS = {"sqlite": "INSERT OR REPLACE INTO {0} SELECT * FROM {0}", "postgresql": "TRUNCATE {0} CASCADE"}


def test_attacks_cover_every_append_only_table() -> None:
    assert set(ATTACKS) == set(APPEND_ONLY)


def test_changes_are_refused(database: Database) -> None:
    seed_demo(database, date(2026, 3, 18), ZoneInfo("Asia/Shanghai"))
    trick = TRICKS[database.engine.dialect.name]
    for table, attacks in ATTACKS.items():
        for statement in (*attacks, trick.format(table)):
            with pytest.raises(sa.exc.IntegrityError, match="append-only table"), database.write() as connection:
                connection.execute(sa.text(statement))
