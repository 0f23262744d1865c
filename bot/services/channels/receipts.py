"""What platforms say of messages that they took: sent, delivered, read, failed. Over one open connection."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.services.channels.model import State, Status
from bot.store.channel_schema import receipts as table
from bot.store.conversation_schema import messages, outbox

RANK = {State.SENT: 1, State.DELIVERED: 2, State.READ: 3, State.FAILED: 4}
LONGEST_ID = 128  # characters of a platform's id


def expect(connection: Connection, channel: str, provider_id: str, message_id: str, part: int, now: datetime) -> None:
    """The platform took a part of a message under this id, and may tell more of it; known ids stay as they are."""
    if connection.execute(sa.select(table.c.part).where(_key(channel, provider_id))).first() is None:
        values = {"channel": channel, "provider_id": provider_id[:LONGEST_ID], "message_id": message_id, "part": part}
        connection.execute(table.insert().values(**values, state=State.SENT.value, at=now))


def take(connection: Connection, channel: str, status: Status, now: datetime) -> str | None:
    """A platform's word on a message; gives the conversation that changed. Late and repeated words change nothing."""
    key = _key(channel, status.provider_id)
    row = connection.execute(sa.select(table).where(key)).first()
    if row is None or RANK.get(State(row.state), 0) >= RANK.get(status.state, 0):
        return None
    connection.execute(table.update().where(key).values(state=status.state.value, at=status.at or now))
    state = reached(connection, row.message_id)
    values: dict[str, Any] = {"state": state.value}
    if state is State.FAILED:
        values["reason"] = (status.reason or "platform")[:40]
    connection.execute(
        outbox.update()
        .where(outbox.c.message_id == row.message_id, outbox.c.channel == channel, outbox.c.state != State.QUEUED.value)
        .values(**values)
    )
    query = sa.select(messages.c.conversation_id).where(messages.c.message_id == row.message_id)
    return connection.execute(query).scalar()


def message_of(connection: Connection, channel: str, provider_id: str) -> str | None:
    return connection.execute(sa.select(table.c.message_id).where(_key(channel, provider_id))).scalar()


def reached(connection: Connection, message_id: str) -> State:
    """How far a message got: as far as the part that got least far; SENT where the platform tells nothing."""
    query = sa.select(table.c.state).where(table.c.message_id == message_id)
    found = [State(state) for state in connection.execute(query).scalars()] or [State.SENT]
    return State.FAILED if State.FAILED in found else min(found, key=lambda one: RANK.get(one, 0))


def _key(channel: str, provider_id: str) -> Any:
    return sa.and_(table.c.channel == channel, table.c.provider_id == provider_id[:LONGEST_ID])
