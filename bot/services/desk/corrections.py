"""Bot replies that a colleague corrected or marked 「不对」: masked candidates for trainers. Stored; their screens come later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput, NotFound
from bot.lending.authority import Actor
from bot.lending.masking import mask_name
from bot.nlu.redact import redact
from bot.store import conversation_rows as rows
from bot.store.conversation_schema import events, messages
from bot.store.desk_schema import corrections

LONGEST = 1000


def add(
    connection: Connection,
    actor: Actor,
    conversation_id: str,
    seq: int,
    better: str,
    name: str | None,
    now: datetime,
) -> str:
    """Mark the bot's message `seq`; `better` is what it should have said (empty: only marked). Gives the id.

    Args:
        name: the customer's, masked wherever it stands in the words.

    Raises:
        NotFound, BadInput (`not_the_bots`, `too_long`).
    """
    if len(better) > LONGEST:
        raise BadInput(f"at most {LONGEST} characters", code="too_long")
    mine = messages.c.conversation_id == conversation_id
    said = connection.execute(sa.select(messages).where(mine, messages.c.seq == seq)).mappings().first()
    if said is None:
        raise NotFound("no such message")
    if said["sender"] != "bot":
        raise BadInput("only what the bot said can be corrected", code="not_the_bots")
    asked = _of_turn(connection, said["in_reply_to"])

    def masked(text: str) -> str:
        clean = redact(text)
        return clean.replace(name, mask_name(name)) if name else clean

    correction_id = rows.new_id()
    connection.execute(
        corrections.insert().values(
            correction_id=correction_id,
            kind="corrected" if better.strip() else "not_right",
            message_id=said["message_id"],
            intent=_intent(connection, said["in_reply_to"]),
            response=said["response"],
            asked=masked(asked),
            answered=masked(said["text"]),
            better=masked(better.strip()) or None,
            staff_id=actor.staff_id,
            at=now,
        )
    )
    return correction_id


def _of_turn(connection: Connection, turn_id: str | None) -> str:
    query = sa.select(messages.c.text).where(messages.c.in_reply_to == turn_id, messages.c.sender == "borrower")
    return str(connection.execute(query).scalar() or "")


def _intent(connection: Connection, turn_id: str | None) -> Any:
    query = sa.select(events.c.intent).where(events.c.turn_id == turn_id, events.c.kind == "understood")
    return connection.execute(query.limit(1)).scalar()
