"""What a session may see of a conversation, in the form of the web protocol (`Message` in bot/web/PROTOCOL.md).

A reply goes to the session that asked. The whole conversation is shown as history when a client starts from
nothing (`after` = 0), and whatever is above the reader's present level is hidden.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.dialogue.turn import BotMessage
from bot.store.conversation_rows import Session
from bot.store.conversation_schema import inbox, messages
from bot.store.desk_schema import staff

HISTORY = 500  # as many of the latest messages are shown


def seen_by(connection: Connection, session: Session, after: int, most: int = HISTORY) -> list[Mapping[str, Any]]:
    """Rows of the session's conversation with seq > `after`, oldest first; show them through `view` only."""
    query = (
        sa.select(messages, staff.c.name.label("author"))
        .outerjoin(staff, staff.c.staff_id == messages.c.staff_id)
        .where(messages.c.conversation_id == session.conversation_id, messages.c.seq > after)
    )
    if after > 0:
        query = query.where(sa.or_(messages.c.session_id == session.session_id, messages.c.session_id.is_(None)))
    return list(reversed(connection.execute(query.order_by(messages.c.seq.desc()).limit(most)).mappings().all()))


def answers_to(connection: Connection, inbound_id: str) -> list[Mapping[str, Any]]:
    """The stored replies to one message, in order."""
    return list(
        connection.execute(
            sa.select(messages)
            .where(messages.c.in_reply_to == inbound_id, messages.c.sender != "borrower")
            .order_by(messages.c.seq)
        ).mappings()
    )


def waiting(connection: Connection, session_id: str) -> bool:
    """Whether the session waits for an answer."""
    query = sa.select(inbox.c.inbound_id).where(inbox.c.session_id == session_id, inbox.c.pending).limit(1)
    return connection.execute(query).first() is not None


def greeting(said: BotMessage, now: datetime) -> dict[str, Any]:
    """What a conversation opens with, before anything is said; shown, not stored, hence seq 0."""
    return {
        "seq": 0,
        "from": "bot",
        "text": said.text,
        "buttons": [{"title": button.title, "say": button.say} for button in said.buttons],
        "card": None,
        "at": now.isoformat(),
        "client_msg_id": None,
        "hidden": False,
        "by": "",
        "answer": True,
    }


def view(row: Mapping[str, Any], level: int, hidden_text: str) -> dict[str, Any]:
    """One message as a reader at `level` may see it."""
    hidden = row["level"] > level
    return {
        "seq": row["seq"],
        "from": row["sender"],
        "text": hidden_text if hidden else row["text"],
        "buttons": [] if hidden else (row["buttons"] or []),
        "card": None if hidden else row["card"],
        "at": row["at"].isoformat(),
        "client_msg_id": row["client_msg_id"],
        "hidden": hidden,
        "by": row["author"] or "",
        "answer": row["in_reply_to"] is not None,
    }
