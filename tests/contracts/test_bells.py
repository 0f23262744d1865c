"""What every set of bells does: inside one process, and over Redis between two that share nothing else."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator

import pytest

from bot.services.watch import Bell, Bells
from bot.services.watch_redis import RedisBells

REDIS = os.environ.get("TEST_REDIS_URL", "")


def _redis() -> str:
    if not REDIS:
        if os.environ.get("CI"):
            pytest.fail("TEST_REDIS_URL is not set")
        pytest.skip("Redis tests need TEST_REDIS_URL")
    return REDIS


@pytest.fixture(params=["one process", "redis"])
async def bells(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Bells, Bells]]:
    """Who rings and who listens."""
    if request.param == "one process":
        one = Bells()
        yield one, one
        return
    url, channel = _redis(), f"test {uuid.uuid4().hex}"
    ringing, listening = RedisBells(url, channel), RedisBells(url, channel)
    for each in (ringing, listening):
        await each.start()
        await asyncio.wait_for(each.up.wait(), 10)
    await asyncio.sleep(0.3)  # both have told each other that they are there
    yield ringing, listening
    for each in (ringing, listening):
        await each.stop()


async def rung(bell: asyncio.Event, seconds: float = 3.0) -> bool:
    try:
        await asyncio.wait_for(bell.wait(), seconds)
    except asyncio.TimeoutError:
        return False
    return True


async def test_a_ring_wakes_whoever_listens_to_that_key(bells: tuple[Bells, Bells]) -> None:
    ringing, listening = bells
    mine, other = listening.listen("a"), listening.listen("b")
    mine.clear()
    other.clear()
    ringing.ring("a")
    assert await rung(mine)
    assert not await rung(other, 0.2)


async def test_a_sign_arrives_with_the_ring_and_is_taken_once(bells: tuple[Bells, Bells]) -> None:
    ringing, listening = bells
    bell = listening.listen("a")
    bell.clear()
    ringing.show("a", {"typing": "lin"})
    assert await rung(bell)
    assert [dict(sign) for sign in bell.take_signs()] == [{"typing": "lin"}]
    assert bell.take_signs() == []


async def test_a_sign_wakes_nobody_who_does_not_look_for_signs(bells: tuple[Bells, Bells]) -> None:
    ringing, listening = bells
    blind = listening.listen("a", Bell(sees=False))
    blind.clear()
    ringing.show("a", {"typing": "lin"})
    assert not await rung(blind, 0.3)
    ringing.ring("a")
    assert await rung(blind)
    assert blind.take_rung() == {"a"}


async def test_who_has_left_hears_nothing(bells: tuple[Bells, Bells]) -> None:
    ringing, listening = bells
    bell = listening.listen("a")
    listening.forget("a", bell)
    bell.clear()
    ringing.ring("a")
    assert not await rung(bell, 0.2)


async def test_redis_that_is_away_still_rings_inside_the_process_and_everybody_looks_when_it_is_back() -> None:
    url = _redis()
    from tests.proxy import Proxy

    port = int(url.rsplit(":", 1)[1].split("/")[0])
    between = Proxy(port)
    bells = RedisBells(f"redis://127.0.0.1:{between.port}/0", f"test {uuid.uuid4().hex}")
    await bells.start()
    try:
        await asyncio.wait_for(bells.up.wait(), 10)
        between.down()
        bell = bells.listen("a")
        bell.clear()
        bells.ring("a")
        assert await rung(bell)
        await asyncio.sleep(1.0)
        bell.clear()
        between.up = True
        assert await rung(bell, 20)  # connected again: something may have been missed
    finally:
        await bells.stop()
        between.close()
