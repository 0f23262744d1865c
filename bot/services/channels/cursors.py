"""How far a platform's feed has been read. Durable: a killed process goes on where the last stored message ended."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.services.work import Work
from bot.store.channel_schema import channel_cursors as table
from bot.store.clock import Clock


class Cursors:
    """One a process. `put` comes after what lies before the cursor is stored: reading twice is harmless, skipping is not."""

    def __init__(self, work: Work, clock: Clock) -> None:
        self._work, self._clock = work, clock

    async def get(self, name: str) -> str:
        """The cursor, "" before the first."""
        query = sa.select(table.c.value).where(table.c.name == name)
        return await self._work.read(lambda connection: str(connection.execute(query).scalar() or ""))

    async def put(self, name: str, value: str) -> None:
        now = self._clock.now()

        def write(connection: Connection) -> None:
            values = {"value": value, "updated_at": now}
            if connection.execute(table.update().where(table.c.name == name).values(**values)).rowcount == 0:
                connection.execute(table.insert().values(name=name, **values))

        await self._work.write(write)
