"""An empty, migrated database of each kind, thrown away after the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store.database import Database, make_engine
from bot.store.migrate import upgrade
from tests import databases


@pytest.fixture(scope="session", params=databases.ENGINES)
def empty(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with databases.template(request.param, tmp_path_factory.mktemp("empty"), upgrade) as url:
        yield url


@pytest.fixture
def url(empty: str, tmp_path: Path) -> Iterator[str]:
    with databases.copy(empty, tmp_path) as made:
        yield made


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(make_engine(url))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with databases.template("sqlite", tmp_path_factory.mktemp("empty"), upgrade) as url:
        yield url


@pytest.fixture
def sqlite(empty_sqlite: str, tmp_path: Path) -> Iterator[Database]:
    """For what does not depend on the engine."""
    with databases.copy(empty_sqlite, tmp_path) as made:
        opened = Database(make_engine(made))
        yield opened
        opened.close()
