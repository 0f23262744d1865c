"""The statements that every message runs, built once: one to look, a handful to store.

Building and keying a SQLAlchemy statement costs more than running it, so these are constants with parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.store.conversation_rows import SESSION_COLUMNS, Conversation, Session
from bot.store.conversation_schema import channel_sessions, conversations, inbox, messages, outbox

_IN_SESSION = [column.label(f"s_{name}") for name, column in SESSION_COLUMNS.items()]
_IN_CONVERSATION = [conversations.c[name].label(f"c_{name}") for name in Conversation.__dataclass_fields__]
_LOCKED = [channel_sessions, conversations]  # session first: the one order of locks everywhere

_OTHERS = inbox.alias("others")
_WAITING = (
    sa.select(sa.func.count())
    .select_from(_OTHERS)
    .where(_OTHERS.c.conversation_id == channel_sessions.c.conversation_id, _OTHERS.c.pending)
    .correlate(channel_sessions)
    .scalar_subquery()
)
_ARRIVE = (
    sa.select(
        *_IN_SESSION,
        *_IN_CONVERSATION,
        _WAITING.label("waiting"),
        inbox.c.inbound_id,
        inbox.c.fingerprint,
        inbox.c.seq,
        inbox.c.pending,
        inbox.c.conversation_id,
    )
    .join(conversations, conversations.c.conversation_id == channel_sessions.c.conversation_id)
    .outerjoin(
        inbox,
        sa.and_(
            inbox.c.session_id == channel_sessions.c.session_id, inbox.c.client_msg_id == sa.bindparam("message_id")
        ),
    )
    .where(
        channel_sessions.c.channel == sa.bindparam("channel"),
        channel_sessions.c.channel_user == sa.bindparam("channel_user"),
    )
    .with_for_update(of=_LOCKED)
)
_FINISHING = (
    sa.select(*_IN_SESSION, *_IN_CONVERSATION)
    .select_from(inbox)
    .join(channel_sessions, channel_sessions.c.session_id == inbox.c.session_id)
    .join(conversations, conversations.c.conversation_id == inbox.c.conversation_id)
    .where(inbox.c.inbound_id == sa.bindparam("inbound_id"), inbox.c.pending)
    .with_for_update(of=_LOCKED)
)
_NEXT = (
    sa.select(*_IN_SESSION, *_IN_CONVERSATION, inbox.c.inbound_id, inbox.c.text, inbox.c.edge, inbox.c.accepted_at)
    .select_from(inbox)
    .join(channel_sessions, channel_sessions.c.session_id == inbox.c.session_id)
    .join(conversations, conversations.c.conversation_id == inbox.c.conversation_id)
    .where(inbox.c.conversation_id == sa.bindparam("conversation_id"), inbox.c.pending)
    .order_by(inbox.c.seq)
    .limit(1)
)
_MORE = (
    sa.select(inbox.c.inbound_id)
    .where(inbox.c.conversation_id == sa.bindparam("conversation_id"), inbox.c.pending)
    .limit(1)
)
_COUNT_ON = (
    conversations.update()
    .where(conversations.c.conversation_id == sa.bindparam("conversation"))
    .values(last_seq=sa.bindparam("seq"))
)
_REMEMBER = (
    conversations.update()
    .where(conversations.c.conversation_id == sa.bindparam("conversation"))
    .values(
        memory=sa.bindparam("new_memory"),
        memory_level=sa.bindparam("new_level"),
        version=conversations.c.version + 1,
        language=sa.bindparam("new_language"),
        last_seq=conversations.c.last_seq + sa.bindparam("replies"),
        updated_at=sa.bindparam("now"),
    )
)
_ACTIVE = (
    channel_sessions.update()
    .where(channel_sessions.c.session_id == sa.bindparam("session"))
    .values(active_at=sa.bindparam("wall"))
)
_DONE = (
    inbox.update()
    .where(inbox.c.inbound_id == sa.bindparam("inbound"))
    .values(pending=False, done_at=sa.bindparam("now"), text=sa.null())
)
_ADD_INBOX, _ADD_MESSAGE, _ADD_OUTBOX = inbox.insert(), messages.insert(), outbox.insert()


@dataclass(frozen=True)
class Known:
    """A message that was stored before under the same id."""

    inbound_id: str
    fingerprint: str
    conversation_id: str
    seq: int
    pending: bool


@dataclass(frozen=True)
class Situation:
    """A session, its conversation, how many messages of the conversation have no answer yet."""

    session: Session
    conversation: Conversation
    waiting: int = 0
    known: Known | None = None


def arrive(connection: Connection, channel: str, channel_user: str, message_id: str) -> Situation | None:
    """All that accepting a message looks at, locked; None for a channel user who never spoke."""
    row = (
        connection.execute(_ARRIVE, {"channel": channel, "channel_user": channel_user, "message_id": message_id})
        .mappings()
        .first()
    )
    if row is None:
        return None
    known = None
    if row["inbound_id"] is not None:
        known = Known(row["inbound_id"], row["fingerprint"], row["conversation_id"], row["seq"], row["pending"])
    return Situation(_session(row), _conversation(row), row["waiting"], known)


def finishing(connection: Connection, inbound_id: str) -> Situation | None:
    """What a turn must still find as it was, locked; None when its message has been answered."""
    row = connection.execute(_FINISHING, {"inbound_id": inbound_id}).mappings().first()
    return None if row is None else Situation(_session(row), _conversation(row))


def next_pending(connection: Connection, conversation_id: str) -> tuple[Any, Situation] | None:
    """The oldest unanswered message of a conversation and its situation."""
    row = connection.execute(_NEXT, {"conversation_id": conversation_id}).mappings().first()
    return None if row is None else (row, Situation(_session(row), _conversation(row)))


def more_pending(connection: Connection, conversation_id: str) -> bool:
    return connection.execute(_MORE, {"conversation_id": conversation_id}).first() is not None


def store_inbound(connection: Connection, inbound: dict[str, Any], message: dict[str, Any]) -> None:
    """One accepted message: its number taken, its work and its words stored."""
    connection.execute(_COUNT_ON, {"conversation": inbound["conversation_id"], "seq": inbound["seq"]})
    connection.execute(_ADD_INBOX, inbound)
    connection.execute(_ADD_MESSAGE, message)


def touch(connection: Connection, session_id: str, wall: datetime) -> None:
    connection.execute(_ACTIVE, {"session": session_id, "wall": wall})


def touch_if_free(connection: Connection, session_id: str, wall: datetime) -> None:
    """As `touch`, for whoever holds the conversation's lock already: a session that is locked is busy, hence active anyway."""
    free = sa.select(channel_sessions.c.session_id).where(channel_sessions.c.session_id == session_id)
    connection.execute(
        channel_sessions.update()
        .where(channel_sessions.c.session_id.in_(free.with_for_update(skip_locked=True)))
        .values(active_at=wall)
    )


def remember(
    connection: Connection,
    conversation_id: str,
    memory: dict[str, Any] | None,
    level: int,
    language: str,
    replies: int,
    now: datetime,
) -> None:
    """The dialogue's new state, and `replies` numbers taken after the conversation's last one."""
    connection.execute(
        _REMEMBER,
        {
            "conversation": conversation_id,
            "new_memory": memory,
            "new_level": level,
            "new_language": language,
            "replies": replies,
            "now": now,
        },
    )


def store_replies(connection: Connection, replies: list[dict[str, Any]], channel: str, now: datetime) -> None:
    if replies:
        connection.execute(_ADD_MESSAGE, replies)
        connection.execute(
            _ADD_OUTBOX,
            [
                {
                    "message_id": row["message_id"],
                    "session_id": row["session_id"],
                    "channel": channel,
                    "created_at": now,
                }
                for row in replies
            ],
        )


def finish(connection: Connection, inbound_id: str, now: datetime) -> None:
    """The message is answered; the words that only the turn needed are gone."""
    connection.execute(_DONE, {"inbound": inbound_id, "now": now})


def _session(row: Any) -> Session:
    return Session(**{name: row[f"s_{name}"] for name in Session.__dataclass_fields__})


def _conversation(row: Any) -> Conversation:
    return Conversation(**{name: row[f"c_{name}"] for name in Conversation.__dataclass_fields__})
