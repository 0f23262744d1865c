"""How fast one process sends on one channel: a token bucket, and the pause that a platform asks for."""

from __future__ import annotations

import asyncio
import time

BURST = 1.0  # seconds' worth that may be sent at once


class Pace:
    """`per_second` is the platform's limit; with N processes, each is given the N-th part by the installation's settings."""

    def __init__(self, per_second: float) -> None:
        self._rate = per_second
        self._tokens = max(1.0, per_second * BURST)
        self._filled = time.monotonic()
        self._until = 0.0

    def sleep(self, seconds: float) -> None:
        """Nothing more for so long."""
        self._until = max(self._until, time.monotonic() + seconds)

    def asleep(self) -> bool:
        return time.monotonic() < self._until

    async def turn(self, longest: float) -> float:
        """0 when one more may be sent, after at most `longest` seconds; else the seconds to come back after."""
        while True:
            now = time.monotonic()
            left = self._until - now
            if left <= 0:
                self._tokens = min(max(1.0, self._rate * BURST), self._tokens + (now - self._filled) * self._rate)
                self._filled = now
                if self._tokens >= 1.0:
                    self._tokens -= 1.0
                    return 0.0
                left = (1.0 - self._tokens) / self._rate
            if left > longest:
                return left
            longest -= left
            await asyncio.sleep(left)
