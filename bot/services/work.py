"""Database work off the event loop: reads on a few threads, writes of SQLite in one line (`write_line`).

Knows whether the store is up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy.engine import Connection

from bot.errors import StoreUnavailable
from bot.services import logs
from bot.services.write_line import Preparing, WriteLine, run_alone
from bot.store.clock import Clock
from bot.store.database import Database

T = TypeVar("T")


class Clocks(Protocol):
    """Business time and real time, as in `bot.app.Services`."""

    @property
    def clock(self) -> Clock: ...

    @property
    def wall(self) -> Clock: ...


@dataclass(frozen=True)
class _At(Preparing, Generic[T]):
    clocks: Any
    job: Callable[[Connection, datetime, datetime], T]

    def prepared(self) -> Callable[[Connection], T]:
        now, wall = self.clocks.clock.now(), self.clocks.wall.now()
        return lambda connection: self.job(connection, now, wall)


class Work:
    """`read` and `write` run a function on a connection inside one transaction, awaitable.

    `up` is False from the first write (or turn) that the store refused until one succeeds again.
    """

    def __init__(self, database: Database, threads: int = 8) -> None:
        self._database = database
        self._readers = ThreadPoolExecutor(threads, thread_name_prefix="read")
        self._line = WriteLine(database) if database.is_sqlite else None
        self._writers = None if database.is_sqlite else ThreadPoolExecutor(threads, thread_name_prefix="write")
        self.up = True
        self.failures = 0  # how often the store was found unable to serve: something may be left undone since
        self.when_down: Callable[[], None] = lambda: None  # called at every failure

    async def read(self, job: Callable[[Connection], T]) -> T:
        """Raises StoreUnavailable."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, job)

    async def write(self, job: Callable[[Connection], T]) -> T:
        """All or nothing; `job` may run again when another transaction made the same unique row first.

        Raises StoreUnavailable, IntegrityError when it fails each time, and whatever `job` raises.
        """
        return await self._written(job)

    async def _written(self, job: Callable[[Connection], T] | _At[T]) -> T:
        try:
            result: T = await asyncio.wrap_future(self._put(job))
        except StoreUnavailable:
            self.failed()
            raise
        if not self.up:
            self.up = True
            logs.event("store back")
        return result

    async def write_at(self, clocks: Clocks, job: Callable[[Connection, datetime, datetime], T]) -> T:
        """As `write`, with business and real time read first: the demo's clock needs a connection of its own."""
        return await self._written(_At(clocks, job))

    def failed(self) -> None:
        """The store was found unable to serve; also called for failures that somebody else saw."""
        self.failures += 1
        if self.up:
            self.up = False
            logs.event("store down", level="error")
        self.when_down()

    def _read(self, job: Callable[[Connection], T]) -> T:
        with self._database.read() as connection:
            return job(connection)

    def _put(self, job: Any) -> Future[T]:
        if self._line is not None:
            return self._line.put(job)
        assert self._writers is not None
        return self._writers.submit(run_alone, self._database, job)

    def close(self) -> None:
        self._readers.shutdown(wait=False, cancel_futures=True)
        if self._line is not None:
            self._line.close()
        if self._writers is not None:
            self._writers.shutdown(wait=True)
