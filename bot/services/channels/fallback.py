"""Where a message goes that its own channel cannot deliver, in a stated order; see docs/channels/README.md.

1. Another account of the same customer that has proven, at this moment, what the message needs: the newest first.
2. The message stays in the conversation, a colleague sees it as not delivered and may send it again, and the borrower
   is told of it with their next message; a verified phone gets one neutral text message (`last_notice`).
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.services import events
from bot.services.channels import last_notice
from bot.services.channels import outbox_rows as rows
from bot.services.channels.model import State
from bot.services.channels.outbox_rows import Due, LevelOf
from bot.store import conversation_rows as sessions
from bot.store.conversation_rows import Session
from bot.store.conversation_schema import channel_sessions, outbox


def redirect(
    connection: Connection, *, one: Due, state: State, reason: str, channels: set[str], level: LevelOf, now: datetime
) -> bool:
    """Whether the message goes to another session now; else it is marked as not delivered."""
    other = None if one.progress or one.moved else _other(connection, one, channels, level)
    facts = {"channel": one.channel, "reason": reason, "to": other.channel if other else None}
    origin = events.Origin(now, one.conversation_id, one.session_id, one.channel)
    events.record(connection, origin, [events.Event("not_delivered", events.SYSTEM, facts)])
    if other is None:
        rows.ended(connection, one=one, state=state, reason=reason)
        if last_notice.SMS in channels:
            last_notice.queue(connection, one.message_id, one.channel, reason, now)
        return False
    connection.execute(
        outbox.update()
        .where(outbox.c.message_id == one.message_id, outbox.c.holder == one.holder)
        .values(
            session_id=other.session_id,
            channel=other.channel,
            attempts=0,
            next_at=None,
            leased_until=None,
            holder=None,
            reason=f"{rows.MOVED}{one.channel}: {reason}"[:40],
        )
    )
    return True


def _other(connection: Connection, one: Due, channels: set[str], level: LevelOf) -> Session | None:
    """The newest other session of the same conversation that may read the message at this moment."""
    if one.customer_id is None:
        return None
    S = channel_sessions.c
    found = connection.execute(
        sa.select(S.session_id)
        .where(
            S.conversation_id == one.conversation_id,
            S.session_id != one.session_id,
            S.stopped_at.is_(None),
            S.channel.in_(channels),
        )
        .order_by(S.active_at.desc())
    ).scalars()
    for session in (sessions.session_by_id(connection, session_id) for session_id in found.all()):
        if session is not None and level(session) >= max(one.level, 1):
            return session
    return None
