"""How fast one channel sends: a token bucket, and the pause that a platform asks for.

`bot.services.channels.pace_redis` is the same over many processes.
"""

from __future__ import annotations

import asyncio
import time

BURST = 1.0  # seconds' worth that may be sent at once


class Pace:
    """`per_second` is the platform's limit, kept inside this process."""

    def __init__(self, per_second: float) -> None:
        self._rate = per_second
        self._tokens = max(1.0, per_second * BURST)
        self._filled = time.monotonic()
        self._until = 0.0

    async def sleep(self, seconds: float) -> None:
        """Nothing more for so long."""
        self._until = max(self._until, time.monotonic() + seconds)

    def asleep(self) -> bool:
        return self._rests() > 0

    async def turn(self, longest: float) -> float:
        """0 when one more may be sent, after at most `longest` seconds; else the seconds to come back after."""
        while True:
            left = await self._next()
            if left <= 0:
                return 0.0
            if left > longest:
                return left
            longest -= left
            await asyncio.sleep(left)

    def _rests(self) -> float:
        return self._until - time.monotonic()

    async def _next(self) -> float:
        """0 when one more may be sent, which is counted; else the seconds until that is worth asking again."""
        rests = self._rests()
        if rests > 0:
            return rests
        now = time.monotonic()
        self._tokens = min(max(1.0, self._rate * BURST), self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        if self._tokens >= 1.0:
            self._tokens -= 1.0
            return 0.0
        return (1.0 - self._tokens) / self._rate
