"""Many at once: no answer is lost, swapped or shown to another; guessing codes opens nothing."""

from __future__ import annotations

import asyncio
import os
import random
import uuid
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from tests.processes import Server

pytestmark = [pytest.mark.load, pytest.mark.slow]
CROWD = int(os.environ.get("CROWD", "200"))
GUESSES = int(os.environ.get("GUESSES", "10000"))
ROUTE = "/webhooks/rest/webhook"


def test_crowd_of_borrowers_gets_its_own_answers(tmp_path: Path) -> None:
    server = Server(tmp_path, FAKE_SLOW="0.05").start()
    customers = [f"C100{n}" for n in range(1, 9)]

    async def talk(http: httpx.AsyncClient, number: int) -> None:
        customer = customers[number % 8] if number % 2 else None
        metadata = {}
        if customer:
            login = await http.post("/demo/login", json={"customer_id": customer, "acr": "2"})
            metadata = {"identity_token": login.json()["token"]}
        for turn in range(4):
            words = f"{'慢' if turn == 2 else ''}第{number}人第{turn}句"
            answer = await http.post(ROUTE, json={"sender": f"s{number}", "message": words, "metadata": metadata})
            assert answer.json() == [{"recipient_id": f"s{number}", "text": f"echo: {words}"}]
            balance = await http.post(ROUTE, json={"sender": f"s{number}", "message": "余额", "metadata": metadata})
            texts = [reply["text"] for reply in balance.json()]
            assert (texts == [f"balance of {customer}"]) if customer else ("balance" not in repr(texts))

    async def crowd() -> None:
        limits = httpx.Limits(max_connections=CROWD)
        async with httpx.AsyncClient(base_url=server.url, timeout=120, limits=limits) as http:
            await asyncio.gather(*(talk(http, number) for number in range(CROWD)))

    asyncio.run(crowd())
    assert server.stop() == 0


def test_ten_thousand_guesses_open_no_account(tmp_path: Path) -> None:
    """Every phone of the demo, from many sessions at once, each guess after the steps that lead to it."""
    server = Server(tmp_path).start()
    dice = random.Random(1)
    borrowers = [
        (f"1380000000{n}", tail)
        for n, tail in enumerate(("0011", "0022", "0033", "0044", "0055", "0066", "0077", "0088"), 1)
    ]
    said: dict[str, int] = {}

    async def guess(http: httpx.AsyncClient, how_many: int) -> None:
        left = how_many
        while left > 0:
            sender = uuid.uuid4().hex
            phone, tail = dice.choice(borrowers)
            for words in ("验证身份", phone, tail):
                await http.post(ROUTE, json={"sender": sender, "message": words})
            for _ in range(min(left, 8)):
                left -= 1
                answer = await http.post(ROUTE, json={"sender": sender, "message": f"{dice.randrange(10**6):06d}"})
                text = answer.json()[0]["text"]
                kind = "chat" if text.startswith("echo") else text.split("，")[0][:12]
                said[kind] = said.get(kind, 0) + 1

    async def attack() -> None:
        async with httpx.AsyncClient(base_url=server.url, timeout=120) as http:
            await asyncio.gather(*(guess(http, GUESSES // 20) for _ in range(20)))

    asyncio.run(attack())
    with sa.create_engine(server.env["DATABASE_URL"]).connect() as connection:
        proven = connection.exec_driver_sql("SELECT count(*) FROM channel_sessions WHERE level > 0").scalar()
        events = connection.exec_driver_sql("SELECT count(*) FROM events WHERE kind = 'login_code_right'").scalar()
        tried = connection.exec_driver_sql("SELECT count(*) FROM events WHERE kind = 'login_code_wrong'").scalar()
        sent = connection.exec_driver_sql("SELECT count(*) FROM notifications WHERE kind = 'code'").scalar()
    assert server.stop() == 0
    print(f"{GUESSES} guesses: {tried} compared with a code, {sent} codes sent, {proven} sessions proven; said {said}")
    assert (proven, events) == (0, 0)
    assert tried is not None
    assert tried <= 8 * 5  # five tries a phone, then the lock
