"""The desk's rounds in the serving process: at every ring and every second or so, whatever is due is done.

Other processes do the same; `bot.services.desk.dispatch` makes each step safe. What changed is rung, so that borrowers
and agents see it at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from bot.errors import StoreUnavailable
from bot.services import logs
from bot.services.desk import callbacks
from bot.services.desk.dispatch import Dispatch
from bot.services.watch import DESK, Bells
from bot.services.work import Work

EVERY = 2.0  # seconds between two rounds without a ring
ASSIGNED_TOGETHER = 50  # conversations tried in one round


class Rounds:
    """`run` until cancelled; `once` for tests. `tell` rings every session of a conversation and its watchers."""

    def __init__(
        self, dispatch: Dispatch, work: Work, bells: Bells, tell: Callable[[list[str]], Awaitable[None]]
    ) -> None:
        self._dispatch, self._work, self._bells, self._tell = dispatch, work, bells, tell
        self._started = time.monotonic()

    async def run(self) -> None:
        bell = self._bells.listen(DESK)
        try:
            while True:
                bell.clear()
                try:
                    if self._work.up:
                        await self.once(grace=True)
                except StoreUnavailable:
                    logs.event("desk waits for the store", level="warning")
                except Exception as error:  # noqa: BLE001 - the rounds go on: the next one looks again
                    logs.failure("desk round failed", error)
                try:
                    await asyncio.wait_for(bell.wait(), EVERY)
                except asyncio.TimeoutError:
                    continue
        finally:
            self._bells.forget(DESK, bell)

    async def once(self, *, grace: bool = False) -> int:
        """One round; gives how many conversations changed.

        Args:
            grace: after a start nobody counts as lost before they had the time to come back.
        """
        now = self._dispatch.basis.clock.now()
        heartbeat = self._dispatch.basis.policy(now).heartbeat.total_seconds()
        changed: list[str] = []
        if not grace or time.monotonic() - self._started > heartbeat:
            changed += await self._each(self._dispatch.lost, self._dispatch.take_back, now)
        changed += await self._assign(now)
        changed += await self._each(self._dispatch.hopeless, self._dispatch.give_up, now)
        for callback in await self._work.read(lambda c: callbacks.missed(c, now)):
            if await self._work.write(lambda c, one=callback: self._dispatch.missed_callback(c, one, now)):  # type: ignore[misc]
                changed.append(callback["conversation_id"])
        if changed:
            await self._tell(changed)
        return len(changed)

    async def _assign(self, now: datetime) -> list[str]:
        """Serve the queue from its head; whoever cannot be served yet does not hold the others up."""
        line = await self._work.read(lambda c: self._dispatch.waiting(c, now))
        return [one for one in line[:ASSIGNED_TOGETHER] if await self._one(self._dispatch.assign, one, now)]

    async def _each(self, find: Any, do: Any, now: datetime) -> list[str]:
        found = await self._work.read(lambda c: find(c, now))
        return [one for one in found if await self._one(do, one, now)]

    async def _one(self, do: Any, conversation_id: str, now: datetime) -> Any:
        def run(connection: Connection) -> Any:
            return do(connection, conversation_id, now)

        return await self._work.write(run)
