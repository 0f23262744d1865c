"""The same limit over many processes: one bucket a channel in Redis. Gone Redis costs the sharing, never a message.

While Redis is away each process keeps the whole limit by itself, as without Redis: what is then too much the platform
refuses for the moment, and it is sent again.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable
from typing import Any

from redis import asyncio as redis
from redis.exceptions import RedisError

from bot.services import logs
from bot.services.channels.pace import BURST, Pace

PREFIX = "daihou pace"
SILENCE = 1.0  # seconds that Redis may take to answer
RETRY = 5.0  # seconds in which Redis that was away is not asked
MICRO = 1_000_000

# Redis' own clock, so that processes on machines whose clocks differ agree. The first key holds until when the channel
# rests, the second when its bucket will be full again (GCRA: what is sent moves that moment on by one message's share).
# Gives the microseconds to wait, and whether the channel rests; 0: one more may be sent, and is counted.
TURN = """
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local rests = tonumber(redis.call('GET', KEYS[1]) or '0') - now
if rests > 0 then return {rests, 1} end
local share, ahead = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = math.max(tonumber(redis.call('GET', KEYS[2]) or '0'), now)
local wait = full - ahead - now
if wait > 0 then return {math.ceil(wait), 0} end
local life = math.ceil((full + share - now) / 1000) + 1000
redis.call('SET', KEYS[2], string.format('%.0f', full + share), 'PX', life)
return {0, 0}
"""
SLEEP = """
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local till = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now + tonumber(ARGV[1]))
redis.call('SET', KEYS[1], string.format('%.0f', till), 'PX', math.ceil((till - now) / 1000))
return 0
"""


class SharedPace(Pace):
    """`name` is the channel; `prefix` keeps deployments that share a Redis apart. One a channel and process."""

    def __init__(self, client: Any, name: str, per_second: float, prefix: str = PREFIX) -> None:
        super().__init__(per_second)
        self._client = client
        self._keys = [f"{prefix} {{{name}}} {what}" for what in ("rests", "full")]  # {}: both on one node of a cluster
        most = max(1.0, per_second * BURST)
        self._share, self._ahead = MICRO / per_second, (most - 1.0) * MICRO / per_second
        self._away_until = 0.0

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        await self._ask(SLEEP, self._keys[:1], round(seconds * MICRO))

    async def _next(self) -> float:
        own = self._rests()
        if own > 0:
            return own
        told = await self._ask(TURN, self._keys, round(self._share), round(self._ahead))
        if told is None:
            return await super()._next()
        wait, rests = told[0] / MICRO, bool(told[1])
        if rests:
            await super().sleep(wait)  # the others' pause is ours: nothing is leased until it is over
        return wait

    async def _ask(self, script: str, keys: list[str], *values: int) -> Any:
        """What the script gives; None while Redis is away."""
        if time.monotonic() < self._away_until:
            return None
        try:
            return await self._client.eval(script, len(keys), *keys, *values)
        except (RedisError, OSError, asyncio.TimeoutError) as error:
            self._away_until = time.monotonic() + RETRY
            logs.event("redis away: limits by process", level="warning", error=type(error).__name__)
            return None


class Paces(dict[str, Pace]):
    """Every channel's limit, shared where there is a Redis."""

    def __init__(self, limits: Iterable[tuple[str, float]], url: str = "", prefix: str = PREFIX) -> None:
        self._client: Any = None
        if url:
            self._client = redis.from_url(url, socket_connect_timeout=SILENCE, socket_timeout=SILENCE)
            super().__init__({name: SharedPace(self._client, name, rate, prefix) for name, rate in limits})
        else:
            super().__init__({name: Pace(rate) for name, rate in limits})

    async def close(self) -> None:
        if self._client is not None:
            with contextlib.suppress(RedisError, OSError):
                await self._client.close()
