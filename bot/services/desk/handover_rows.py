"""Rows of handovers, presence and finished waits, over one open connection. Used by `bot.services.desk` only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import NotFound
from bot.lending.desk_policy import DeskPolicy
from bot.lending.routing import Server, Waiting
from bot.store.conversation_rows import Conversation
from bot.store.conversation_schema import conversations, requests
from bot.store.desk_schema import handovers, presence, staff

T = handovers.c
OPEN = ("waiting", "assigned")
PENDING = ("callback", "message")  # a person is still owed, but nobody waits in the conversation
SERVING = ("agent", "lead", "supervisor")
Row = Mapping[str, Any]


def row(connection: Connection, ref: str) -> Row:
    """Raises NotFound."""
    found = connection.execute(sa.select(handovers).where(T.ref == ref)).mappings().first()
    if found is None:
        raise NotFound(f"no handover {ref[:24]}")
    return found


def current(connection: Connection, conversation_id: str) -> Row | None:
    """The handover that a conversation is in, waiting or with an agent."""
    return (
        connection.execute(
            sa.select(handovers)
            .where(T.conversation_id == conversation_id, T.status.in_(OPEN))
            .order_by(T.queued_at.desc())
            .limit(1)
        )
        .mappings()
        .first()
    )


def owed(connection: Connection, conversation_id: str, session_id: str | None = None) -> Row | None:
    """The newest handover of a conversation (an anonymous one: of the session) that still waits for a person."""
    query = sa.select(handovers).where(T.conversation_id == conversation_id, T.status.in_((*OPEN, *PENDING)))
    if session_id is not None:
        query = query.where(sa.or_(T.session_id == session_id, T.customer_id.is_not(None)))
    return connection.execute(query.order_by(T.queued_at.desc()).limit(1)).mappings().first()


def change(connection: Connection, ref: str, **values: Any) -> None:
    connection.execute(handovers.update().where(T.ref == ref).values(**values))


def end_request(connection: Connection, ref: str, status: str) -> None:
    """The record under the same number ends with its handover."""
    connection.execute(
        requests.update().where(requests.c.ref == ref, requests.c.status == "open").values(status=status)
    )


def waiting(connection: Connection, queue: str | None = None) -> list[Waiting]:
    """Everybody in the queue (or in all of them), with who served each customer last."""
    query = sa.select(handovers).where(T.status == "waiting")
    if queue is not None:
        query = query.where(T.queue == queue)
    found = connection.execute(query).mappings().all()
    known = {one["customer_id"] for one in found if one["customer_id"]}
    last: dict[str, str] = {}
    if known:
        earlier = connection.execute(
            sa.select(T.customer_id, T.agent)
            .where(T.customer_id.in_(known), T.agent.is_not(None), T.closed_at.is_not(None))
            .order_by(T.closed_at)
        )
        last = {one.customer_id: one.agent for one in earlier}
    return [
        Waiting(
            one["ref"],
            one["queue"],
            one["priority"],
            one["queued_at"],
            one["language"],
            one["channel"],
            one["wanted"],
            last.get(one["customer_id"]),
            one["product"],
        )
        for one in found
    ]


def servers(connection: Connection, policy: DeskPolicy, since: datetime, *, lock: bool = False) -> list[Server]:
    """Staff who are there: heard of since `since` (real time) and not offline. `lock`: their presence, in one order."""
    query = (
        sa.select(presence, staff.c.skills, staff.c.languages, staff.c.capacity)
        .join(staff, staff.c.staff_id == presence.c.staff_id)
        .where(
            presence.c.seen_at >= since,
            presence.c.status != "offline",
            staff.c.active,
            staff.c.role.in_(SERVING),
        )
        .order_by(presence.c.staff_id)
    )
    found = connection.execute(query.with_for_update(of=presence) if lock else query).mappings().all()
    held: dict[str, Counter[str]] = {}
    for one in connection.execute(sa.select(T.agent, T.channel).where(T.status == "assigned")):
        held.setdefault(one.agent, Counter())[one.channel] += 1
    return [
        Server(
            one["staff_id"],
            one["status"],
            frozenset(one["skills"] or ("service",)),
            frozenset(one["languages"] or ("zh",)),
            one["capacity"] or policy.capacity,
            sum(held.get(one["staff_id"], Counter()).values()),
            tuple(sorted(held.get(one["staff_id"], Counter()).items())),
            one["served_at"],
        )
        for one in found
    ]


def finished_waits(connection: Connection, queue: str, since: datetime) -> list[tuple[datetime, datetime]]:
    """(joined, taken) of waits in a queue that a person ended, since `since`."""
    query = sa.select(T.queued_at, T.assigned_at).where(
        T.queue == queue, T.assigned_at >= since, T.position.is_not(None)
    )
    return [(one.queued_at, one.assigned_at) for one in connection.execute(query)]


def lock_free(connection: Connection, conversation_id: str) -> Conversation | None:
    """The conversation, locked, or None when somebody else holds it just now (then they look after it)."""
    query = sa.select(conversations).where(conversations.c.conversation_id == conversation_id)
    found = connection.execute(query.with_for_update(skip_locked=True)).first()
    if found is None:
        return None
    return Conversation(**{name: getattr(found, name) for name in Conversation.__dataclass_fields__})
