"""The path of a message: stored, understood, answered in one transaction, delivered. Used by every channel.

`accept` stores and returns; a worker a conversation then answers one message after the other. Nothing is kept
in memory that a killed process would lose: what is pending in the inbox is answered after the restart, once.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import StoreUnavailable
from bot.lending.identity import may_disclose
from bot.lending.masking import mask_name
from bot.services import logs, web_view
from bot.services.accepting import Acceptor
from bot.services.committing import Committer
from bot.services.desk.rounds import Rounds
from bot.services.gateway import Gateway
from bot.services.identity import Identity
from bot.services.inbound import Accepted, InboundMessage, Stopping
from bot.services.measures import Measures
from bot.services.reading import answers_to, greeting, seen_by, view, waiting
from bot.services.rest_push import RestPush
from bot.services.running import Delayed, Replies, Runner
from bot.services.turns import Compose
from bot.services.watch import DESK, Bells
from bot.services.watch import conversation as conversation_bell
from bot.services.watch_redis import RedisBells
from bot.services.work import Work
from bot.services.worker import Worker
from bot.store import conversation_rows as rows
from bot.store.conversation_rows import Session, session_key
from bot.store.conversation_schema import channel_sessions, inbox, outbox, store_probe

SWEEP_SECONDS = 2.0  # unfinished work is looked for this often while the store is down
QUIET_SWEEPS = 10  # and so many times rarer otherwise


@dataclass(frozen=True)
class Look:
    """A session's view: `customer` is the masked name, `replies` the ids of messages not the borrower's."""

    session: Session | None
    customer: str | None
    messages: list[dict[str, Any]]
    replies: list[str]
    typing: bool
    state: dict[str, Any] = field(default_factory=dict)  # see `web_view.state`

    @property
    def level(self) -> int:
        return self.session.level if self.session else 0

    @property
    def place(self) -> str:
        """Changes whenever what was shown so far is no longer what may be shown."""
        return f"{self.session.conversation_id}.{self.session.level}" if self.session else ""


class ConversationService:
    """One a process. `start` before the first message, `stop` at the end."""

    def __init__(self, services: Any) -> None:
        settings = services.settings
        self.services = services
        self.work = Work(services.database)
        self.identity = Identity(
            settings.identity_secret,
            timedelta(minutes=settings.identity_idle_minutes),
            services.loans,
            services.desk.basis.policy(services.wall.now()).idle_with_person,
        )
        login = services.login
        self.compose = Compose(services)
        self.acceptor = Acceptor(
            self.identity,
            login,
            services.signing,
            settings.session_secret,
            settings.max_message_chars,
            self.compose.say,
        )
        self.committer = Committer(
            self.compose, self.identity, login, services.brain.model_id, services.login_limits.version
        )
        self.bells = RedisBells(settings.redis_url) if settings.redis_url else Bells()
        self.measures = Measures()
        self.runner = Runner(services, self.work, self.compose, self.committer, self.bells, self.measures)
        self._delivered: list[tuple[str, datetime]] = []  # ids and the moment: reading a disclosure counts from it
        self._sweeper: asyncio.Task[None] | None = None
        self._sender: asyncio.Task[None] | None = None
        self._pusher: asyncio.Task[None] | None = None
        self.worker = Worker(services, self.work, self.bells)
        self.jobs: asyncio.Task[None] | None = None
        self.rounds = Rounds(services.desk.dispatch, self.work, self.bells, self.tell)
        self.desk: asyncio.Task[None] | None = None
        self.stopping = False

    # -- life

    async def start(self) -> None:
        """Finish what an earlier process left, now and whenever the store comes back."""
        await self.bells.start()
        self._sweeper = asyncio.create_task(self._sweep_forever())
        self.desk = asyncio.create_task(self.rounds.run())
        self.jobs = asyncio.create_task(self.worker.run())
        settings = self.services.settings
        if settings.notify_url:
            gateway = Gateway(self.work, self.services.wall, settings.notify_url, settings.notify_token)
            self._sender = asyncio.create_task(gateway.run())
        if settings.rest_push_url:
            push = RestPush(self.work, self.services.clock, settings.rest_push_url, settings.rest_push_token)
            self._pusher = asyncio.create_task(push.run())

    async def stop(self, seconds: float = 20.0) -> None:
        """Take nothing new and answer what is accepted; what is not done in time is answered by the next process."""
        self.stopping = True
        for task in (self._sweeper, self._sender, self._pusher, self.jobs, self.desk):
            if task is not None:
                task.cancel()
        await self.runner.drain(seconds)
        with contextlib.suppress(StoreUnavailable):  # marks for reports only: nothing is delivered twice without them
            await self._mark_delivered()
        self.bells.ring_all()
        await self.bells.stop()

    def close(self) -> None:
        """Give the threads back, once nothing runs any more."""
        self.work.close()

    # -- in

    async def accept(self, message: InboundMessage) -> Accepted:
        """Store a message and have it answered.

        Raises:
            Stopping, Conflict, TooManyWaiting, StoreUnavailable: it is not stored.
        """
        self._refuse_when_stopping()
        accepted, job = await self.work.write_at(
            self.services, lambda connection, now, wall: self.acceptor.accept(connection, message, now, wall)
        )
        if not accepted.repeated:
            self.measures.accepted.labels(message.channel).inc()
        if accepted.pending:
            self.runner.wake(accepted.conversation_id, job)
        self.bells.ring(accepted.session_id)
        self.bells.ring(conversation_bell(accepted.conversation_id))
        return accepted

    async def bind(self, channel: str, user: str, token: str) -> Session:
        """Show a token of the lender's login; the session afterwards. A bad token changes nothing."""
        self._refuse_when_stopping()

        def run(connection: Connection, now: datetime, wall: datetime) -> Session:
            session = self.acceptor.session(connection, channel, user, now, wall)
            session = self.identity.bind_token(connection, session, token, now, wall)
            self.acceptor.resume(connection, session, now)
            return session

        session = await self.work.write_at(self.services, run)
        self.runner.wake(session.conversation_id)
        self.bells.ring(session.session_id)
        return session

    def _refuse_when_stopping(self) -> None:
        if self.stopping:
            raise Stopping("the process is stopping")

    # -- out

    async def answer(self, accepted: Accepted, seconds: float) -> Replies:
        """The stored replies to a message, as rows of `messages`, as soon as they are there.

        Called right after `accept`, without anything awaited between.

        Raises:
            Delayed: not within `seconds`, or the store went away; the message stays accepted.
        """
        future = self.runner.expect(accepted.inbound_id)
        try:
            if accepted.repeated and await self.work.read(lambda connection: _is_done(connection, accepted.inbound_id)):
                return await self.work.read(lambda connection: answers_to(connection, accepted.inbound_id))
            return await asyncio.wait_for(future, seconds)
        except (asyncio.TimeoutError, StoreUnavailable) as error:
            raise Delayed from error
        finally:
            self.runner.expect_no_more(accepted.inbound_id, future)

    async def look(self, channel: str, user: str, after: int, hidden_text: str) -> Look:
        """What a client of this channel user may see now: its level and the messages with seq > `after`."""
        session = await self.session(channel, user)
        desk, now, key = self.services.desk, self.services.clock.now(), session_key(channel, user)

        def read(connection: Connection) -> Look:
            if session is None:
                return Look(None, None, [], [], False, web_view.state(connection, desk, None, key, now))
            present = rows.session_by_id(connection, session.session_id) or session
            found = seen_by(connection, present, after)
            return Look(
                present,
                self._shown_name(present),
                [view(row, present.level, hidden_text) for row in found],
                [row["message_id"] for row in found if row["sender"] != "borrower"],
                waiting(connection, present.session_id),
                web_view.state(connection, desk, present, key, now),
            )

        return await self.work.read(read)

    async def session(self, channel: str, user: str) -> Session | None:
        """The session as it is now: an identity that was silent too long has ended. None before its first message."""
        session = await self.work.read(lambda connection: rows.find_session(connection, channel, user))
        if session is None or not self.identity.expired(session, self.services.wall.now()):
            return session
        session = await self.work.write_at(
            self.services, lambda connection, now, wall: self.acceptor.session(connection, channel, user, now, wall)
        )
        self.runner.wake(session.conversation_id)
        return session

    def opening(self, language: str) -> list[dict[str, Any]]:
        """The greeting of an empty conversation: who is talking, and that a person can be asked for."""
        return [greeting(self.compose.say("utter_greet", language), self.services.wall.now())]

    def _shown_name(self, session: Session) -> str | None:
        if session.customer_id is None or not may_disclose("masked_name", session.level):
            return None
        return mask_name(self.services.loans.customer(session.customer_id).name)

    async def tell(self, conversation_ids: list[str], *, desk: bool = True) -> None:
        """Something changed in these conversations: every session of them looks, and everybody who watches them.

        Args:
            desk: queues or owners changed, too: the rounds run and every inbox looks.
        """
        query = sa.select(channel_sessions.c.session_id).where(channel_sessions.c.conversation_id.in_(conversation_ids))
        for session_id in await self.work.read(lambda c: list(c.execute(query).scalars())):
            self.bells.ring(session_id)
        for conversation_id in conversation_ids:
            self.bells.ring(conversation_bell(conversation_id))
        if desk:
            self.bells.ring(DESK)

    def delivered(self, message_ids: list[str]) -> None:
        """Note that a channel has handed replies over; written in batches."""
        now = self.services.clock.now() if message_ids else None
        self._delivered.extend((one, now) for one in message_ids if now is not None)

    # -- the sweeper

    async def _sweep_forever(self) -> None:
        beat = failures = 0
        while True:
            try:
                if not self.work.up or failures != self.work.failures or beat % QUIET_SWEEPS == 0:
                    failures = self.work.failures  # whoever wrote first after a failure may have set `up` again
                    await self._sweep()
                else:
                    await self._mark_delivered()  # the time to read a disclosure counts from it
            except StoreUnavailable:
                logs.event("store still down", level="warning")
            except Exception as error:  # noqa: BLE001 - the sweeper brings back everything else: it goes on
                logs.failure("sweep failed", error)
            beat += 1
            await asyncio.sleep(SWEEP_SECONDS)

    async def _sweep(self) -> None:
        """Wake every conversation with unanswered messages; small housekeeping on the way."""
        if not self.work.up:
            await self.work.write(self._probe)
        for conversation_id in await self.work.read(pending_conversations):
            self.runner.wake(conversation_id)
        await self._mark_delivered()
        if await self.work.read(lambda c: self.services.notifier.has_spent(c, self.services.wall.now())):
            await self.work.write(lambda c: self.services.notifier.erase_spent(c, self.services.wall.now()))

    def _probe(self, connection: Connection) -> None:
        now = self.services.wall.now()
        if connection.execute(store_probe.update().values(at=now)).rowcount == 0:
            connection.execute(store_probe.insert().values(probe_id=1, at=now))

    async def _mark_delivered(self) -> None:
        done, self._delivered = self._delivered, []
        if done:
            await self.work.write(lambda connection: _mark_delivered(connection, done))


def _mark_delivered(connection: Connection, done: list[tuple[str, datetime]]) -> None:
    for moment in sorted({at for _, at in done}):
        ids = [message_id for message_id, at in done if at == moment]
        connection.execute(
            outbox.update()
            .where(outbox.c.message_id.in_(ids), outbox.c.delivered_at.is_(None))
            .values(delivered_at=moment)
        )


def pending_conversations(connection: Connection) -> list[str]:
    return list(connection.execute(sa.select(inbox.c.conversation_id).where(inbox.c.pending).distinct()).scalars())


def count_pending(connection: Connection) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(inbox).where(inbox.c.pending)).scalar_one())


def _is_done(connection: Connection, inbound_id: str) -> bool:
    return connection.execute(sa.select(inbox.c.pending).where(inbox.c.inbound_id == inbound_id)).scalar() is False


__all__ = ["ConversationService", "Delayed", "Look", "count_pending", "pending_conversations"]
