"""What only staff read: notes with @colleagues, whispers of supervisors, transfer notes; and drafts, one an author."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput
from bot.services.desk import ownership
from bot.store import conversation_rows as rows
from bot.store.desk_schema import desk_drafts, desk_notes, staff

LONGEST = 2000
N, D = desk_notes.c, desk_drafts.c
MENTION = re.compile(r"@([\w.\-]{1,64})")


def add(
    connection: Connection,
    staff_id: str,
    conversation_id: str,
    kind: str,
    text: str,
    now: datetime,
    mentions: Sequence[str] = (),
) -> str:
    """Store a note; gives its id. Raises BadInput (`empty`, `too_long`)."""
    words = text.strip()
    if not words:
        raise BadInput("nothing is written", code="empty")
    if len(words) > LONGEST:
        raise BadInput(f"at most {LONGEST} characters", code="too_long")
    named = set(MENTION.findall(words)) | set(mentions)
    known = connection.execute(sa.select(staff.c.staff_id).where(staff.c.staff_id.in_(named))).scalars()
    note_id = rows.new_id()
    connection.execute(
        desk_notes.insert().values(
            note_id=note_id,
            conversation_id=conversation_id,
            staff_id=staff_id,
            kind=kind,
            text=words,
            mentions=sorted(known),
            seq=ownership.last_seq(connection, conversation_id),
            at=now,
        )
    )
    return note_id


def of(connection: Connection, conversation_id: str) -> list[dict[str, Any]]:
    """Oldest first."""
    query = sa.select(desk_notes).where(N.conversation_id == conversation_id).order_by(N.at, N.note_id)
    return [
        {
            "note_id": one["note_id"],
            "by": one["staff_id"],
            "kind": one["kind"],
            "text": one["text"],
            "mentions": one["mentions"],
            "seq": one["seq"],
            "at": one["at"].isoformat(),
        }
        for one in connection.execute(query).mappings()
    ]


def mentioned(connection: Connection, conversation_id: str, staff_id: str) -> bool:
    """Whether a note of the conversation names this colleague, who may look then."""
    query = sa.select(N.mentions).where(N.conversation_id == conversation_id)
    return any(staff_id in one for one in connection.execute(query).scalars())


def draft(connection: Connection, staff_id: str, conversation_id: str) -> str:
    query = sa.select(D.text).where(D.staff_id == staff_id, D.conversation_id == conversation_id)
    return str(connection.execute(query).scalar() or "")


def keep_draft(connection: Connection, staff_id: str, conversation_id: str, text: str, now: datetime) -> None:
    """An empty draft is none. Raises BadInput (`too_long`)."""
    if len(text) > LONGEST:
        raise BadInput(f"at most {LONGEST} characters", code="too_long")
    mine = sa.and_(D.staff_id == staff_id, D.conversation_id == conversation_id)
    connection.execute(desk_drafts.delete().where(mine))
    if text.strip():
        connection.execute(
            desk_drafts.insert().values(staff_id=staff_id, conversation_id=conversation_id, text=text, updated_at=now)
        )
