"""One line of writers for SQLite: whoever waits while a commit reaches the disk shares the next one.

SQLite has one writer, and a durable commit costs milliseconds of waiting for the disk. So the writes that queued up
meanwhile become one transaction, each in a savepoint of its own: one that fails is undone alone, and nobody hears of
success before the common commit.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import StoreUnavailable
from bot.store.database import Database

Job = Callable[[Connection], Any]
TOGETHER = 32  # writes in one transaction at most: the first of them must not wait long
RACES = 3  # a unique row made by somebody else meanwhile: look again, at most so often
_Waiting = tuple[Job, "Future[Any]"]


class Preparing:
    """A job that looks at something before its transaction begins."""

    def prepared(self) -> Job:
        raise NotImplementedError


class WriteLine:
    """`put` gives a future that is done when the write is on the disk, or failed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[_Waiting] = deque()
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="write")

    def put(self, job: Job) -> Future[Any]:
        """Raises RuntimeError after `close`."""
        future: Future[Any] = Future()
        self._waiting.append((job, future))
        self._thread.submit(self._next)
        return future

    def close(self) -> None:
        """What waits is still written."""
        self._thread.shutdown(wait=True)

    def _next(self) -> None:
        taken = self._take()
        if len(taken) == 1:
            self._alone(*taken[0])
        elif taken:
            self._together(taken)

    def _take(self) -> list[_Waiting]:
        """Nothing when an earlier call has taken this one's job along."""
        taken: list[_Waiting] = []
        with self._lock:
            while self._waiting and len(taken) < TOGETHER:
                job, future = self._waiting.popleft()
                if future.set_running_or_notify_cancel():
                    taken.append((job, future))
        return taken

    def _alone(self, job: Job, future: Future[Any]) -> None:
        try:
            future.set_result(run_alone(self._database, job))
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for this write
            future.set_exception(error)

    def _together(self, taken: list[_Waiting]) -> None:
        ready = self._ready(taken)
        outcomes: list[tuple[Future[Any], Any, Exception | None]] = []
        raced: list[_Waiting] = []
        begun = False
        try:
            with self._database.write() as connection:
                begun = True
                for job, future in ready:
                    try:
                        with connection.begin_nested():
                            outcomes.append((future, job(connection), None))
                    except sa.exc.IntegrityError:
                        raced.append((job, future))
                    except (sa.exc.DBAPIError, sa.exc.PendingRollbackError):
                        raise  # the database itself: the whole transaction may be gone
                    except Exception as error:  # noqa: BLE001 - this write only: handed to whoever waits for it
                        outcomes.append((future, None, error))
        except StoreUnavailable as error:
            if not begun:
                for _, future in ready:
                    future.set_exception(error)
                return
            outcomes, raced = [], ready  # one write that the store refuses must not take the others with it
        for future, result, failed in outcomes:
            if failed is None:
                future.set_result(result)
            else:
                future.set_exception(failed)
        for job, future in raced:
            self._alone(job, future)

    def _ready(self, taken: list[_Waiting]) -> list[_Waiting]:
        ready = []
        for job, future in taken:
            try:
                ready.append((_prepared(job), future))
            except Exception as error:  # noqa: BLE001 - handed to whoever waits for this write
                future.set_exception(error)
        return ready


def run_alone(database: Database, job: Job) -> Any:
    """`job` in a transaction of its own; again when somebody else made the same unique row meanwhile.

    Raises:
        StoreUnavailable, IntegrityError when it fails each time, and whatever `job` raises.
    """
    job = _prepared(job)
    for attempt in range(RACES):
        try:
            with database.write() as connection:
                return job(connection)
        except sa.exc.IntegrityError:
            if attempt + 1 == RACES:
                raise
    raise AssertionError("unreachable")


def _prepared(job: Job) -> Job:
    return job.prepared() if isinstance(job, Preparing) else job
