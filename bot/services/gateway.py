"""Hands queued notifications to the lender's own gateway (SMS, alerts): one HTTPS POST each, tried again with back-off.

    POST NOTIFY_URL   Authorization: Bearer NOTIFY_TOKEN   {"id", "kind": "code"|"alert", "to", "text"}

Any 2xx means taken. The same `id` may come twice after a lost answer; the gateway drops the second. A code that is no
longer valid is not sent any more, and the text of a sent code is overwritten.
"""

from __future__ import annotations

import asyncio
import json
import urllib.request
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import StoreUnavailable
from bot.services import logs
from bot.services.notify import CODE, ERASED
from bot.services.work import Work
from bot.store.clock import Clock
from bot.store.conversation_schema import notifications

LOOK_SECONDS = 1.0
SEND_SECONDS = 10.0
AT_ONCE = 20
MOST_TRIES = 50
LONGEST_PAUSE = timedelta(minutes=10)


class Gateway:
    """One sender a process. `post` is `post_json` unless a test gives another."""

    def __init__(self, work: Work, clock: Clock, url: str, token: str, post: Any = None) -> None:
        self._work = work
        self._clock = clock
        self._url = url
        self._token = token
        self._post = post or post_json
        self._pauses: dict[str, datetime] = {}  # not before; 2, 4, 8 … seconds after each failure

    async def run(self) -> None:
        """Send for ever."""
        while True:
            try:
                await self.send_due()
            except StoreUnavailable:
                logs.event("gateway waits for the store", level="warning")
            await asyncio.sleep(LOOK_SECONDS)

    async def send_due(self) -> int:
        """Send what is due now; how many were taken."""
        now = self._clock.now()
        taken = 0
        waiting = [
            row
            for row in await self._work.read(lambda connection: due(connection, now))
            if self._pauses.get(row["notification_id"], now) <= now
        ]
        for row in waiting[:AT_ONCE]:
            body = {"id": row["notification_id"], "kind": row["kind"], "to": row["recipient"], "text": row["text"]}
            try:
                await asyncio.to_thread(self._post, self._url, self._token, body)
            except OSError as error:
                logs.event(
                    "notification not taken",
                    level="warning",
                    notification=row["notification_id"],
                    attempts=row["attempts"] + 1,
                    error=type(error).__name__,
                )
                self._pauses[row["notification_id"]] = now + _pause(row["attempts"] + 1)
                await self._work.write(partial(_tried, row=row, sent=False, now=now))
                continue
            self._pauses.pop(row["notification_id"], None)
            await self._work.write(partial(_tried, row=row, sent=True, now=now))
            taken += 1
        return taken


def post_json(url: str, token: str, body: dict[str, Any]) -> None:
    """Raises OSError (URLError, HTTPError, timeout) when it was not taken."""
    request = urllib.request.Request(
        url,
        data=json.dumps(body).encode(),
        method="POST",
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
    )
    with urllib.request.urlopen(request, timeout=SEND_SECONDS):
        return


def due(connection: Connection, now: datetime) -> list[Any]:
    """Unsent ones that are still of use, oldest first."""
    waiting = sa.and_(
        notifications.c.sent_at.is_(None),
        notifications.c.attempts < MOST_TRIES,
        notifications.c.text != ERASED,
        sa.or_(notifications.c.erase_at.is_(None), notifications.c.erase_at > now),
    )
    rows = (
        connection.execute(
            sa.select(notifications).where(waiting).order_by(notifications.c.notification_id).limit(AT_ONCE * 5)
        )
        .mappings()
        .all()
    )
    return list(rows)


def _pause(attempts: int) -> timedelta:
    return min(timedelta(seconds=2 ** min(attempts, 12)), LONGEST_PAUSE)


def _tried(connection: Connection, *, row: Any, now: datetime, sent: bool) -> None:
    values: dict[str, Any] = {"attempts": row["attempts"] + 1}
    if sent:
        values |= {"sent_at": now, **({"text": ERASED, "erase_at": None} if row["kind"] == CODE else {})}
    connection.execute(
        notifications.update().where(notifications.c.notification_id == row["notification_id"]).values(**values)
    )
