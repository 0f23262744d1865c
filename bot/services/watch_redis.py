"""Bells over many processes: a ring is published on Redis and heard by all. Gone Redis costs seconds, never a message.

A ring is always heard inside the own process. While Redis is away the others find news when they look by themselves
(every client does, at intervals); when it is back everybody is rung once, because something may have been missed.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Mapping
from typing import Any

import orjson
from redis import asyncio as redis
from redis.exceptions import RedisError

from bot.services import logs
from bot.services.watch import Bells

CHANNEL = "daihou bells"
EVERYBODY = "*"
WAITING = 10_000  # rings kept for sending; more are dropped, and everybody looks again later
RETRY = 1.0  # seconds
LONGEST_RETRY = 10.0
STOP = 2.0  # seconds
SILENCE = 20.0  # seconds without a word, our own beats included: the connection is taken for dead


class RedisBells(Bells):
    """`url` such as redis://127.0.0.1:6379/0; `channel` keeps deployments that share a Redis apart."""

    def __init__(self, url: str, channel: str = CHANNEL) -> None:
        super().__init__()
        self._url, self._channel = url, channel
        self._me = uuid.uuid4().hex[:12]
        self._out: asyncio.Queue[bytes] = asyncio.Queue(WAITING)
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False
        self.up = asyncio.Event()

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._for_ever(self._hear)), asyncio.create_task(self._for_ever(self._send))]

    async def stop(self) -> None:
        """A driver that loses a cancellation (its own timeouts may swallow one) must not keep the process: ask twice, then go."""
        self._stopping = True
        for _ in range(2):
            for task in self._tasks:
                task.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=STOP)

    def ring(self, key: str) -> None:
        super().ring(key)
        self._publish([self._me, key, None])

    def show(self, key: str, sign: Mapping[str, Any]) -> None:
        super().show(key, sign)
        self._publish([self._me, key, dict(sign)])

    def _publish(self, what: list[Any]) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            self._out.put_nowait(orjson.dumps(what))

    # -- the connection

    async def _for_ever(self, job: Any) -> None:
        wait = RETRY
        while not self._stopping:
            client = redis.from_url(self._url, socket_connect_timeout=5, socket_timeout=SILENCE)
            try:
                await job(client)
                wait = RETRY
            except (RedisError, OSError, asyncio.TimeoutError) as error:
                if self.up.is_set():
                    logs.event("redis away", level="warning", error=type(error).__name__)
                self.up.clear()
                await asyncio.sleep(wait)
                wait = min(wait * 2, LONGEST_RETRY)
            finally:
                with contextlib.suppress(RedisError, OSError):
                    await client.close()

    async def _hear(self, client: Any) -> None:
        async with client.pubsub() as heard:
            await heard.subscribe(self._channel)
            self.up.set()
            self.ring_all()  # inside this process: something may have been missed
            while not self._stopping:
                message = await heard.get_message(ignore_subscribe_messages=True, timeout=SILENCE / 2)
                if message is None:
                    await heard.ping()
                    continue
                if message["type"] != "message":
                    continue
                sender, key, sign = orjson.loads(message["data"])
                if key == EVERYBODY:
                    self.ring_all()
                elif sender != self._me:
                    self._ring(key, sign)

    async def _send(self, client: Any) -> None:
        await client.publish(self._channel, orjson.dumps([self._me, EVERYBODY, None]))  # rings may have been lost
        while not self._stopping:
            await client.publish(self._channel, await self._out.get())
