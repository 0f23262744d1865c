"""Handovers while the server is killed again and again: nothing lost, doubled, or sent by the wrong owner; nobody waits for ever.

KILLS (default 3; 50 in the acceptance run) SIGKILLs at random moments; 20 scripted agents, 200 borrowers (BORROWERS).
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from bot.app import build
from bot.lending.authority import Actor
from bot.settings import Settings
from bot.store.conversation_schema import conversations, events, messages
from bot.store.desk_schema import handovers
from tests.load.bench_desk import PASSWORD
from tests.processes import Server

pytestmark = [pytest.mark.load, pytest.mark.slow]
KILLS = int(os.environ.get("KILLS", "3"))
BORROWERS = int(os.environ.get("BORROWERS", "200"))
AGENTS, QUESTIONS = 20, 2
APART = 0.1  # seconds between two borrowers who join: a full queue would offer them callbacks
PATIENCE = 240.0  # seconds after the last kill in which everybody must have been served


class Chaos:
    def __init__(self, server: Server, cookies: dict[str, tuple[str, str]]) -> None:
        self.server, self.cookies = server, cookies
        self.done = asyncio.Event()
        self.asked: list[str] = []  # every question that was acknowledged
        self.answered: dict[str, str] = {}  # client id of an acknowledged answer -> its text
        self.served: set[int] = set()

    async def steady(self, http: httpx.AsyncClient, method: str, path: str, **more: Any) -> httpx.Response | None:
        """Repeat until the server answers; None when the test is over."""
        while not self.done.is_set():
            try:
                answer = await http.request(method, path, **more)
            except httpx.HTTPError:
                await asyncio.sleep(0.2)
                continue
            if answer.status_code < 500:
                return answer
            await asyncio.sleep(0.2)
        return None

    async def borrower(self, http: httpx.AsyncClient, number: int) -> None:
        await asyncio.sleep(number * APART)
        made = await self.steady(http, "POST", "/web/session")
        assert made is not None
        session = made.json()["session"]
        await self._say(http, session, "叫人", f"{number}-call")
        for turn in range(QUESTIONS):
            text = f"question {number} {turn}"
            await self._say(http, session, text, f"{number}-{turn}")
            self.asked.append(text)
            if not await self._wait_for(http, session, f"answer to {text}"):
                return
        self.served.add(number)

    async def _say(self, http: httpx.AsyncClient, session: str, text: str, key: str) -> None:
        body = {"session": session, "client_msg_id": key, "text": text}
        while not self.done.is_set():
            answer = await self.steady(http, "POST", "/web/messages", json=body)
            if answer is None or answer.status_code == 202:
                return
            await asyncio.sleep(0.2)

    async def _wait_for(self, http: httpx.AsyncClient, session: str, text: str) -> bool:
        headers = {"Authorization": f"Bearer {session}"}
        while not self.done.is_set():
            seen = await self.steady(http, "GET", "/web/messages", headers=headers, params={"after": 0, "wait": 0})
            if seen is not None and any(one["text"] == text for one in seen.json().get("messages", [])):
                return True
            await asyncio.sleep(0.5)
        return False

    async def agent(self, http: httpx.AsyncClient, staff_id: str) -> None:
        """Answers what is asked, closes what is answered, comes back after every kill."""
        cookie, csrf = self.cookies[staff_id]
        headers = {"Cookie": f"daihou_desk={cookie}", "X-CSRF": csrf}
        while not self.done.is_set():
            await self.steady(http, "POST", "/desk/api/presence", headers=headers, json={"status": "online"})
            box = await self.steady(http, "GET", "/desk/api/inbox", headers=headers)
            shown = box.json() if box is not None else {}
            for item in shown.get("messages", [])[
                :1
            ]:  # who met a full queue left a message, and is answered like anybody
                await self.steady(
                    http, "POST", f"/desk/api/conversations/{item['conversation_id']}/take", headers=headers
                )
            for item in shown.get("mine", []):
                await self._serve(http, headers, item["conversation_id"])
            await asyncio.sleep(0.5)

    async def _serve(self, http: httpx.AsyncClient, headers: dict[str, str], key: str) -> None:
        path = f"/desk/api/conversations/{key}"
        shown = await self.steady(http, "GET", path, headers=headers)
        if shown is None or shown.status_code != 200:
            return
        talk = shown.json()
        said = {one["text"] for one in talk["messages"]}
        asked = [one for one in talk["messages"] if one["text"].startswith("question")]
        for one in asked:
            text = f"answer to {one['text']}"
            if text in said:
                continue
            body = {"text": text, "client_msg_id": f"a {one['text']}", "epoch": talk["epoch"]}
            sent = await self.steady(http, "POST", f"{path}/messages", headers=headers, json=body)
            if sent is not None and sent.status_code in (200, 201):
                self.answered[body["client_msg_id"]] = text
        if asked and asked[-1]["text"].endswith(f" {QUESTIONS - 1}") and f"answer to {asked[-1]['text']}" in said:
            close = {"epoch": talk["epoch"], "topic": "chaos", "outcome": "resolved"}
            await self.steady(http, "POST", f"{path}/close", headers=headers, json=close)

    async def run(self) -> None:
        limits = httpx.Limits(max_connections=100)
        async with httpx.AsyncClient(base_url=self.server.url, timeout=30, limits=limits) as http:
            agents = [asyncio.create_task(self.agent(http, one)) for one in self.cookies]
            borrowers = [asyncio.create_task(self.borrower(http, number)) for number in range(BORROWERS)]
            chance = random.Random(7)
            for _ in range(KILLS):
                await asyncio.sleep(chance.uniform(0.3, 2.5))
                await asyncio.to_thread(self.server.kill)
                await asyncio.to_thread(self.server.start)
            await asyncio.wait(borrowers, timeout=PATIENCE)
            await asyncio.sleep(2)
            self.done.set()
            await asyncio.gather(*agents, *borrowers, return_exceptions=True)


def _staff(server: Server, folder: Path) -> dict[str, tuple[str, str]]:
    services = build(Settings(demo=True, database_url=server.env["DATABASE_URL"], var_dir=folder))
    accounts = services.desk.accounts
    hashed = accounts.hashed(PASSWORD)
    made = {}
    for number in range(AGENTS):
        name = f"chaos{number}"
        services.staff.put(name, "trainer", skills=["service"], languages=["zh"], capacity=6, password=hashed)
        entry = accounts.login(name, PASSWORD, "", services.wall.now())
        services.staff.put(name, "agent")
        made[name] = entry.cookie, entry.csrf
        with services.database.write() as connection:
            services.desk.agents.set_status(connection, Actor(name, "agent"), "online", services.wall.now())
    services.close()
    return made


async def test_handovers_survive_kills(tmp_path: Path) -> None:
    server = Server(tmp_path).start()
    chaos = Chaos(server, _staff(server, tmp_path))
    await chaos.run()
    server.stop()
    engine = sa.create_engine(server.env["DATABASE_URL"], future=True)
    with engine.connect() as connection:
        said = list(
            connection.execute(sa.select(messages).order_by(messages.c.conversation_id, messages.c.seq)).mappings()
        )
        owners = list(connection.execute(sa.select(events).where(events.c.kind == "owner_changed")).mappings())
        waiting = connection.execute(sa.select(handovers).where(handovers.c.status == "waiting")).all()
        stuck = connection.execute(sa.select(conversations).where(conversations.c.owner == "waiting")).all()
    assert len(chaos.served) == BORROWERS, f"{BORROWERS - len(chaos.served)} were never answered"
    assert waiting == []
    assert stuck == []
    asked = Counter(one["text"] for one in said if one["sender"] == "borrower" and one["text"].startswith("question"))
    assert asked == Counter(chaos.asked)  # each once, none lost
    answers = Counter(one["text"] for one in said if one["sender"] == "agent")
    assert set(answers.values()) == {1}
    assert set(chaos.answered.values()) <= set(answers)
    owner = {(one["conversation_id"], one["facts"]["epoch"]): one["facts"]["staff"] for one in owners}
    for one in said:
        if one["sender"] == "agent":
            assert owner[one["conversation_id"], one["epoch"]] == one["staff_id"]
    places: dict[str, list[int]] = {}
    for one in said:
        places.setdefault(one["conversation_id"], []).append(one["seq"])
    for seqs in places.values():
        assert seqs == list(range(1, len(seqs) + 1))
