"""Access tokens of platforms: fetched by one worker before they run out, kept encrypted, shared by all processes."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy.engine import Connection

from bot.services.work import Work
from bot.store.channel_schema import channel_tokens as table
from bot.store.clock import Clock

LEASE = timedelta(seconds=20)
EARLY = 0.2  # the last fifth of a token's life is for fetching the next
LOOK_SECONDS = 0.2
MOST_LOOKS = 100
Fetch = Callable[[], Awaitable[tuple[str, float]]]  # token, seconds it lives


class Tokens:
    """One a process. `secret` encrypts what is stored; `clock` is real time."""

    def __init__(self, work: Work, clock: Clock, secret: str) -> None:
        self._work, self._clock = work, clock
        self._box = Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"daihou tokens " + secret.encode()).digest()))

    async def get(self, name: str, fetch: Fetch) -> str:
        """A token in force. Near its end one caller fetches the next while the others go on with the old one.

        Raises whatever `fetch` raises when there is no token in force.
        """
        for _ in range(MOST_LOOKS):
            now = self._clock.now()
            token, fresh_until, ends = await self._work.read(lambda c: self._read(c, name))
            if token and fresh_until is not None and now < fresh_until:
                return token
            mine = uuid.uuid4().hex
            if await self._work.write(partial(_lease, name=name, now=now, holder=mine)):
                try:
                    made, seconds = await fetch()
                except Exception:
                    await self._work.write(partial(_release, name=name, holder=mine))
                    if token and ends is not None and now < ends:
                        return token
                    raise
                await self._work.write(partial(self._keep, name=name, token=made, seconds=seconds, now=now))
                return made
            if token and ends is not None and now < ends:
                return token
            await asyncio.sleep(LOOK_SECONDS)
        raise TimeoutError(f"no token for {name}")

    async def forget(self, name: str, token: str) -> None:
        """The platform no longer takes `token`: the next caller fetches another. A newer one is left alone."""
        mark = _mark(token)
        await self._work.write(lambda c: c.execute(table.delete().where(table.c.name == name, table.c.mark == mark)))

    def _read(self, connection: Connection, name: str) -> tuple[str, datetime | None, datetime | None]:
        row = connection.execute(sa.select(table).where(table.c.name == name)).first()
        if row is None or not row.sealed:
            return "", None, None
        try:
            return self._box.decrypt(row.sealed.encode()).decode(), row.fresh_until, row.ends_at
        except InvalidToken:  # sealed under another secret
            return "", None, None

    def _keep(self, connection: Connection, name: str, token: str, seconds: float, now: datetime) -> None:
        connection.execute(
            table.update()
            .where(table.c.name == name)
            .values(
                sealed=self._box.encrypt(token.encode()).decode(),
                mark=_mark(token),
                fresh_until=now + timedelta(seconds=seconds * (1 - EARLY)),
                ends_at=now + timedelta(seconds=seconds),
                leased_until=None,
                holder=None,
            )
        )


def _mark(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _lease(connection: Connection, name: str, now: datetime, holder: str) -> bool:
    """Whether the caller is the one who fetches now."""
    if connection.execute(sa.select(table.c.name).where(table.c.name == name)).first() is None:
        connection.execute(table.insert().values(name=name))
    free = sa.or_(table.c.leased_until.is_(None), table.c.leased_until < now)
    done = connection.execute(
        table.update().where(table.c.name == name, free).values(leased_until=now + LEASE, holder=holder)
    )
    return done.rowcount == 1


def _release(connection: Connection, name: str, holder: str) -> None:
    connection.execute(
        table.update().where(table.c.name == name, table.c.holder == holder).values(leased_until=None, holder=None)
    )
