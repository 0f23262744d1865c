"""Who owns a conversation: the bot, the queue, or one agent. Every change takes a new epoch.

Whatever is said carries the epoch it was composed under; what was composed for an earlier owner is refused
(`bot.services.committing` for the bot, `bot.services.desk.sending` for agents). All functions work inside the caller's
transaction; the conversation's row is locked first, then handovers, then presence: one order of locks everywhere.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import Conflict
from bot.services import events
from bot.store import conversation_rows as rows
from bot.store.conversation_rows import Conversation
from bot.store.conversation_schema import conversations, messages
from bot.store.desk_schema import callbacks, desk_notes, handovers, surveys

BOT, WAITING, AGENT = "bot", "waiting", "agent"


def give(
    connection: Connection,
    conversation: Conversation,
    owner: str,
    now: datetime,
    *,
    agent: str | None = None,
    why: str,
    by: str = events.SYSTEM,
) -> int:
    """Hand the (locked) conversation to `owner`; gives the new epoch."""
    epoch = conversation.epoch + 1
    connection.execute(
        conversations.update()
        .where(conversations.c.conversation_id == conversation.conversation_id)
        .values(owner=owner, agent=agent, epoch=epoch, updated_at=now)
    )
    origin = events.Origin(now, conversation.conversation_id)
    facts = {"from": conversation.owner, "to": owner, "epoch": epoch, "staff": agent, "why": why}
    events.record(connection, origin, [events.Event("owner_changed", by, facts)])
    return epoch


def must_own(conversation: Conversation, staff_id: str, epoch: int) -> None:
    """Raises Conflict (`stale_epoch`): somebody else owns it now, or it changed hands since the author looked."""
    if conversation.owner != AGENT or conversation.agent != staff_id or conversation.epoch != epoch:
        raise Conflict(
            "the conversation changed hands meanwhile: nothing was sent",
            code="stale_epoch",
            owner=conversation.owner,
            epoch=conversation.epoch,
        )


def carry(connection: Connection, source: Conversation, target: Conversation, customer_id: str, now: datetime) -> None:
    """An anonymous conversation joins the customer's: its open handover goes along, unless the customer has one open."""
    open_there = connection.execute(
        sa.select(handovers.c.ref)
        .where(handovers.c.conversation_id == target.conversation_id, handovers.c.status.in_(("waiting", "assigned")))
        .limit(1)
    ).first()
    mine = handovers.c.conversation_id == source.conversation_id
    values: dict[str, Any] = {"conversation_id": target.conversation_id, "customer_id": customer_id}
    if open_there is not None:
        connection.execute(
            handovers.update()
            .where(mine, handovers.c.status.in_(("waiting", "assigned")))
            .values(status="closed", closed_at=now, outcome="merged")
        )
    connection.execute(handovers.update().where(mine).values(**values))
    for table in (callbacks, surveys):
        connection.execute(table.update().where(table.c.conversation_id == source.conversation_id).values(**values))
    connection.execute(
        desk_notes.update()
        .where(desk_notes.c.conversation_id == source.conversation_id)
        .values(conversation_id=target.conversation_id)
    )
    if open_there is None and source.owner != BOT:
        give(connection, target, source.owner, now, agent=source.agent, why="merged")
    if source.owner != BOT:
        give(connection, source, BOT, now, why="merged")


def belongs(connection: Connection, conversation_id: str, customer_id: str) -> None:
    """An anonymous conversation became its customer's own: what was asked there is the customer's now."""
    for table in (handovers, callbacks, surveys):
        connection.execute(
            table.update().where(table.c.conversation_id == conversation_id).values(customer_id=customer_id)
        )


def left(connection: Connection, conversation_id: str, session_id: str, now: datetime) -> None:
    """A session's identity ended. Whoever waited through it waits no more: nobody could be answered there."""
    conversation = rows.conversation(connection, conversation_id, lock=True)
    if conversation.owner != WAITING:
        return
    done = connection.execute(
        handovers.update()
        .where(
            handovers.c.conversation_id == conversation_id,
            handovers.c.session_id == session_id,
            handovers.c.status == "waiting",
        )
        .values(status="left", closed_at=now)
    )
    if done.rowcount:
        give(connection, conversation, BOT, now, why="identity_ended")


def last_seq(connection: Connection, conversation_id: str) -> int:
    query = sa.select(conversations.c.last_seq).where(conversations.c.conversation_id == conversation_id)
    return int(connection.execute(query).scalar_one())


def spoke_last(connection: Connection, conversation_id: str) -> str | None:
    """The session through which the borrower last spoke."""
    return connection.execute(
        sa.select(messages.c.session_id)
        .where(
            messages.c.conversation_id == conversation_id,
            messages.c.sender == "borrower",
            messages.c.session_id.is_not(None),  # entered by a colleague: through no session
        )
        .order_by(messages.c.seq.desc())
        .limit(1)
    ).scalar()
