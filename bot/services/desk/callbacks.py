"""Callbacks: a window of one hour inside service hours, so many in an hour as policy allows; a missed one is tried again
once, then a supervisor is told. The borrower is told each time.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.lending.desk_policy import DeskPolicy
from bot.services.service_times import ServiceTimes
from bot.store import conversation_rows as rows
from bot.store.desk_schema import callbacks

WINDOW = timedelta(hours=1)
FARTHEST = timedelta(days=14)
C = callbacks.c
DUE, DONE, MISSED, ESCALATED, CANCELLED = "due", "done", "missed", "escalated", "cancelled"


def free_slots(
    connection: Connection,
    queue: str,
    now: datetime,
    policy: DeskPolicy,
    times: ServiceTimes,
    zone: ZoneInfo,
    most: int = 3,
    not_before: datetime | None = None,
) -> list[datetime]:
    """Beginnings of the next windows with room, aware, in the lender's zone, oldest first."""
    start = max(now + policy.callback_notice, not_before or now).astimezone(zone)
    at = start.replace(minute=0, second=0, microsecond=0)
    if at < start:
        at += WINDOW
    taken = _taken(connection, queue, at)
    found: list[datetime] = []
    while len(found) < most and at <= start + FARTHEST:
        if _inside(at, times) and taken.get(at.timestamp(), 0) < policy.callbacks_per_hour:
            found.append(at)
        at += WINDOW
    return found


def _inside(at: datetime, times: ServiceTimes) -> bool:
    closes = datetime.combine(at.date(), times.closes, at.tzinfo) if times.closes != time.max else None
    return at.time() >= times.opens and (closes is None or at + WINDOW <= closes)


def _taken(connection: Connection, queue: str, since: datetime) -> dict[float, int]:
    query = (
        sa.select(C.from_at, sa.func.count().label("many"))
        .where(C.queue == queue, C.status == DUE, C.from_at >= since)
        .group_by(C.from_at)
    )
    return {one.from_at.timestamp(): one.many for one in connection.execute(query)}


def book(
    connection: Connection, handover: Any, at: datetime, now: datetime, *, attempt: int = 1, agent: str | None = None
) -> str:
    """A callback in the window that begins `at`; one that was due for the same handover is given up."""
    connection.execute(
        callbacks.update().where(C.ref == handover["ref"], C.status == DUE).values(status=CANCELLED, ended_at=now)
    )
    callback_id = rows.new_id()
    connection.execute(
        callbacks.insert().values(
            callback_id=callback_id,
            ref=handover["ref"],
            conversation_id=handover["conversation_id"],
            customer_id=handover["customer_id"],
            queue=handover["queue"],
            from_at=at,
            until_at=at + WINDOW,
            status=DUE,
            attempt=attempt,
            agent=agent,
            made_at=now,
        )
    )
    return callback_id


def due_of(connection: Connection, ref: str) -> Any:
    """The callback that is due for a handover, or None."""
    query = sa.select(callbacks).where(C.ref == ref, C.status == DUE).order_by(C.from_at).limit(1)
    return connection.execute(query).mappings().first()


def missed(connection: Connection, now: datetime) -> list[Any]:
    """Windows that have passed without a call, oldest first."""
    query = sa.select(callbacks).where(C.status == DUE, C.until_at <= now).order_by(C.until_at).limit(50)
    return list(connection.execute(query).mappings())


def end(connection: Connection, callback_id: str, status: str, now: datetime, **values: Any) -> bool:
    """False when it was ended before."""
    done = connection.execute(
        callbacks.update()
        .where(C.callback_id == callback_id, C.status == DUE)
        .values(status=status, ended_at=now, **values)
    )
    return done.rowcount == 1
