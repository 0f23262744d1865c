"""Running turns: one worker a conversation, one turn after the other, a bounded number at once.

Nothing here would be missed after a kill: what is pending in the inbox is found again by `conversation`'s sweeper.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Connection

from bot.errors import Changed, StoreUnavailable
from bot.services import logs
from bot.services.committing import Committer
from bot.services.desk.attended import Attended
from bot.services.events import SYSTEM, Event
from bot.services.measures import Measures
from bot.services.turns import Compose, Composed, Job
from bot.services.watch import DESK, Bells, conversation
from bot.services.work import Work
from bot.store import turn_rows

AT_ONCE = 32  # turns that run at the same time in one process
MOVES = 20  # times that something may move under a turn before the borrower is told that it did not work
STORE_TRIES = 5  # of one message, each after the store was found to work
Replies = list[Mapping[str, Any]]


class Delayed(Exception):
    """The answer of an accepted message cannot be made now; nothing is lost."""


class Runner:
    """Wakes, runs, tells whoever waits for the answer."""

    def __init__(
        self, services: Any, work: Work, compose: Compose, committer: Committer, bells: Bells, measures: Measures
    ) -> None:
        self._services = services
        self._work = work
        self._compose = compose
        self._attended = Attended(services, compose)
        self._committer = committer
        self._bells = bells
        self._measures = measures
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._waiters: dict[str, list[asyncio.Future[Replies]]] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._refusals: dict[str, int] = {}
        self._moved: dict[str, int] = {}
        self._halted = False
        work.when_down = self.give_up_waiting

    def wake(self, conversation_id: str, job: Job | None = None) -> None:
        """Have the conversation's messages answered; `job` is its oldest one, when the caller has just stored it."""
        if self._halted:
            return
        if conversation_id in self._workers:
            self._again.add(conversation_id)
            return
        self._workers[conversation_id] = asyncio.create_task(self._work_on(conversation_id, job))

    async def drain(self, seconds: float) -> None:
        """Answer what is accepted, at most for so long; then nothing runs any more."""
        deadline = time.monotonic() + seconds
        while self._workers and time.monotonic() < deadline:
            await asyncio.wait(set(self._workers.values()), timeout=deadline - time.monotonic())
        self._halted = True
        self.give_up_waiting()

    # -- whoever waits for an answer

    def expect(self, inbound_id: str) -> asyncio.Future[Replies]:
        """The replies of a message, as soon as they are stored; raises Delayed when they have to wait."""
        future: asyncio.Future[Replies] = asyncio.get_running_loop().create_future()
        self._waiters.setdefault(inbound_id, []).append(future)
        return future

    def expect_no_more(self, inbound_id: str, future: asyncio.Future[Replies]) -> None:
        waiters = self._waiters.get(inbound_id, [])
        if future in waiters:
            waiters.remove(future)
        if not waiters:
            self._waiters.pop(inbound_id, None)

    def give_up_waiting(self) -> None:
        """Tell everybody who waits that the answer comes later."""
        for future in [future for waiters in self._waiters.values() for future in waiters]:
            if not future.done():
                future.set_exception(Delayed())

    # -- turns

    async def _work_on(self, conversation_id: str, job: Job | None) -> None:
        try:
            while not self._halted:
                self._again.discard(conversation_id)
                async with self._turns:
                    if job is None:
                        job = await self._work.read(lambda connection: self._next(connection, conversation_id))
                    more = job is not None and await self._turn(job)
                if not more and conversation_id not in self._again:
                    return
                job = None
        except StoreUnavailable:
            self._work.failed()
        except Exception as error:  # noqa: BLE001 - the last resort of a worker: it must not vanish unseen
            logs.failure("worker failed", error, conversation=conversation_id)
        finally:
            self._workers.pop(conversation_id, None)
            if conversation_id in self._again:
                self._again.discard(conversation_id)
                if self._work.up:
                    self.wake(conversation_id)

    async def _turn(self, job: Job) -> bool:
        """Run one turn; whether the conversation has more to answer."""
        started = time.perf_counter()
        try:
            stored, more = await self._compose_and_commit(job)
        except Changed:
            self._moved[job.inbound_id] = self._moved.get(job.inbound_id, 0) + 1
            if self._moved[job.inbound_id] < MOVES:
                return True  # the message may have gone with its session: look again
            stored, more = await self._commit(job, self._trouble(job, Changed()))
            logs.event("turn never settled", level="error", turn=job.inbound_id)
        self._moved.pop(job.inbound_id, None)
        self._measures.turns.observe(time.perf_counter() - started)
        for future in self._waiters.get(job.inbound_id, ()):
            if not future.done():
                future.set_result(stored)
        self._bells.ring(job.session.session_id)
        self._bells.ring(conversation(job.conversation.conversation_id))
        for conversation_id in {row["conversation_id"] for row in stored} - {job.conversation.conversation_id}:
            self.wake(conversation_id)  # the identity ended: what else the session had sent went along
        return more

    async def _compose_and_commit(self, job: Job) -> tuple[Replies, bool]:
        try:
            made = await self._composed(job)
            if made is None:
                await self._work.write(lambda connection: self._committer.keep_for_person(connection, job))
                return [], True
            done = await self._commit(job, made)
            if made.writes or any(turn.handover for turn in made.turns):
                self._bells.ring(DESK)
            return done
        except Changed:
            raise
        except StoreUnavailable as error:
            return await self._once_more_or_trouble(job, error)
        except Exception as error:  # noqa: BLE001 - an action failed: the borrower is told, the log says where
            if _store_behind(error):
                return await self._once_more_or_trouble(job, error)
            logs.failure("turn failed", error, turn=job.inbound_id, conversation=job.conversation.conversation_id)
            self._measures.failures.inc()
            return await self._commit(job, self._trouble(job, error))

    async def _composed(self, job: Job) -> Composed | None:
        """The bot's answer, or that of the rules while a person is awaited or speaks; None: kept for the person."""
        if job.conversation.owner != "bot":
            return await self._attended.answer(job)
        return await self._attended.survey(job) or await self._compose.answer(job)

    async def _once_more_or_trouble(self, job: Job, error: Exception) -> tuple[Replies, bool]:
        """Leave the message for the sweeper; one that the store refuses again and again must not block the others."""
        tries = self._refusals[job.inbound_id] = self._refusals.get(job.inbound_id, 0) + 1
        if tries < STORE_TRIES:
            raise StoreUnavailable("the database went away during a turn") from error
        result = await self._commit(job, self._trouble(job, error))
        logs.failure("turn refused by the store", error, turn=job.inbound_id)
        self._measures.failures.inc()
        del self._refusals[job.inbound_id]
        return result

    async def _commit(self, job: Job, made: Composed) -> tuple[Replies, bool]:
        wall = self._services.wall.now()
        return await self._work.write(lambda connection: self._committer.commit(connection, job, made, wall))

    def _trouble(self, job: Job, error: Exception) -> Composed:
        language = job.conversation.language
        return Composed(
            messages=[self._compose.say("utter_trouble", language)],
            memory=job.conversation.memory,
            language=language,
            events=[Event("turn_failed", SYSTEM, {"error": type(error).__name__})],
        )

    def _next(self, connection: Connection, conversation_id: str) -> Job | None:
        found = turn_rows.next_pending(connection, conversation_id)
        if found is None:
            return None
        row, situation = found
        return Job(
            row["inbound_id"],
            row["text"],
            row["edge"],
            row["accepted_at"],
            situation.session,
            situation.conversation,
            self._services.clock.now(),
        )


def _store_behind(error: BaseException | None) -> bool:
    """Whether an error that passed through Rasa began as a database that went away."""
    while error is not None:
        if isinstance(error, StoreUnavailable):
            return True
        error = error.__cause__ or error.__context__
    return False
