"""Messages that the engine begins by itself: into the customer's conversation, for every session of it, once allowed.

Nothing about a debt leaves the conversation: no text message carries an amount (requirements 3.2, rule 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.dialogue.turn import BotMessage
from bot.services.channels import wishes
from bot.store import conversation_rows as rows
from bot.store.conversation_schema import channel_sessions, conversations, messages, outbox


def language_of(connection: Connection, conversation_id: str) -> str:
    query = sa.select(conversations.c.language).where(conversations.c.conversation_id == conversation_id)
    return str(connection.execute(query).scalar() or "zh-Hans")


def current_conversation(connection: Connection, customer_id: str) -> str | None:
    """The customer's one conversation, None before the first proof."""
    query = sa.select(conversations.c.conversation_id).where(conversations.c.customer_id == customer_id)
    return connection.execute(query).scalar()


def say_to(connection: Connection, customer_id: str, said: BotMessage, now: datetime) -> tuple[str, ...]:
    """Store one message of our own; gives the sessions to wake. Nobody to tell when there is no conversation yet."""
    conversation_id = current_conversation(connection, customer_id)
    return () if conversation_id is None else say_in(connection, conversation_id, said, now)


def say_in(
    connection: Connection, conversation_id: str, said: BotMessage, now: datetime, **columns: Any
) -> tuple[str, ...]:
    """Store one message for every session of a conversation; gives the sessions to wake. `columns`: sender, staff_id, epoch, …"""
    message_id = rows.new_id()
    row: dict[str, Any] = {
        "message_id": message_id,
        "conversation_id": conversation_id,
        "seq": rows.next_seqs(connection, conversation_id, 1)[0],
        "session_id": None,
        "sender": "bot",
        "text": said.text,
        "level": said.level,
        "buttons": [{"title": b.title, "say": b.say} for b in said.buttons],
        "card": said.card,
        "response": said.response,
        "shadow": False,
        "at": now,
        **columns,
    }
    connection.execute(messages.insert().values(**row))
    found = connection.execute(
        sa.select(
            channel_sessions.c.session_id,
            channel_sessions.c.channel,
            channel_sessions.c.level,
            channel_sessions.c.customer_id,
        )
        .where(channel_sessions.c.conversation_id == conversation_id)
        .order_by(channel_sessions.c.active_at.desc())
    ).all()
    if found:
        to = found[0] if row["sender"] == "agent" else _preferred(connection, found, said.level)
        connection.execute(
            outbox.insert().values(message_id=message_id, session_id=to.session_id, channel=to.channel, created_at=now)
        )
    return tuple(row.session_id for row in found)


def _preferred(connection: Connection, sessions: Sequence[Any], level: int) -> Any:
    """Where what nobody asked for goes: the channel that the customer wished, if it may read it; else where they last wrote."""
    customer_id = next((one.customer_id for one in sessions if one.customer_id), None)
    if customer_id is None:
        return sessions[0]
    wished = wishes.of(connection, wishes.subject_of(customer_id, "")).channel
    return next((one for one in sessions if one.channel == wished and one.level >= level), sessions[0])
