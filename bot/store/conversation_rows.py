"""Rows of sessions, conversations and messages, over one open connection. Used by `bot.services` only.

Every function works inside the caller's transaction and commits nothing itself.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.store.conversation_schema import channel_sessions, conversations, inbox, messages, outbox

LEVEL_0 = 0
SHADOWS = 200  # as many placeholders of an ended identity are kept in view


@dataclass(frozen=True)
class Session:
    """One channel user. `level` and `customer_id` are what it has proven; see `bot.services.identity`."""

    session_id: str
    channel: str
    channel_user: str
    conversation_id: str
    level: int
    customer_id: str | None
    active_at: datetime
    login: dict[str, Any] | None
    after_login: dict[str, Any] | None
    with_person: bool = False  # a person is awaited or writes: the identity is kept longer
    linked_to: str | None = None  # the customer that this account of a platform belongs to


@dataclass(frozen=True)
class Conversation:
    conversation_id: str
    customer_id: str | None
    owner: str
    version: int
    memory: dict[str, Any] | None
    memory_level: int
    language: str
    last_seq: int
    epoch: int
    agent: str | None


SESSION_COLUMNS = {
    **{name: channel_sessions.c[name] for name in Session.__dataclass_fields__ if name != "with_person"},
    "with_person": conversations.c.owner != "bot",
}
_SESSION = sa.select(*(column.label(name) for name, column in SESSION_COLUMNS.items())).join(
    conversations, conversations.c.conversation_id == channel_sessions.c.conversation_id
)


def new_id() -> str:
    return uuid.uuid4().hex


def session_key(channel: str, channel_user: str) -> str:
    """The session's id is made from its channel and user, so that a client can wait for it before it is there."""
    return hashlib.sha256(f"{channel}\n{channel_user}".encode()).hexdigest()[:32]


def find_session(connection: Connection, channel: str, channel_user: str, *, lock: bool = False) -> Session | None:
    """`lock` keeps other transactions from changing it until this one ends (PostgreSQL; SQLite has one writer)."""
    query = _SESSION.where(channel_sessions.c.channel == channel, channel_sessions.c.channel_user == channel_user)
    return _session(connection.execute(query.with_for_update(of=channel_sessions) if lock else query).first())


def session_by_id(connection: Connection, session_id: str, *, lock: bool = False) -> Session | None:
    query = _SESSION.where(channel_sessions.c.session_id == session_id)
    return _session(connection.execute(query.with_for_update(of=channel_sessions) if lock else query).first())


def create_session(
    connection: Connection, channel: str, channel_user: str, now: datetime, wall: datetime, language: str = "zh-Hans"
) -> Session:
    """A new session at level 0 in an anonymous conversation of its own."""
    conversation_id = create_conversation(connection, now, language)
    session_id = session_key(channel, channel_user)
    connection.execute(
        channel_sessions.insert().values(
            session_id=session_id,
            channel=channel,
            channel_user=channel_user,
            conversation_id=conversation_id,
            level=LEVEL_0,
            active_at=wall,
            created_at=now,
        )
    )
    return Session(session_id, channel, channel_user, conversation_id, LEVEL_0, None, wall, None, None)


def change_session(connection: Connection, session: Session, **values: Any) -> Session:
    """Write `values` and give the session as it is then."""
    stored = {
        key: sa.null() if key in ("login", "after_login") and value is None else value for key, value in values.items()
    }
    if values.get("conversation_id", session.conversation_id) != session.conversation_id:
        stored["seen_seq"] = 0  # numbers are of one conversation
    connection.execute(
        channel_sessions.update().where(channel_sessions.c.session_id == session.session_id).values(**stored)
    )
    return Session(**{**session.__dict__, **values})


def create_conversation(connection: Connection, now: datetime, language: str) -> str:
    conversation_id = new_id()
    connection.execute(
        conversations.insert().values(
            conversation_id=conversation_id, language=language, created_at=now, updated_at=now
        )
    )
    return conversation_id


def conversation(connection: Connection, conversation_id: str, *, lock: bool = False) -> Conversation:
    query = sa.select(conversations).where(conversations.c.conversation_id == conversation_id)
    return _conversation(connection.execute(query.with_for_update() if lock else query).one())


def conversation_of(connection: Connection, customer_id: str) -> Conversation | None:
    """The one conversation of a customer, locked, or None before the first proof."""
    query = sa.select(conversations).where(conversations.c.customer_id == customer_id).with_for_update()
    row = connection.execute(query).first()
    return None if row is None else _conversation(row)


def next_seqs(connection: Connection, conversation_id: str, count: int) -> range:
    """The next `count` numbers of a conversation; the row lock keeps them in commit order."""
    connection.execute(
        conversations.update()
        .where(conversations.c.conversation_id == conversation_id)
        .values(last_seq=conversations.c.last_seq + count)
    )
    last = connection.execute(
        sa.select(conversations.c.last_seq).where(conversations.c.conversation_id == conversation_id)
    ).scalar_one()
    return range(last - count + 1, last + 1)


def move_all(connection: Connection, source: str, target: str) -> None:
    """Append an anonymous conversation to the customer's; placeholders are dropped, order is kept."""
    drop_shadows(connection, source)
    rows = connection.execute(
        sa.select(messages.c.message_id, messages.c.in_reply_to, messages.c.sender)
        .where(messages.c.conversation_id == source)
        .order_by(messages.c.seq)
    ).all()
    _move(connection, rows, target)
    connection.execute(
        conversations.update()
        .where(conversations.c.conversation_id == source)
        .values(merged_into=target, memory=sa.null())
    )


def move_pending(connection: Connection, session_id: str, source: str, target: str) -> None:
    """What a session sent and nobody has answered yet goes with it."""
    waiting = sa.select(inbox.c.inbound_id).where(
        inbox.c.session_id == session_id, inbox.c.conversation_id == source, inbox.c.pending
    )
    rows = connection.execute(
        sa.select(messages.c.message_id, messages.c.in_reply_to, messages.c.sender)
        .where(messages.c.in_reply_to.in_(waiting))
        .order_by(messages.c.seq)
    ).all()
    _move(connection, rows, target)


def move_of_session(connection: Connection, session_id: str, source: str, target: str) -> int:
    """What one session said, and was told without any proof, leaves for another conversation; how many messages.

    What it was told at a higher level is about the conversation's customer and stays with them.
    """
    own = sa.and_(messages.c.session_id == session_id, messages.c.conversation_id == source)
    connection.execute(messages.update().where(own, messages.c.sender == "borrower").values(level=LEVEL_0))
    rows = connection.execute(
        sa.select(messages.c.message_id, messages.c.in_reply_to, messages.c.sender)
        .where(own, messages.c.level == LEVEL_0)
        .order_by(messages.c.seq)
    ).all()
    _move(connection, rows, target)
    return len(rows)


def _move(connection: Connection, rows: Any, target: str) -> None:
    if not rows:
        return
    for row, seq in zip(rows, next_seqs(connection, target, len(rows)), strict=True):
        connection.execute(
            messages.update().where(messages.c.message_id == row.message_id).values(conversation_id=target, seq=seq)
        )
        if row.sender == "borrower":
            connection.execute(
                inbox.update().where(inbox.c.inbound_id == row.in_reply_to).values(conversation_id=target, seq=seq)
            )


def drop_shadows(connection: Connection, conversation_id: str) -> None:
    connection.execute(messages.delete().where(messages.c.conversation_id == conversation_id, messages.c.shadow))


def copy_shadows(connection: Connection, session_id: str, source: str, target: str) -> None:
    """Placeholders of what a session saw: their order and times, and the words only where level 0 may read them."""
    rows = (
        connection.execute(
            sa.select(messages)
            .where(messages.c.conversation_id == source, messages.c.session_id == session_id)
            .order_by(messages.c.seq.desc())
            .limit(SHADOWS)
        )
        .mappings()
        .all()
    )
    if not rows:
        return
    seqs = next_seqs(connection, target, len(rows))
    connection.execute(
        messages.insert(),
        [
            {
                **row,
                "message_id": new_id(),
                "conversation_id": target,
                "seq": seq,
                "in_reply_to": None,
                "shadow": True,
                **({} if row["level"] == LEVEL_0 else {"text": "", "buttons": None, "card": None, "response": ""}),
            }
            for row, seq in zip(reversed(rows), seqs, strict=True)
        ],
    )


def add_notice(connection: Connection, session: Session, text: str, response: str, now: datetime) -> None:
    """A line from the system itself in the session's conversation, readable at level 0, sent like any other."""
    seq = next_seqs(connection, session.conversation_id, 1)[0]
    message_id = new_id()
    connection.execute(
        messages.insert().values(
            message_id=message_id,
            conversation_id=session.conversation_id,
            seq=seq,
            session_id=session.session_id,
            sender="system",
            text=text,
            level=LEVEL_0,
            response=response,
            at=now,
        )
    )
    connection.execute(
        outbox.insert().values(
            message_id=message_id, session_id=session.session_id, channel=session.channel, created_at=now
        )
    )


def _session(row: Any) -> Session | None:
    if row is None:
        return None
    return Session(**{name: getattr(row, name) for name in Session.__dataclass_fields__})


def _conversation(row: Any) -> Conversation:
    return Conversation(**{name: getattr(row, name) for name in Conversation.__dataclass_fields__})
