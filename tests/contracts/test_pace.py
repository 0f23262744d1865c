"""What every channel's limit does: inside one process, and over Redis between processes that share nothing else."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator

import pytest

from bot.services.channels.pace import Pace
from bot.services.channels.pace_redis import Paces
from tests.contracts.test_bells import _redis
from tests.processes import ROOT
from tests.proxy import Proxy

RATE = 20.0


@pytest.fixture(params=["one process", "redis"])
async def paces(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Pace, Pace]]:
    """Two that keep one limit: the same, or two processes' over Redis."""
    limit = [("fake", RATE)]
    if request.param == "one process":
        one = Paces(limit)["fake"]
        yield one, one
        return
    url, prefix = _redis(), f"test {uuid.uuid4().hex}"
    first, second = Paces(limit, url, prefix), Paces(limit, url, prefix)
    yield first["fake"], second["fake"]
    await first.close()
    await second.close()


async def turns(pace: Pace, seconds: float) -> int:
    """How many one process gets that asks as fast as it can."""
    ends, number = time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        number += await pace.turn(0.0) == 0
        await asyncio.sleep(0.002)
    return number


async def test_two_that_send_keep_one_limit(paces: tuple[Pace, Pace]) -> None:
    started = time.monotonic()
    got = sum(await asyncio.gather(*(turns(one, 1.5) for one in paces)))
    most = RATE + RATE * (time.monotonic() - started)  # a second's worth at once, and what grew since
    assert most * 0.8 <= got <= most + 1


async def test_who_must_wait_waits_no_longer_than_told_and_is_told_how_long(paces: tuple[Pace, Pace]) -> None:
    first, second = paces
    while await first.turn(0.0) == 0:
        pass
    left = await second.turn(0.0)
    assert 0 < left <= 1 / RATE
    started = time.monotonic()
    assert await second.turn(1.0) == 0
    assert time.monotonic() - started < 0.5


async def test_a_pause_of_the_platform_holds_for_both(paces: tuple[Pace, Pace]) -> None:
    first, second = paces
    await first.sleep(0.8)
    assert first.asleep()
    assert 0.3 < await second.turn(0.1) <= 0.8
    assert second.asleep()  # now it knows, and leases nothing
    await first.sleep(0.1)  # a shorter one does not end the longer
    assert await second.turn(0.1) > 0.2
    assert await second.turn(2.0) == 0
    assert await first.turn(0.0) == 0


async def test_a_channel_slower_than_one_a_second(paces: tuple[Pace, Pace]) -> None:
    slow = [Paces([("slow", 0.5)])["slow"]] * 2
    if paces[0] is not paces[1]:
        url, prefix = _redis(), f"test {uuid.uuid4().hex}"
        slow = [Paces([("slow", 0.5)], url, prefix)["slow"] for _ in range(2)]
    assert await slow[0].turn(0.0) == 0
    assert 1.5 < await slow[1].turn(0.0) <= 2.0


WORKER = """
import asyncio, sys
from bot.services.channels.pace_redis import Paces
from tests.contracts.test_pace import turns

async def main():
    paces = Paces([("fake", 20.0)], sys.argv[1], sys.argv[2])
    print(await turns(paces["fake"], 1.5))

asyncio.run(main())
"""


def test_three_processes_keep_one_limit() -> None:
    url, prefix = _redis(), f"test {uuid.uuid4().hex}"
    started = time.monotonic()
    command = [sys.executable, "-W", "ignore", "-c", WORKER, url, prefix]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ}) for _ in range(3)]
    got = [int(one.communicate(timeout=60)[0].split()[-1]) for one in running]
    assert sum(got) <= RATE + RATE * (time.monotonic() - started) + 1
    assert sum(got) >= RATE * 2


async def test_redis_that_is_away_leaves_each_process_its_own_limit() -> None:
    url = _redis()
    between = Proxy(int(url.rsplit(":", 1)[1].split("/")[0]))
    paces = Paces([("fake", RATE)], f"redis://127.0.0.1:{between.port}/0", f"test {uuid.uuid4().hex}")
    pace = paces["fake"]
    try:
        assert await pace.turn(0.0) == 0
        between.down()
        started = time.monotonic()
        got = await turns(pace, 1.0)
        assert RATE <= got <= RATE + RATE * (time.monotonic() - started) + 1
        await pace.sleep(0.3)
        assert pace.asleep()
    finally:
        await paces.close()
        between.close()
