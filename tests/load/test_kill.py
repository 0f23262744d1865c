"""A server that is killed again and again: what it acknowledged is answered exactly once, in order.

KILLS (default 5; 50 in the acceptance run) SIGKILLs at random moments while clients send without pause.
REAL=1 runs the trained model instead of the fake brain; KILL_DATABASE_URL an empty PostgreSQL database, not SQLite.
"""

from __future__ import annotations

import hashlib
import os
import random
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from tests.processes import Server

pytestmark = [pytest.mark.load, pytest.mark.slow]
KILLS = int(os.environ.get("KILLS", "5"))
REAL = os.environ.get("REAL") == "1"
TALKERS = 6


class Talker(threading.Thread):
    """Sends one message after the other and repeats each, same id, until it is acknowledged."""

    def __init__(self, server: Server, number: int) -> None:
        super().__init__(daemon=True)
        self.server, self.number = server, number
        self.web = number % 2 == 1
        self.acknowledged: list[tuple[str, str]] = []
        self.repeats = 0
        self.wrong: list[str] = []
        self.enough = threading.Event()

    def run(self) -> None:
        session = ""
        with httpx.Client(base_url=self.server.url, timeout=30) as http:
            turn = 0
            while not self.enough.is_set():
                try:
                    if self.web and not session:
                        session = http.post("/web/session").json()["session"]
                    turn += 1
                    self._until_acknowledged(http, session, turn)
                except (httpx.HTTPError, KeyError):
                    time.sleep(0.05)

    def _until_acknowledged(self, http: httpx.Client, session: str, turn: int) -> None:
        text = f"{'慢' if turn % 3 == 0 else ''}第{self.number}人第{turn}句"
        message_id = f"{self.number}-{turn}"
        while True:
            try:
                answer = self._send(http, session, message_id, text)
            except httpx.HTTPError:
                if self.enough.is_set():
                    return
                self.repeats += 1
                time.sleep(0.05)
                continue
            if answer.status_code in (200, 202):
                self.acknowledged.append((message_id, text))
                return
            if answer.status_code not in (503, 429):
                self.wrong.append(f"{answer.status_code} {answer.text[:200]}")
                return
            time.sleep(0.1)

    def _send(self, http: httpx.Client, session: str, message_id: str, text: str) -> httpx.Response:
        if self.web:
            return http.post("/web/messages", json={"session": session, "client_msg_id": message_id, "text": text})
        return http.post(
            "/webhooks/rest/webhook", json={"sender": f"t{self.number}", "message_id": message_id, "message": text}
        )


def ledger(url: str) -> str:
    """A digest of the whole ledger."""
    with sa.create_engine(url).connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM ledger ORDER BY 1, 2").fetchall()
    assert rows
    return hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()


def stored(url: str) -> list[Any]:
    """Every accepted message with its number of replies, in the order of its conversation."""
    query = """
        SELECT i.client_msg_id AS id, i.conversation_id AS conversation, i.seq AS seq, i.pending AS pending,
               m.text AS text,
               (SELECT count(*) FROM messages r WHERE r.in_reply_to = i.inbound_id AND r.sender = 'bot') AS replies,
               (SELECT min(r.seq) FROM messages r
                 WHERE r.in_reply_to = i.inbound_id AND r.sender = 'bot') AS first_reply,
               (SELECT min(r.text) FROM messages r WHERE r.in_reply_to = i.inbound_id AND r.sender = 'bot') AS reply
        FROM inbox i JOIN messages m ON m.in_reply_to = i.inbound_id AND m.sender = 'borrower'
        ORDER BY i.conversation_id, i.seq"""
    with sa.create_engine(url).connect() as connection:
        return list(connection.exec_driver_sql(query).mappings())


def test_killed_server_answers_what_it_acknowledged_once_and_in_order(tmp_path: Path) -> None:
    elsewhere = {"DATABASE_URL": os.environ["KILL_DATABASE_URL"]} if "KILL_DATABASE_URL" in os.environ else {}
    server = Server(tmp_path, real=REAL, FAKE_SLOW="0.15", **elsewhere).start(180)
    url = server.env["DATABASE_URL"]
    before = ledger(url)
    talkers = [Talker(server, number) for number in range(TALKERS)]
    for talker in talkers:
        talker.start()
    dice = random.Random(int(os.environ.get("SEED", "1")))
    for _ in range(KILLS):
        time.sleep(dice.uniform(0.05, 1.2))
        server.kill()
        server.start(120)
    time.sleep(1)
    for talker in talkers:
        talker.enough.set()
    for talker in talkers:
        talker.join()
    deadline = time.monotonic() + 60
    while any(row["pending"] for row in stored(url)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert server.stop() == 0

    rows = stored(url)
    kept = {row["id"]: row for row in rows}
    assert not any(row["pending"] for row in rows)
    assert len(kept) == len(rows)
    for talker in talkers:
        assert talker.wrong == []
        assert len(talker.acknowledged) > KILLS
        mine = [kept[message_id] for message_id, _ in talker.acknowledged]
        assert len({row["conversation"] for row in mine}) == 1
        assert [row["seq"] for row in mine] == sorted(row["seq"] for row in mine)
        assert [row["first_reply"] for row in mine] == sorted(row["first_reply"] for row in mine)
        for row, (_, text) in zip(mine, talker.acknowledged, strict=True):
            assert row["text"] == text
            if not REAL:
                assert (row["replies"], row["reply"]) == (1, f"echo: {text}")
            assert row["replies"] >= 1
    assert ledger(url) == before
    total = sum(len(talker.acknowledged) for talker in talkers)
    print(
        f"{KILLS} kills, {total} messages acknowledged, {sum(t.repeats for t in talkers)} repeats, none lost or doubled"
    )
