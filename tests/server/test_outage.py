"""The database goes away and comes back under a running server: nothing is lost, nobody is left without a word."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from tests import databases
from tests.processes import Server

pytestmark = pytest.mark.slow
ROUTE = "/webhooks/rest/webhook"


def until(what: str, check: Any, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, f"not in {seconds} s: {what}"
        time.sleep(0.2)


def healthy(server: Server) -> bool:
    return httpx.get(server.url + "/health", timeout=15).status_code == 200


def test_sqlite_that_cannot_be_written_is_told_kindly_and_comes_back(tmp_path: Path) -> None:
    server = Server(tmp_path).start()
    with httpx.Client(base_url=server.url, timeout=40) as http:
        http.post(ROUTE, json={"sender": "u", "message": "你好"})
        blocker = sqlite3.connect(tmp_path / "daihou.db", isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        refused = http.post(ROUTE, json={"sender": "u", "message": "还在吗", "message_id": "m1"})
        assert (refused.status_code, refused.json()["code"]) == (503, "store_unavailable")
        assert refused.headers["retry-after"]
        health = http.get("/health")
        assert (health.status_code, health.json()["live"], health.json()["ready"]) == (503, True, False)
        blocker.execute("ROLLBACK")
        until("healthy again", lambda: healthy(server))
        again = http.post(ROUTE, json={"sender": "u", "message": "还在吗", "message_id": "m1"})
        assert again.json()[0]["text"] == "echo: 还在吗"
    assert server.stop() == 0


def test_sqlite_blocked_during_a_turn_answers_the_accepted_message_later(tmp_path: Path) -> None:
    server = Server(tmp_path, FAKE_SLOW="1").start()
    answers: list[httpx.Response] = []
    body = {"sender": "u", "message": "慢", "message_id": "m1"}
    asking = threading.Thread(target=lambda: answers.append(httpx.post(server.url + ROUTE, json=body, timeout=60)))
    asking.start()
    time.sleep(0.5)
    blocker = sqlite3.connect(tmp_path / "daihou.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    asking.join()
    assert answers[0].status_code == 202
    assert answers[0].json()[0]["text"]
    blocker.execute("ROLLBACK")
    until("healthy again", lambda: healthy(server))
    until("answered", lambda: httpx.get(server.url + "/health").json()["pending"] == 0)
    later = httpx.post(server.url + ROUTE, json=body, timeout=30)
    assert [reply["text"] for reply in later.json()] == ["echo: 慢"]
    assert server.stop() == 0


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[tuple[sa.engine.Engine, str, str]]:
    admin = sa.create_engine(
        databases.base_url(), isolation_level="AUTOCOMMIT", future=True, poolclass=sa.pool.NullPool
    )
    with databases.template("postgresql", tmp_path, lambda url: None) as url:
        yield admin, str(sa.engine.make_url(url).database), url


def test_postgresql_that_goes_away_and_comes_back(tmp_path: Path, postgres: tuple[sa.engine.Engine, str, str]) -> None:
    admin, name, url = postgres
    server = Server(tmp_path, DATABASE_URL=url, FAKE_SLOW="1").start()

    def allow(yes: bool) -> None:
        with admin.connect() as connection:
            connection.execute(sa.text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {str(yes).lower()}"))
            if not yes:
                connection.execute(
                    sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
                    {"name": name},
                )

    answers: list[httpx.Response] = []
    body = {"sender": "u", "message": "慢", "message_id": "m1"}
    asking = threading.Thread(target=lambda: answers.append(httpx.post(server.url + ROUTE, json=body, timeout=60)))
    asking.start()
    time.sleep(0.5)
    allow(False)
    asking.join()
    assert answers[0].status_code == 202
    assert not healthy(server)
    refused = httpx.post(server.url + ROUTE, json={"sender": "u2", "message": "你好"}, timeout=60)
    assert refused.status_code == 503
    allow(True)
    until("healthy again", lambda: healthy(server))
    until("answered", lambda: httpx.get(server.url + "/health").json()["pending"] == 0)
    assert httpx.post(server.url + ROUTE, json=body, timeout=30).json()[0]["text"] == "echo: 慢"
    assert server.stop() == 0
