"""The clock is an argument: the system's, or the demo's, which `daihou demo advance` moves for every process."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Protocol
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.errors import BadInput
from bot.store.database import Database
from bot.store.schema import counters

OFFSET = "demo-clock-days"
MAX_DAYS = 3650


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, aware."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(timezone.utc)


class DemoClock:
    """System time plus the days stored in the database; read at every call, so that one command moves all processes."""

    def __init__(self, database: Database, base: Clock | None = None) -> None:
        self._database = database
        self._base = base or SystemClock()

    def now(self) -> datetime:
        with self._database.read() as connection:
            days = connection.execute(sa.select(counters.c.value).where(counters.c.name == OFFSET)).scalar()
        return self._base.now() + timedelta(days=days or 0)

    def advance(self, days: int) -> None:
        """Move the demo's time forward.

        Raises:
            BadInput: not forward, or more than ten years in all.
        """
        if days < 1:
            raise BadInput("the demo clock only moves forward: name at least one day", code="days")
        with self._database.write() as connection:
            present = connection.execute(sa.select(counters.c.value).where(counters.c.name == OFFSET)).scalar()
            if (present or 0) + days > MAX_DAYS:
                raise BadInput(f"the demo clock moves at most {MAX_DAYS} days in all", code="days")
            if present is None:
                connection.execute(counters.insert().values(name=OFFSET, value=days))
            else:
                connection.execute(counters.update().where(counters.c.name == OFFSET).values(value=present + days))


def business_date(now: datetime, zone: ZoneInfo) -> date:
    """The lender's date at a moment."""
    return now.astimezone(zone).date()
