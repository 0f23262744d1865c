"""Platforms against the real server process: over real HTTP, with faults and kills. The model is a stand-in."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.simulators.telegram import TelegramSimulator
from tests.channels.cases.telegram import CASE
from tests.channels.conftest import serving
from tests.processes import Server, free_port

PATIENCE = 20.0


class World:
    """A server, a simulated platform beside it."""

    def __init__(self, server: Server, telegram: TelegramSimulator) -> None:
        self.server, self.telegram = server, telegram

    async def until(self, user: str, number: int) -> list[str]:
        """What the phone shows, once Daihou has said `number` things."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            said = [one.text for one in self.telegram.phones[user] if one.by == "them"]
            if len(said) >= number:
                return said
            await asyncio.sleep(0.05)
        raise AssertionError(f"{user} was told {said}")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    port = free_port()
    telegram = TelegramSimulator(f"http://127.0.0.1:{port}/channels/telegram", CASE.env(""))
    async with serving(telegram) as api:
        server = Server(tmp_path, **CASE.env(api))
        server.port, server.url = port, f"http://127.0.0.1:{port}"
        server.env["PORT"] = str(port)
        await asyncio.to_thread(server.start)
        yield World(server, telegram)
        await asyncio.to_thread(server.stop)


async def test_a_message_is_answered_on_its_phone(world: World) -> None:
    await world.telegram.say("10001", "你好")
    assert await world.until("10001", 1) == ["echo: 你好"]
    assert world.telegram.calls == [("update", 200)]


async def test_duplicates_disorder_and_lost_answers(world: World) -> None:
    world.telegram.order("duplicate")
    await world.telegram.say("10001", "一")
    assert await world.until("10001", 1) == ["echo: 一"]
    world.telegram.order("error", 2)
    world.telegram.order("busy")
    await world.telegram.say("10001", "二")
    await world.telegram.say("10001", "三")
    assert await world.until("10001", 3) == ["echo: 一", "echo: 二", "echo: 三"]
    await asyncio.sleep(0.5)
    assert len(await world.until("10001", 3)) == 3


async def test_what_is_not_the_platforms_is_refused_without_a_word(world: World) -> None:
    world.telegram.order("bad_signature")
    await world.telegram.say("10001", "你好")
    assert world.telegram.calls == [("update", 401)]
    async with httpx.AsyncClient(base_url=world.server.url) as http:
        assert (await http.post("/channels/telegram", content=b"{}")).status_code == 401
        assert (await http.post("/channels/nothing", content=b"{}")).status_code == 404
        assert (await http.get("/channels/wechat")).status_code == 404  # not configured here
        assert (await http.post("/channels/telegram", content=b"x" * 3_200_000)).status_code == 413
        with contextlib.suppress(httpx.TransportError):  # what is far too large may find the line closed instead
            assert (await http.post("/channels/telegram", content=b"x" * 10_000_000)).status_code == 413
        ready = (await http.get("/metrics")).text
    assert 'daihou_channel_hooks_total{channel="telegram",outcome="signature"}' in ready


async def test_a_kill_between_message_and_answer_loses_nothing(world: World) -> None:
    for at in range(6):
        await world.telegram.say("10001", f"慢 {at}")
    world.server.kill()
    await asyncio.to_thread(world.server.start)
    said = await world.until("10001", 6)
    assert sorted(said) == [f"echo: 慢 {at}" for at in range(6)]
    assert said == [f"echo: 慢 {at}" for at in range(6)]  # in their order, too


async def test_a_server_that_is_away_is_asked_again_by_the_platform(world: World) -> None:
    world.server.kill()
    asked = asyncio.create_task(world.telegram.say("10001", "在吗"))
    await asyncio.to_thread(world.server.start)
    await asked
    if world.telegram.calls[-1][1] != 200:  # all its tries fell into the start: a person would write again
        await world.telegram.say("10001", "在吗")
    assert (await world.until("10001", 1))[0] == "echo: 在吗"
