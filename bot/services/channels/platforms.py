"""Everything about platforms in one process: adapters, what they bring in, what goes out, what is fetched.

`take` stores what a request held, in the platform's order, before anything is answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from bot.errors import Conflict, StoreUnavailable
from bot.services import logs
from bot.services.channels import arriving, last_notice, receipts
from bot.services.channels.delivery import Delivery, waiting
from bot.services.channels.fetching import Fetching
from bot.services.channels.hearing import Recogniser
from bot.services.channels.model import (
    Adapter,
    Choice,
    Hook,
    Inbound,
    Kind,
    Outgoing,
    Reception,
    SendFailed,
    State,
    Status,
)
from bot.services.channels.outbox_rows import Claimed
from bot.services.channels.wording import word
from bot.services.conversation import ConversationService, Delayed
from bot.services.inbound import Accepted, InboundMessage, TooManyWaiting
from bot.store import conversation_rows as rows

PULL_PAUSE = 30.0  # seconds after a failed pull


class Platforms:
    """One a process. `adapters` by channel name; nothing runs before `start`."""

    def __init__(
        self,
        talk: ConversationService,
        adapters: Mapping[str, Adapter],
        base_url: str,
        recogniser: Recogniser | None = None,
    ) -> None:
        self._talk = talk
        self.adapters = dict(adapters)
        self.base_url = base_url
        self.wall = talk.services.wall
        self.measures = talk.measures
        hidden = talk.compose.say("utter_hidden", "zh-Hans").text
        self.delivery = Delivery(
            talk.work,
            talk.services.clock,
            self.adapters,
            talk.measures,
            base_url,
            hidden,
            talk.identity,
            self.wall,
            redis_url=talk.services.settings.redis_url,
        )
        self.fetching = Fetching(
            talk.work, talk.services.clock, self.adapters, talk.services.settings.var_dir, recogniser, self._heard
        )
        self._tasks: list[asyncio.Task[None]] = []
        self._pull = {name: asyncio.Event() for name in self.adapters}

    async def start(self) -> None:
        if not self.adapters:
            return
        jobs = [self.delivery.run(), self.fetching.run(), *(self._pull_forever(one) for one in self.adapters.values())]
        self._tasks = [asyncio.create_task(job) for job in jobs]

    async def stop(self, seconds: float = 10.0) -> None:
        """Nothing new is sent; what is being sent may end."""
        for task in self._tasks:
            task.cancel()
        await self.delivery.drain(seconds)

    # -- in

    async def take(self, adapter: Adapter, hook: Hook, reception: Reception) -> Reception | None:
        """Store what came; the platform's own reply with the answer in it, where there is one in time."""
        accepted = [await self._one(adapter, one) for one in reception.inbound]
        await self._statuses(adapter.name, reception.statuses)
        if reception.pull:
            self._pull[adapter.name].set()
        if reception.wait and len(accepted) == 1 and accepted[0] is not None:
            return await self._passive(adapter, hook, reception, reception.inbound[0], accepted[0])
        return None

    async def _one(self, adapter: Adapter, inbound: Inbound) -> Accepted | None:
        """Raises StoreUnavailable and Stopping: the platform must send it again."""
        if inbound.kind in (Kind.STOP, Kind.DELETED):
            await self._note(adapter.name, inbound)
            return None
        text = inbound.text
        if inbound.kind is Kind.EDITED:
            text = word("edited", "zh-Hans", text=text) if text else ""
        message = InboundMessage(
            adapter.name,
            inbound.channel_user,
            text,
            inbound.message_id,
            inbound.identity_token,
            inbound.language,
            Kind.TEXT.value if inbound.kind is Kind.EDITED else inbound.kind.value,
            inbound.media,
            inbound.facts,
            True,
        )
        try:
            return await self._talk.accept(message)
        except (Conflict, TooManyWaiting) as refused:  # final: the platform must not ask again for ever
            logs.event("message of a platform refused", level="warning", channel=adapter.name, code=refused.code)
            return None

    async def _note(self, channel: str, inbound: Inbound) -> None:
        """A line in the conversation without an answer: unsubscribed, or took a message back."""

        def run(connection: Any, now: Any, wall: Any) -> str | None:
            session = rows.find_session(connection, channel, inbound.channel_user, lock=True)
            if session is None:
                return None
            arriving.noted(connection, session, inbound, word(f"kind_{inbound.kind.value}", "zh-Hans"), now)
            return session.conversation_id

        conversation_id = await self._talk.work.write_at(self._talk.services, run)
        if conversation_id is not None:
            await self._talk.tell([conversation_id], desk=False)

    async def _heard(self, row: Mapping[str, Any], text: str) -> None:
        """The words of a voice message, as one more message of the same person; once, however often it is heard."""
        user = await self._talk.work.read(lambda c: rows.session_by_id(c, row["session_id"]))
        already = await self._talk.work.read(lambda c: arriving.has_words(c, row["inbound_id"]))
        if user is not None and not already:
            key = f"heard {row['attachment_id']}"
            await self._talk.accept(InboundMessage(row["channel"], user.channel_user, text, key, platform=True))

    async def _statuses(self, channel: str, statuses: Sequence[Status]) -> None:
        now = self._talk.services.clock.now()
        for status in statuses:
            job = partial(_receipt, channel=channel, status=status, sms=last_notice.SMS in self.adapters, now=now)
            changed = await self._talk.work.write(job)
            if changed is not None:
                await self._talk.tell([changed], desk=False)

    # -- the platform's own reply

    async def _passive(
        self, adapter: Adapter, hook: Hook, reception: Reception, inbound: Inbound, accepted: Accepted
    ) -> Reception | None:
        """The answer in the reply, claimed first so that the outbox does not send it as well."""
        started = time.monotonic()
        try:
            stored = await self._talk.answer(accepted, reception.wait)
        except Delayed:
            return None
        ids = [row["message_id"] for row in stored]
        messages = [_outgoing(row, inbound, self.base_url) for row in stored]
        body = adapter.passive(hook, self.delivery.render(adapter.name, messages)) if messages else None
        if body is None or time.monotonic() - started > reception.wait:
            await self.delivery.release(ids)
            return None
        if not await self._claimed(ids):
            return None
        return replace(reception, body=body[0], content_type=body[1])

    async def _claimed(self, ids: list[str]) -> bool:
        try:
            return await self.delivery.claim(ids)
        except Claimed:
            return False

    # -- fetching what waits at the platform

    async def _pull_forever(self, adapter: Adapter) -> None:
        bell = self._pull[adapter.name]
        while True:
            if adapter.pulls:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(bell.wait(), adapter.pulls)
            else:
                await bell.wait()
            bell.clear()
            try:
                await self.pull(adapter)
            except (SendFailed, StoreUnavailable) as error:
                logs.event("pull failed", level="warning", channel=adapter.name, error=type(error).__name__)
                await asyncio.sleep(min(PULL_PAUSE, adapter.pulls or PULL_PAUSE))
                bell.set()
            except Exception as error:  # noqa: BLE001 - one bad answer of a platform must not end the pulling
                logs.failure("pull failed", error, channel=adapter.name)
                await asyncio.sleep(PULL_PAUSE)

    async def pull(self, adapter: Adapter) -> None:
        """All that waits, page by page; each page is stored before the next is asked for."""
        while True:
            reception = await adapter.pull()
            for one in reception.inbound:
                await self._one(adapter, one)
            await self._statuses(adapter.name, reception.statuses)
            await adapter.pulled()
            if not reception.pull:
                return

    async def queued(self) -> dict[str, int]:
        return await self._talk.work.read(waiting)


def _receipt(connection: Any, *, channel: str, status: Status, sms: bool, now: Any) -> str | None:
    """What the platform tells; where it could not deliver after all, a text message may tell of it."""
    changed = receipts.take(connection, channel, status, now)
    message_id = receipts.message_of(connection, channel, status.provider_id) if changed else None
    if sms and message_id and status.state is State.FAILED:
        last_notice.queue(connection, message_id, channel, status.reason, now)
    return changed


def _outgoing(row: Mapping[str, Any], inbound: Inbound, base_url: str) -> Outgoing:
    return Outgoing(
        row["message_id"],
        inbound.channel_user,
        row["text"],
        tuple(Choice(one["title"], one["say"]) for one in row["buttons"] or ()),
        row["card"],
        row["sender"],
        base_url=base_url,
        level=row["level"],
        facts=inbound.facts,
    )
