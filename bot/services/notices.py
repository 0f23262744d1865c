"""Messages that the engine begins by itself: into the customer's conversation, for every session of it, once allowed.

Nothing about a debt leaves the conversation: no text message carries an amount (requirements 3.2, rule 3).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.dialogue.turn import BotMessage
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
        sa.select(channel_sessions.c.session_id, channel_sessions.c.channel)
        .where(channel_sessions.c.conversation_id == conversation_id)
        .order_by(channel_sessions.c.active_at.desc())
    ).all()
    if found:
        connection.execute(
            outbox.insert().values(
                message_id=message_id, session_id=found[0].session_id, channel=found[0].channel, created_at=now
            )
        )
    return tuple(row.session_id for row in found)
