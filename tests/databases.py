"""Fresh databases for tests: a copied SQLite file, or a PostgreSQL database made from a template; milliseconds each."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

ENGINES = ("sqlite", "postgresql")
Fill = Callable[[str], None]


def base_url() -> str:
    """TEST_DATABASE_URL; without it the PostgreSQL half is skipped, but never in CI."""
    url = os.environ.get("TEST_DATABASE_URL")
    if url:
        return url
    if os.environ.get("CI"):
        pytest.fail("TEST_DATABASE_URL is not set")
    pytest.skip("PostgreSQL tests need TEST_DATABASE_URL")


@contextmanager
def template(engine: str, folder: Path, fill: Fill) -> Iterator[str]:
    """A database filled once by `fill(url)`, to make others from."""
    if engine == "sqlite":
        url = f"sqlite:///{folder / 'template.db'}"
        fill(url)
        yield url
        return
    with _postgresql() as url:
        fill(url)
        yield url


@contextmanager
def copy(url: str, folder: Path) -> Iterator[str]:
    """A database like the one at `url`, thrown away afterwards."""
    if url.startswith("sqlite"):
        made = folder / f"{uuid.uuid4().hex}.db"
        shutil.copy(url.removeprefix("sqlite:///"), made)
        yield f"sqlite:///{made}"
        return
    with _postgresql(like=sa.engine.make_url(url).database) as made_url:
        yield made_url


@contextmanager
def _postgresql(like: str | None = None) -> Iterator[str]:
    base = base_url()
    name = f"daihou_t_{uuid.uuid4().hex[:12]}"
    admin = sa.create_engine(base, isolation_level="AUTOCOMMIT", future=True, poolclass=sa.pool.NullPool)
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}" + (f" TEMPLATE {like}" if like else "")))
    try:
        yield sa.engine.make_url(base).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
