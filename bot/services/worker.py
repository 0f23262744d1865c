"""Runs due jobs in the serving process. Over any number of workers each job is done once (`bot.store.jobs`)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection

from bot.errors import StoreUnavailable
from bot.services import logs
from bot.services.complaints.due import KINDS as COMPLAINT_KINDS
from bot.services.due_work import KINDS, Denied, Postponed, queue_night
from bot.services.watch import Bells
from bot.services.work import Work
from bot.store import jobs
from bot.store.jobs import Job

EVERY = 5.0  # seconds between two looks


class Worker:
    """`run` until cancelled. `services` has clocks and policies, `bells` wakes sessions that were written to."""

    def __init__(self, services: Any, work: Work, bells: Bells) -> None:
        self._services, self._work, self._bells = services, work, bells

    async def run(self) -> None:
        queued = False
        while True:
            if not self._work.up:  # the sweeper finds out when the store is back
                await asyncio.sleep(EVERY)
                continue
            try:
                if not queued:
                    await self._work.write(self._queue_night)
                    queued = True
                while await self.once():
                    pass
            except StoreUnavailable:
                queued = False  # looked at again later
            except Exception as error:  # noqa: BLE001 - the worker goes on: the next look finds the job again
                logs.failure("worker of jobs failed", error)
            await asyncio.sleep(EVERY)

    async def once(self) -> int:
        """Do what is due now; gives how many jobs were done."""
        services = self._services
        due = await self._work.read(lambda c: jobs.due(c, services.clock.now(), services.wall.now()))
        done = 0
        for job_id in due:
            job = await self._work.write(lambda c, one=job_id: jobs.lease(c, one, services.wall.now()))  # type: ignore[misc]
            if job is None:
                continue
            try:
                woken = await self._work.write(lambda c, one=job: self._do(c, one))  # type: ignore[misc]
            except StoreUnavailable:
                raise
            except Exception as error:  # noqa: BLE001 - one bad job must not stop the others; its lease runs out
                logs.failure("job failed", error, job=job.key)
                continue
            done += 1
            for session_id in woken:
                self._bells.ring(session_id)
        return done

    def _do(self, connection: Connection, job: Job) -> tuple[str, ...]:
        """The work and its mark in one transaction."""
        now = self._services.clock.now()
        handler = KINDS.get(job.kind) or COMPLAINT_KINDS.get(job.kind)
        if handler is None:
            jobs.finish(connection, job, now, "unknown kind")
            return ()
        woken: tuple[str, ...] = ()
        try:
            outcome, woken = handler(self._services, connection, job, now)
        except Postponed as later:
            jobs.postpone(connection, job, later.until)
            return ()
        except Denied as denied:
            outcome = f"denied: {denied}"
        if not jobs.finish(connection, job, now, outcome):
            raise LostLease(job.key)
        return woken

    def _queue_night(self, connection: Connection) -> None:
        queue_night(self._services, connection, _yesterday(self._services.clock.now()))


class LostLease(Exception):
    """Somebody else took the job meanwhile: what was done here is rolled back."""


def _yesterday(now: datetime) -> datetime:
    """A process that was down at night does the night's checks at its start: the last night's key is queued, too."""
    return now - timedelta(days=1)
