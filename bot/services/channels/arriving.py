"""What a message of a platform needs when it is stored: its choice by number, its files, the platform's window.

Called by `bot.services.accepting` inside its transaction.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.services import events
from bot.services.channels import wording
from bot.services.channels.model import Choice, Inbound, Kind, Outgoing
from bot.services.inbound import InboundMessage
from bot.store import conversation_rows as rows
from bot.store.channel_schema import attachments
from bot.store.conversation_rows import Session
from bot.store.conversation_schema import channel_sessions, messages, outbox

LONGEST_LABEL = 4  # characters: 「1」, 「A。」, 「(2)」
ANSWERS = {  # what is said where there are no words to understand
    Kind.IMAGE: "utter_file_kept",
    Kind.FILE: "utter_file_kept",
    Kind.VIDEO: "utter_file_kept",
    Kind.VOICE: "utter_voice_not_heard",
    Kind.LOCATION: "utter_kind_not_read",
    Kind.STICKER: "utter_only_symbols",
    Kind.CARD: "utter_kind_not_read",
    Kind.UNSUPPORTED: "utter_kind_not_read",
}


def chosen(connection: Connection, session: Session, text: str) -> str:
    """What a bare number or letter stands for after a message that offered choices; any other text as it is."""
    if not text or len(text) > LONGEST_LABEL or session.login is not None:
        return text
    last = connection.execute(
        sa.select(messages.c.buttons, messages.c.card)
        .join(outbox, outbox.c.message_id == messages.c.message_id)
        .where(outbox.c.session_id == session.session_id, messages.c.conversation_id == session.conversation_id)
        .order_by(messages.c.seq.desc())
        .limit(1)
    ).first()
    if last is None:
        return text
    offered = Outgoing("", "", "", tuple(Choice(b["title"], b["say"]) for b in last.buttons or ()), last.card)
    return wording.picked(text, offered) or text


def not_words(kind: str, text: str) -> dict[str, Any] | None:
    """The edge's outcome for a message that holds nothing to understand, None when it has words."""
    if kind == Kind.GROUP.value:
        return {"outcome": "utter_not_in_groups", "variables": {}}
    if text or kind not in {one.value for one in ANSWERS}:
        return None
    return {"outcome": ANSWERS[Kind(kind)], "variables": {}}


def placeholder(kind: str) -> str:
    """What colleagues and the borrower's own view show for a message without words."""
    return wording.word(f"kind_{kind}", "zh-Hans") if kind in {one.value for one in (*ANSWERS, Kind.GROUP)} else ""


def note(connection: Connection, session: Session, message: InboundMessage, inbound_id: str, now: datetime) -> None:
    """The platform's window opens anew, its files are queued to be fetched, what did not arrive is told."""
    connection.execute(
        channel_sessions.update()
        .where(channel_sessions.c.session_id == session.session_id)
        .values(last_in_at=now, sent_since=0, stopped_at=None)
    )
    for media in message.media:
        connection.execute(
            attachments.insert().values(
                attachment_id=rows.new_id(),
                inbound_id=inbound_id,
                session_id=session.session_id,
                channel=message.channel,
                kind=media.kind.value,
                ref=media.ref,
                name=media.name[:255],
                content_type=media.content_type[:80],
                created_at=now,
            )
        )


def missed(connection: Connection, session_id: str) -> int:
    """How many replies to this session never arrived and it was not told of; they count as told from now on."""
    lost = sa.and_(
        outbox.c.session_id == session_id,
        outbox.c.state.in_(("expired", "failed", "dead")),
        outbox.c.told.is_(False),
    )
    return int(connection.execute(outbox.update().where(lost).values(told=True)).rowcount)


def noted(connection: Connection, session: Session, inbound: Inbound, words: str, now: datetime) -> None:
    """Unsubscribed, or a message taken back: a line that colleagues see; nothing is answered. Once a message."""
    origin = events.Origin(now, session.conversation_id, session.session_id, session.channel)
    key = rows.new_id() if not inbound.message_id else f"note {inbound.message_id}"
    known = sa.select(messages.c.message_id).where(
        messages.c.session_id == session.session_id, messages.c.client_msg_id == key[:128]
    )
    if connection.execute(known.limit(1)).first() is not None:
        return
    if inbound.kind is Kind.STOP:
        connection.execute(
            channel_sessions.update().where(channel_sessions.c.session_id == session.session_id).values(stopped_at=now)
        )
    connection.execute(
        messages.insert().values(
            message_id=rows.new_id(),
            conversation_id=session.conversation_id,
            seq=rows.next_seqs(connection, session.conversation_id, 1)[0],
            session_id=session.session_id,
            sender="borrower",
            text=words,
            level=session.level,
            client_msg_id=key[:128],
            at=now,
        )
    )
    events.record(connection, origin, [events.Event(f"message_{inbound.kind.value}", events.BORROWER)])


def has_words(connection: Connection, inbound_id: str) -> bool:
    """Whether a message came with its words: then its sound need not be heard."""
    said = connection.execute(
        sa.select(messages.c.text).where(messages.c.in_reply_to == inbound_id, messages.c.sender == "borrower")
    ).scalar()
    return said is not None and said != placeholder(Kind.VOICE.value)
