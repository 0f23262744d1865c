"""What a customer said in a branch, on the phone or in a letter, entered by a colleague into the same conversation.

It stands there as the borrower's words, with who entered it and how it came in. By itself it is not answered; a colleague
who wants the assistant to answer asks for it. It proves nothing about the person.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput, Conflict
from bot.lending.authority import Actor
from bot.nlu.redact import redact
from bot.services import events
from bot.services.channels.wording import word
from bot.services.inbound import clean
from bot.store import conversation_rows as rows
from bot.store.conversation_schema import messages

WAYS = ("branch", "phone", "letter")
LONGEST = 5000


def enter(
    connection: Connection,
    actor: Actor,
    conversation_id: str,
    way: str,
    text: str,
    client_msg_id: str,
    now: datetime,
) -> dict[str, Any]:
    """Store it once.

    Raises:
        BadInput: `way`, `empty`, `too_long`. Conflict: `message_id_reused`.
    """
    if way not in WAYS:
        raise BadInput(f"channel is one of {', '.join(WAYS)}", code="way")
    words = clean(text)
    if not words:
        raise BadInput("nothing is written", code="empty")
    if len(words) > LONGEST:
        raise BadInput(f"at most {LONGEST} characters", code="too_long")
    conversation = rows.conversation(connection, conversation_id, lock=True)
    shown = word(f"entered_{way}", conversation.language, text=redact(words))
    known = connection.execute(
        sa.select(messages.c.seq, messages.c.text).where(
            messages.c.conversation_id == conversation_id,
            messages.c.staff_id == actor.staff_id,
            messages.c.client_msg_id == client_msg_id,
        )
    ).first()
    if known is not None:
        if known.text != shown:
            raise Conflict("this message id was used before for another text", code="message_id_reused")
        return {"seq": known.seq, "repeated": True}
    seq = rows.next_seqs(connection, conversation_id, 1)[0]
    connection.execute(
        messages.insert().values(
            message_id=rows.new_id(),
            conversation_id=conversation_id,
            seq=seq,
            session_id=None,
            sender="borrower",
            staff_id=actor.staff_id,
            text=shown,
            level=2 if conversation.customer_id else rows.LEVEL_0,
            client_msg_id=client_msg_id,
            at=now,
        )
    )
    facts = {"staff": actor.staff_id, "way": way, "seq": seq, "characters": len(words)}
    events.record(connection, events.Origin(now, conversation_id), [events.Event("entered", "agent", facts)])
    return {"seq": seq, "repeated": False}
