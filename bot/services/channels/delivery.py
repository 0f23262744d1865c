"""Replies to platforms: taken from the outbox, worded, sent, tried again, given up or sent elsewhere; in order, none twice.

A row is leased before it is touched and its progress is stored after every part, so a killed worker's successor goes
on where it stopped. Rows of one session are sent one after the other; a session whose first row waits lets the later
ones wait, too. What a platform took although its answer was lost may come twice, where the platform has no key to
tell (`docs/channels/README.md` names them): a message lost would be worse.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.engine import Connection

from bot.errors import StoreUnavailable
from bot.services import logs
from bot.services.channels import fallback
from bot.services.channels import outbox_rows as rows
from bot.services.channels.model import LAST_IN, Adapter, Outgoing, Payload, SendFailed, State
from bot.services.channels.outbox_rows import Due
from bot.services.channels.pace_redis import Paces
from bot.services.identity import Identity
from bot.services.measures import Measures
from bot.services.work import Work
from bot.store.clock import Clock

LOOK_SECONDS = 0.2
AT_ONCE = 16  # sends that run at the same time in one process
MOST_AT_ONCE = 64  # of one call of `send_due`
LONGEST_WAIT = 2.0  # seconds that a leased row waits for its channel's pace; longer pauses put it back
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 600.0  # seconds between tries, doubling
MOST_TRIES = 40  # about six hours, unless the message is of no use earlier


class Delivery:
    """One a process; several share the outbox and, with `redis_url`, the channels' limits. `clock` is business time, as the rows', `chance` jitters pauses."""

    def __init__(
        self,
        work: Work,
        clock: Clock,
        adapters: Mapping[str, Adapter],
        measures: Measures,
        base_url: str,
        hidden: str,
        identity: Identity,
        wall: Clock,
        chance: random.Random | None = None,
        redis_url: str = "",
    ) -> None:
        self._work, self._clock, self._adapters, self._measures = work, clock, adapters, measures
        self._base_url, self._hidden = base_url, hidden
        self._identity, self._wall = identity, wall
        self._chance = chance or random.Random()
        self._pace = Paces(((name, one.traits.per_second) for name, one in adapters.items()), redis_url)
        self._running: set[asyncio.Task[None]] = set()
        self._holder = uuid.uuid4().hex

    async def run(self) -> None:
        """Send for ever. Cancelled at the stop: what is under way is finished by `drain`."""
        while True:
            started = 0
            try:
                started = len(await self._start(AT_ONCE - len(self._running)))
            except StoreUnavailable:
                logs.event("delivery waits for the store", level="warning")
            except Exception as error:  # noqa: BLE001 - one bad row must not end the sending of all others
                logs.failure("delivery failed", error)
            await asyncio.sleep(0 if started else LOOK_SECONDS)

    async def drain(self, seconds: float) -> None:
        """Let what is being sent end; what is not done in time is sent by the next process after its lease."""
        if self._running:
            await asyncio.wait(set(self._running), timeout=seconds)
        await self._pace.close()

    async def send_due(self) -> int:
        """Send what is due now, and wait for it; how many rows were taken."""
        tasks = await self._start(MOST_AT_ONCE)
        if tasks:
            await asyncio.wait(tasks)
        return len(tasks)

    async def _start(self, most: int) -> list[asyncio.Task[None]]:
        """Take up to `most` rows and begin to send them; a row is never leased before somebody is free to send it."""
        if not self._adapters or most <= 0:
            return []
        now = self._clock.now()
        holds = {name: one.traits.hold for name, one in self._adapters.items()}
        asleep = {name for name, pace in self._pace.items() if pace.asleep()}
        due = await self._work.read(partial(rows.due, holds=holds, asleep=asleep, now=now, most=most))
        if not due:
            return []
        level = partial(self._identity.level_now, wall=self._wall.now())
        taken = await self._work.write(partial(rows.lease, ids=due, holder=self._holder, now=now, level=level))
        tasks = [asyncio.create_task(self._guarded(one)) for one in taken]
        self._running.update(tasks)
        for task in tasks:
            task.add_done_callback(self._running.discard)
        return tasks

    async def _guarded(self, one: Due) -> None:
        try:
            await self._deliver(one)
        except StoreUnavailable:
            logs.event("delivery lost the store", level="warning", message=one.message_id)
        except Exception as error:  # noqa: BLE001 - one message must not stop the others: its lease runs out
            logs.failure("delivery failed", error, message=one.message_id, channel=one.channel)
            await self._again(one, SendFailed("internal", again=True))

    async def _deliver(self, one: Due) -> None:
        adapter = self._adapters[one.channel]
        why = _not_now(one, adapter, self._clock.now())
        if why is not None:
            await self._give_up(one, *why)
            return
        payloads = adapter.render(self._outgoing(one))
        left = None if adapter.traits.quota is None else adapter.traits.quota - one.sent_since
        if left is not None and len(payloads) - one.progress > left:
            await self._give_up(one, State.FAILED, "quota")
            return
        if not payloads:
            await self._give_up(one, State.FAILED, "nothing_to_say")
            return
        started = time.monotonic()
        try:
            if not await self._parts(one, adapter, payloads):
                return
        except SendFailed as failed:
            if failed.again:
                await self._again(one, failed)
            else:
                await self._give_up(one, State.FAILED, failed.reason)
            return
        self._measures.sent.labels(one.channel, "sent").inc()
        self._measures.send_seconds.labels(one.channel).observe(time.monotonic() - started)

    async def _parts(self, one: Due, adapter: Adapter, payloads: Sequence[Payload]) -> bool:
        """Whether all parts went out. Not while the channel must wait longer, nor once the row is somebody else's."""
        for part in range(one.progress, len(payloads)):
            pause = await self._pace[one.channel].turn(LONGEST_WAIT)
            if pause:
                await self._write(rows.put_back, one=one, pause=timedelta(seconds=pause))
                return False
            if not await self._write(rows.renew, one=one):
                return False
            provider_id = await adapter.send(one.channel_user, payloads[part], f"{one.message_id}:{part}")
            last = part + 1 == len(payloads)
            if not await self._write(rows.took, one=one, part=part, provider_id=provider_id, last=last):
                return False
        return True

    async def _again(self, one: Due, failed: SendFailed) -> None:
        """Later: doubling, half of it chance; a platform that names its own pause is left alone, the whole channel."""
        if one.attempts >= MOST_TRIES:
            await self._give_up(one, State.DEAD, failed.reason)
            return
        pause = min(SHORTEST_PAUSE * 2 ** min(one.attempts - 1, 12), LONGEST_PAUSE)
        pause = max(pause / 2 + self._chance.random() * pause / 2, failed.after)
        if failed.after:
            await self._pace[one.channel].sleep(failed.after)
        self._measures.sent.labels(one.channel, "again").inc()
        logs.event("send again", level="info", channel=one.channel, reason=failed.reason, attempts=one.attempts)
        await self._write(rows.later, one=one, pause=timedelta(seconds=pause), reason=failed.reason)

    async def _give_up(self, one: Due, state: State, reason: str) -> None:
        """Not here: on another proven session, or kept for a colleague and told with the borrower's next message."""
        moved = await self._write(
            fallback.redirect,
            one=one,
            state=state,
            reason=reason,
            channels=set(self._adapters),
            level=partial(self._identity.level_now, wall=self._wall.now()),
        )
        self._measures.sent.labels(one.channel, "redirected" if moved else state.value).inc()
        logs.event("not delivered", level="warning", channel=one.channel, reason=reason, moved=moved)

    async def _write(self, job: Any, **how: Any) -> Any:
        now = self._clock.now()
        return await self._work.write(lambda connection: job(connection, now=now, **how))

    def _outgoing(self, one: Due) -> Outgoing:
        facts = {**one.facts, **({LAST_IN: one.last_in_at.isoformat()} if one.last_in_at else {})}
        if one.level > one.session_level:  # the identity ended while the reply waited
            return Outgoing(one.message_id, one.channel_user, self._hidden, language=one.language, facts=facts)
        return Outgoing(
            one.message_id,
            one.channel_user,
            one.text,
            one.buttons,
            one.card,
            one.sender,
            one.by,
            one.language,
            one.level,
            self._base_url,
            facts,
        )

    # -- the platform's own reply

    async def claim(self, message_ids: Sequence[str]) -> bool:
        """Take all of these for a passive answer; False when one is on its way already (then none is taken)."""
        now = self._clock.now()
        return await self._work.write(partial(rows.claim, ids=list(message_ids), now=now))

    async def release(self, message_ids: Sequence[str]) -> None:
        """They will not go into a passive answer: send them at once."""
        now = self._clock.now()
        await self._work.write(partial(rows.release, ids=list(message_ids), now=now))

    def render(self, channel: str, messages: Sequence[Outgoing]) -> list[Payload]:
        """All of them as calls of the platform."""
        return [payload for one in messages for payload in self._adapters[channel].render(one)]


def _not_now(one: Due, adapter: Adapter, now: datetime) -> tuple[State, str] | None:
    """Why a message can no longer go out here, or None."""
    if one.stopped:
        return State.FAILED, "stopped"
    if one.moved_away and one.level > 0:
        return State.FAILED, "moved"
    if now - one.created_at > adapter.traits.expires:
        return State.EXPIRED, "too_old"
    window = adapter.traits.window
    if window is not None and (one.last_in_at is None or now - one.last_in_at > window):
        return State.FAILED, "window_closed"
    return None


def waiting(connection: Connection) -> dict[str, int]:
    """Rows that wait, by channel: for the metrics."""
    return rows.count_queued(connection)
