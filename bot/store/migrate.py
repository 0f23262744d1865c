"""Brings a database to the newest revision. Safe to run at every start, by several processes at once."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url

from bot.settings import ROOT
from bot.store.database import Database, make_engine

LOCK = 7_243_001  # any fixed number: one migration at a time on PostgreSQL


def upgrade(database_url: str) -> None:
    """Run what is missing; creates the folder of a SQLite file.

    Raises:
        StoreUnavailable: the database cannot be reached.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    database = Database(make_engine(database_url, patient=True))
    try:
        with database.write() as connection:
            if not database.is_sqlite:
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            config = Config()
            config.set_main_option("script_location", str(ROOT / "bot" / "store" / "migrations"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        database.close()
