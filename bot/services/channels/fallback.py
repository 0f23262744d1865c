"""Where a message goes that its own channel cannot deliver, in a stated order; see docs/channels/README.md.

1. Another session of the same customer that has proven what the message needs and wrote within `RECENT`: the newest first.
2. The message stays in the conversation, a colleague sees it as not delivered and may send it again, and the borrower
   is told of it with their next message.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.services import events
from bot.services.channels import outbox_rows as rows
from bot.services.channels.model import State
from bot.services.channels.outbox_rows import Due
from bot.store.conversation_schema import channel_sessions, outbox

RECENT = timedelta(days=2)
OWN_WAYS = {"web", "rest"}  # fetched by their clients, not sent


def redirect(connection: Connection, *, one: Due, state: State, reason: str, channels: set[str], now: datetime) -> bool:
    """Whether the message goes to another session now; else it is marked as not delivered."""
    other = None if one.progress or one.moved else _other(connection, one, channels, now)
    facts = {"channel": one.channel, "reason": reason, "to": other.channel if other else None}
    origin = events.Origin(now, one.conversation_id, one.session_id, one.channel)
    events.record(connection, origin, [events.Event("not_delivered", events.SYSTEM, facts)])
    if other is None:
        rows.ended(connection, one=one, state=state, reason=reason)
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


def _other(connection: Connection, one: Due, channels: set[str], now: datetime) -> sa.engine.Row | None:
    """The newest other session of the same conversation that may read the message and has not been tried."""
    if one.customer_id is None:
        return None
    S = channel_sessions.c
    return connection.execute(
        sa.select(S.session_id, S.channel)
        .where(
            S.conversation_id == one.conversation_id,
            S.session_id != one.session_id,
            S.level >= one.level,
            S.level > 0,
            S.stopped_at.is_(None),
            S.channel.in_(channels | OWN_WAYS),
            S.active_at >= now - RECENT,
        )
        .order_by(S.active_at.desc())
        .limit(1)
    ).first()
