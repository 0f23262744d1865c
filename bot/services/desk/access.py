"""The access log: who looked at or changed what of whom, why, and when. Append-only; read by compliance."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.lending.authority import Actor
from bot.store import conversation_rows as rows
from bot.store.desk_schema import access_log

A = access_log.c


def record(
    connection: Connection,
    actor: Actor,
    what: str,
    purpose: str,
    now: datetime,
    *,
    customer_id: str | None = None,
    conversation_id: str | None = None,
) -> None:
    connection.execute(
        access_log.insert().values(
            access_id=rows.new_id(),
            staff_id=actor.staff_id,
            role=actor.role,
            what=what,
            customer_id=customer_id,
            conversation_id=conversation_id,
            purpose=purpose[:120],
            at=now,
        )
    )


def latest(
    connection: Connection, *, customer_id: str | None = None, staff_id: str | None = None, most: int = 200
) -> list[dict[str, Any]]:
    """Newest first."""
    query = sa.select(access_log)
    if customer_id:
        query = query.where(A.customer_id == customer_id)
    if staff_id:
        query = query.where(A.staff_id == staff_id)
    found = connection.execute(query.order_by(A.at.desc(), A.access_id).limit(most)).mappings()
    return [{str(key): value for key, value in one.items()} | {"at": one["at"].isoformat()} for one in found]
