"""What a person or the queue says in a REST conversation, pushed to the integrator: one HTTPS POST each, in order.

    POST REST_PUSH_URL   Authorization: Bearer REST_PUSH_TOKEN
    {"id", "sender", "seq", "from": "agent"|"system"|"bot", "by", "text", "buttons"}

Any 2xx means taken. The same `id` may come twice after a lost answer. While one fails, later ones of the same sender wait.
Without REST_PUSH_URL the integrator fetches (`GET /webhooks/rest/messages`).
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import StoreUnavailable
from bot.services import logs
from bot.services.gateway import post_json
from bot.services.work import Work
from bot.store.clock import Clock
from bot.store.conversation_schema import channel_sessions, messages, outbox
from bot.store.desk_schema import staff

CHANNEL = "rest"
LOOK_SECONDS = 0.5
LONGEST_PAUSE = 60.0
OLDEST = timedelta(days=2)  # what could not be handed over for so long is fetched, not pushed
AT_ONCE = 200


class RestPush:
    """One a process; several may hand the same message over, which its `id` tells."""

    def __init__(self, work: Work, clock: Clock, url: str, token: str, post: Any = None) -> None:
        self._work, self._clock, self._url, self._token = work, clock, url, token
        self._post = post or post_json

    async def run(self) -> None:
        pause = LOOK_SECONDS
        while True:
            try:
                failed = await self.push_due()
                pause = min(max(pause, LOOK_SECONDS) * 2, LONGEST_PAUSE) if failed else LOOK_SECONDS
            except StoreUnavailable:
                logs.event("push waits for the store", level="warning")
            await asyncio.sleep(pause)

    async def push_due(self) -> int:
        """Hand over what is due; how many failed."""
        due = await self._work.read(self._due)
        stuck: set[str] = set()
        for one in due:
            if one["sender"] in stuck:
                continue
            try:
                await asyncio.to_thread(self._post, self._url, self._token, one)
            except OSError as error:
                stuck.add(one["sender"])
                logs.event("push failed", level="warning", error=type(error).__name__)
                continue
            await self._work.write(partial(self._done, message_id=one["id"]))
        return len(stuck)

    def _due(self, connection: Connection) -> list[dict[str, Any]]:
        query = (
            sa.select(messages, channel_sessions.c.channel_user, channel_sessions.c.level.label("may"), staff.c.name)
            .join(outbox, outbox.c.message_id == messages.c.message_id)
            .join(channel_sessions, channel_sessions.c.session_id == outbox.c.session_id)
            .outerjoin(staff, staff.c.staff_id == messages.c.staff_id)
            .where(
                outbox.c.channel == CHANNEL,
                outbox.c.delivered_at.is_(None),
                messages.c.in_reply_to.is_(None),
                messages.c.level <= channel_sessions.c.level,
                outbox.c.created_at >= self._clock.now() - OLDEST,
            )
            .order_by(messages.c.seq)
            .limit(AT_ONCE)
        )
        return [
            {
                "id": one["message_id"],
                "sender": one["channel_user"],
                "seq": one["seq"],
                "from": one["sender"],
                "by": one["name"] or "",
                "text": one["text"],
                "buttons": [{"title": b["title"], "payload": b["say"]} for b in one["buttons"] or []],
            }
            for one in connection.execute(query).mappings()
        ]

    def _done(self, connection: Connection, message_id: str) -> None:
        connection.execute(
            outbox.update()
            .where(outbox.c.message_id == message_id, outbox.c.delivered_at.is_(None))
            .values(delivered_at=self._clock.now())
        )
