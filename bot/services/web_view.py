"""What a widget shows beside the messages: how far its words were read, the place in the queue, wishes, ratings.

Read receipts go both ways. Theirs: the assistant has read what it answered, a colleague what their page showed
(`conversations.agent_seen_seq`). The borrower's: `channel_sessions.seen_seq`, told by the widget, for the desk.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput, NotFound
from bot.services import events
from bot.services.channels import wishes
from bot.services.desk import handover_rows
from bot.store.conversation_rows import Session
from bot.store.conversation_schema import channel_sessions, conversations, inbox, messages
from bot.store.conversation_schema import events as journal

RATED = "answer_rated"
VALUES = ("up", "down", "none")
MOST_CHANGES = 20  # of one rating: somebody plays with it


def state(connection: Connection, desk: Any, session: Session | None, session_id: str, now: datetime) -> dict[str, Any]:
    """The `state` of bot/web/PROTOCOL.md. `session` is None before the first message; wishes may be there already."""
    wished = wishes.of(connection, wishes.subject_of(session.customer_id if session else None, session_id))
    known: dict[str, Any] = {
        "read": 0,
        "queue": None,
        "language": wished.language,
        "large_type": wished.large_type,
    }
    if session is None:
        return known
    c = conversations.c
    owner, by_agent = connection.execute(
        sa.select(c.owner, c.agent_seen_seq).where(c.conversation_id == session.conversation_id)
    ).one()
    return {
        **known,
        "read": max(by_agent, _answered(connection, session, alone=owner == "bot")),
        "queue": _queue(connection, desk, session, now) if owner == "waiting" else None,
    }


def _answered(connection: Connection, session: Session, *, alone: bool) -> int:
    """The last of the session's words that the assistant has worked off: with a person called, only what it answered."""
    query = sa.select(sa.func.max(inbox.c.seq)).where(
        inbox.c.session_id == session.session_id,
        inbox.c.conversation_id == session.conversation_id,
        ~inbox.c.pending,
    )
    if not alone:
        query = query.where(
            sa.exists().where(sa.and_(messages.c.in_reply_to == inbox.c.inbound_id, messages.c.sender == "bot"))
        )
    return connection.execute(query).scalar() or 0


def _queue(connection: Connection, desk: Any, session: Session, now: datetime) -> dict[str, Any] | None:
    handover = handover_rows.current(connection, session.conversation_id)
    if handover is None:
        return None
    position, expected = desk.queue.place(connection, handover, now)
    return {"position": max(1, position), "minutes": None if expected is None else list(expected.minutes)}


def seen(connection: Connection, session_id: str) -> int:
    """The last number that this session's borrower has had before their eyes."""
    query = sa.select(channel_sessions.c.seen_seq).where(channel_sessions.c.session_id == session_id)
    return connection.execute(query).scalar() or 0


def note_seen(connection: Connection, session_id: str, seq: int) -> None:
    """It only grows, and never beyond what the conversation has."""
    c = channel_sessions.c
    last = (
        sa.select(conversations.c.last_seq)
        .where(conversations.c.conversation_id == c.conversation_id)
        .scalar_subquery()
    )
    connection.execute(
        channel_sessions.update().where(c.session_id == session_id, c.seen_seq < seq, last >= seq).values(seen_seq=seq)
    )


def note_seen_by_agent(connection: Connection, conversation_id: str, agent: str, seq: int) -> bool:
    """What the page of the colleague who has the conversation showed; whether that was news."""
    c = conversations.c
    done = connection.execute(
        conversations.update()
        .where(c.conversation_id == conversation_id, c.owner == "agent", c.agent == agent, c.agent_seen_seq < seq)
        .values(agent_seen_seq=seq)
    )
    return bool(done.rowcount)


def ratings(connection: Connection, session: Session) -> dict[str, str]:
    """What this session thought of answers, by their numbers as strings."""
    found: dict[str, str] = {}
    for facts in _rated(connection, session):
        found[str(facts["seq"])] = facts["value"]
    return {seq: value for seq, value in found.items() if value != "none"}


def rate(connection: Connection, session: Session, seq: int, value: str, now: datetime) -> None:
    """Note what the borrower thinks of an answer; the last word counts.

    Raises:
        NotFound: no answer of the assistant that this session may read has the number.
        BadInput: the rating was changed too often.
    """
    query = sa.select(messages.c.message_id).where(
        messages.c.conversation_id == session.conversation_id,
        messages.c.seq == seq,
        messages.c.sender == "bot",
        messages.c.in_reply_to.is_not(None),
        messages.c.level <= session.level,
        ~messages.c.shadow,
    )
    message_id = connection.execute(query).scalar()
    if message_id is None:
        raise NotFound("no answer with this number", code="no_such_answer")
    said = [facts["value"] for facts in _rated(connection, session) if facts["seq"] == seq]
    if len(said) >= MOST_CHANGES:
        raise BadInput("this rating was changed too often", code="too_often")
    if (said[-1] if said else "none") == value:
        return
    origin = events.Origin(now, session.conversation_id, session.session_id, session.channel)
    fact = events.Event(RATED, events.BORROWER, {"seq": seq, "value": value, "message_id": message_id})
    events.record(connection, origin, [fact])


def _rated(connection: Connection, session: Session) -> list[dict[str, Any]]:
    c = journal.c
    query = (
        sa.select(c.facts)
        .where(c.conversation_id == session.conversation_id, c.kind == RATED, c.session_id == session.session_id)
        .order_by(c.at)
    )
    return list(connection.execute(query).scalars())
