"""What did not arrive, for colleagues: lists, sending again, the accounts of a conversation. Over one open connection."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput, Conflict, NotFound
from bot.services import events
from bot.services.channels.model import State
from bot.services.desk import ownership
from bot.store import conversation_rows as rows
from bot.store.channel_schema import receipts
from bot.store.conversation_rows import Session
from bot.store.conversation_schema import channel_sessions, inbox, messages, outbox

LOST = (State.DEAD.value, State.FAILED.value, State.EXPIRED.value)
MOST = 200
LevelOf = Callable[[Session], int]


def counts(connection: Connection) -> dict[str, dict[str, int]]:
    """By channel, how many replies are in which state; what a client fetched itself is not counted."""
    query = (
        sa.select(outbox.c.channel, outbox.c.state, sa.func.count())
        .where(sa.or_(outbox.c.delivered_at.is_(None), outbox.c.state != State.QUEUED.value))
        .group_by(outbox.c.channel, outbox.c.state)
    )
    found: dict[str, dict[str, int]] = {}
    for channel, state, number in connection.execute(query):
        found.setdefault(channel, {})[state] = number
    return found


def listed(connection: Connection, state: str = "", channel: str = "") -> list[dict[str, Any]]:
    """Raises BadInput for a state that is none of those that are lists."""
    if state and state not in LOST:
        raise BadInput(f"state is one of {', '.join(LOST)}", code="bad_value")
    query = (
        sa.select(
            outbox.c.message_id,
            outbox.c.channel,
            outbox.c.state,
            outbox.c.reason,
            outbox.c.attempts,
            outbox.c.created_at,
            messages.c.conversation_id,
            messages.c.seq,
            messages.c.sender,
        )
        .join(messages, messages.c.message_id == outbox.c.message_id)
        .where(outbox.c.state.in_((state,) if state else LOST))
        .order_by(outbox.c.created_at.desc())
        .limit(MOST)
    )
    if channel:
        query = query.where(outbox.c.channel == channel)
    found = connection.execute(query).mappings()
    return [{**row, "created_at": row["created_at"].isoformat()} for row in found]


def replay(connection: Connection, message_id: str, staff_id: str, now: datetime, level: LevelOf) -> dict[str, Any]:
    """Queue one again: on the session through which the borrower last wrote, else where it was, if that may read it now.

    Args:
        level: what a session has proven at this moment.

    Raises:
        NotFound. Conflict: `not_lost`, it was delivered or is on its way; `nobody_may_read`, until the borrower proves again.
    """
    query = (
        sa.select(outbox, messages.c.conversation_id, messages.c.level)
        .join(messages, messages.c.message_id == outbox.c.message_id)
        .where(outbox.c.message_id == message_id)
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound("no such message")
    if row["state"] not in LOST:
        raise Conflict("this message was delivered, or is on its way", code="not_lost")
    target = _target(connection, row, level)
    connection.execute(
        outbox.update()
        .where(outbox.c.message_id == message_id, outbox.c.state.in_(LOST))
        .values(
            state=State.QUEUED.value,
            session_id=target.session_id,
            channel=target.channel,
            progress=0,
            attempts=0,
            next_at=None,
            leased_until=None,
            holder=None,
            delivered_at=None,
            told=False,
            reason=None,
            created_at=now,
        )
    )
    connection.execute(receipts.delete().where(receipts.c.message_id == message_id))  # of the try before
    facts = {"message": message_id, "by": staff_id, "from": row["channel"], "to": target.channel}
    events.record(
        connection, events.Origin(now, row["conversation_id"]), [events.Event("delivery_replayed", "agent", facts)]
    )
    return {"message_id": message_id, "channel": target.channel}


def _target(connection: Connection, row: Any, level: LevelOf) -> Session:
    for session_id in (ownership.spoke_last(connection, row["conversation_id"]), row["session_id"]):
        session = rows.session_by_id(connection, session_id) if session_id else None
        if session is None or session.conversation_id != row["conversation_id"]:
            continue  # the account is somebody else's by now
        stopped = sa.select(channel_sessions.c.stopped_at).where(channel_sessions.c.session_id == session.session_id)
        if level(session) >= row["level"] and connection.execute(stopped).scalar() is None:
            return session
    raise Conflict("no account of this conversation may read it now: it waits for a proof", code="nobody_may_read")


def accounts_of(connection: Connection, conversation_id: str) -> list[dict[str, Any]]:
    """Sessions of a conversation, the newest first; the address itself is not shown."""
    S = channel_sessions.c
    query = (
        sa.select(S.session_id, S.channel, S.level, S.linked_to, S.active_at, S.last_in_at, S.sent_since, S.stopped_at)
        .where(S.conversation_id == conversation_id)
        .order_by(S.active_at.desc())
    )
    return [
        {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
        for row in connection.execute(query).mappings()
    ]


def conversation_of(connection: Connection, message_id: str) -> str:
    """Of what came in (`inbox.inbound_id`) or of what a colleague said. Raises NotFound."""
    for table, key in ((inbox, inbox.c.inbound_id), (messages, messages.c.message_id)):
        found = connection.execute(sa.select(table.c.conversation_id).where(key == message_id)).scalar()
        if found is not None:
            return str(found)
    raise NotFound("no such message")
