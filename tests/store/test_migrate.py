from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import bot.store.channel_schema
import bot.store.complaint_schema
import bot.store.conversation_schema
import bot.store.help_schema
import bot.store.learning_schema  # noqa: F401 (their tables join the metadata)
from bot.errors import StoreUnavailable
from bot.store.database import Database, make_engine
from bot.store.migrate import upgrade
from bot.store.schema import metadata
from tests import databases


def test_revisions_make_the_tables_that_the_code_knows(database: Database) -> None:
    with database.write() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_upgrade_again_changes_nothing(url: str, database: Database) -> None:
    def tables() -> list[str]:
        return sorted(sa.inspect(database.engine).get_table_names())

    before = tables()
    upgrade(url)
    assert tables() == before


@pytest.mark.parametrize("engine", databases.ENGINES)
def test_upgrade_by_several_processes_at_once(engine: str, tmp_path: Path) -> None:
    with databases.template(engine, tmp_path, lambda url: None) as url:
        with ThreadPoolExecutor(3) as threads:
            list(threads.map(upgrade, [url] * 3))
        opened = Database(make_engine(url))
        assert "ledger" in sa.inspect(opened.engine).get_table_names()
        opened.close()


def test_upgrade_makes_the_folder_of_a_file(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path / 'a' / 'b' / 'c.db'}")
    assert (tmp_path / "a" / "b" / "c.db").exists()


def test_upgrade_of_an_unreachable_database_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable):
        upgrade("postgresql://root@127.0.0.1:1/none")
