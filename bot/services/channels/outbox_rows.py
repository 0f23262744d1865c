"""Rows of the outbox for channels with an adapter, over one open connection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.services.channels.model import Choice, State, Status
from bot.store.channel_schema import receipts
from bot.store.conversation_schema import channel_sessions, conversations, inbox, messages, outbox
from bot.store.desk_schema import staff

LEASE = timedelta(seconds=30)  # longer than a call of a platform; renewed with every part that was taken
AT_ONCE = 64
RANK = {State.SENT: 1, State.DELIVERED: 2, State.READ: 3, State.FAILED: 4}
QUEUED = State.QUEUED.value
MOVED = "was "  # a reason that begins so: redirected once, not twice


@dataclass(frozen=True)
class Due:
    """A leased row with all that sending needs."""

    message_id: str
    channel: str
    session_id: str
    channel_user: str
    conversation_id: str
    customer_id: str | None
    text: str
    buttons: tuple[Choice, ...]
    card: Mapping[str, Any] | None
    sender: str
    by: str
    language: str
    level: int
    session_level: int
    facts: Mapping[str, str]
    progress: int
    attempts: int
    created_at: datetime
    last_in_at: datetime | None
    sent_since: int
    stopped: bool
    moved: bool  # it could not be delivered on another channel before
    holder: str


def due(connection: Connection, *, holds: Mapping[str, float], asleep: set[str], now: datetime) -> list[str]:
    """Ids of the first waiting row of every session whose time has come, oldest first."""
    earlier, theirs = outbox.alias("earlier"), messages.alias("theirs")
    before = (
        sa.select(earlier.c.message_id)
        .join(theirs, theirs.c.message_id == earlier.c.message_id)
        .where(
            earlier.c.session_id == outbox.c.session_id,
            earlier.c.state == QUEUED,
            earlier.c.delivered_at.is_(None),
            theirs.c.seq < messages.c.seq,
        )
        .exists()
    )
    ready = []
    for channel, hold in holds.items():
        if channel in asleep:
            continue
        of = outbox.c.channel == channel
        held = sa.and_(
            outbox.c.next_at.is_(None),
            messages.c.in_reply_to.is_not(None),
            outbox.c.created_at > now - timedelta(seconds=hold),
        )
        ready.append(sa.and_(of, sa.not_(held)) if hold else of)
    if not ready:
        return []
    query = (
        sa.select(outbox.c.message_id)
        .join(messages, messages.c.message_id == outbox.c.message_id)
        .where(outbox.c.state == QUEUED, outbox.c.delivered_at.is_(None), sa.or_(*ready), _due(now), ~before)
        .order_by(outbox.c.created_at, messages.c.seq)
        .limit(AT_ONCE)
    )
    return list(connection.execute(query).scalars())


def lease(connection: Connection, *, ids: Sequence[str], holder: str, now: datetime) -> list[Due]:
    """Take what nobody else has taken since."""
    mine = []
    for message_id in ids:
        taken = connection.execute(
            outbox.update()
            .where(outbox.c.message_id == message_id, outbox.c.state == QUEUED, _due(now))
            .values(leased_until=now + LEASE, holder=holder, attempts=outbox.c.attempts + 1)
        )
        if taken.rowcount == 1:
            mine.append(message_id)
    if not mine:
        return []
    query = (
        sa.select(
            outbox,
            messages.c.conversation_id,
            messages.c.text,
            messages.c.buttons,
            messages.c.card,
            messages.c.sender,
            messages.c.level.label("message_level"),
            channel_sessions.c.channel_user,
            channel_sessions.c.customer_id,
            channel_sessions.c.level.label("session_level"),
            channel_sessions.c.last_in_at,
            channel_sessions.c.sent_since,
            channel_sessions.c.stopped_at,
            conversations.c.language,
            inbox.c.facts,
            staff.c.name.label("author"),
        )
        .join(messages, messages.c.message_id == outbox.c.message_id)
        .join(channel_sessions, channel_sessions.c.session_id == outbox.c.session_id)
        .join(conversations, conversations.c.conversation_id == messages.c.conversation_id)
        .outerjoin(inbox, inbox.c.inbound_id == messages.c.in_reply_to)
        .outerjoin(staff, staff.c.staff_id == messages.c.staff_id)
        .where(outbox.c.message_id.in_(mine))
        .order_by(outbox.c.created_at, messages.c.seq)
    )
    return [_due_of(row) for row in connection.execute(query).mappings()]


def took(connection: Connection, *, one: Due, part: int, provider_id: str, last: bool, now: datetime) -> None:
    """The platform has this part; after the last one the row is done."""
    values: dict[str, Any] = {"progress": part + 1, "leased_until": now + LEASE}
    if last:
        values |= {"state": State.SENT.value, "delivered_at": now, "leased_until": None, "reason": None}
    connection.execute(outbox.update().where(_held(one)).values(**values))
    connection.execute(
        channel_sessions.update()
        .where(channel_sessions.c.session_id == one.session_id)
        .values(sent_since=channel_sessions.c.sent_since + 1)
    )
    if provider_id:
        key = sa.and_(receipts.c.channel == one.channel, receipts.c.provider_id == provider_id[:128])
        if connection.execute(sa.select(receipts.c.part).where(key)).first() is None:
            connection.execute(
                receipts.insert().values(
                    channel=one.channel,
                    provider_id=provider_id[:128],
                    message_id=one.message_id,
                    part=part,
                    state=State.SENT.value,
                    at=now,
                )
            )


def later(connection: Connection, *, one: Due, pause: timedelta, reason: str, now: datetime) -> None:
    """Waits for its next try."""
    connection.execute(
        outbox.update()
        .where(_held(one))
        .values(next_at=now + pause, leased_until=None, holder=None, reason=reason[:40])
    )


def ended(connection: Connection, *, one: Due, state: State, reason: str) -> None:
    """Not delivered, and not tried any more."""
    connection.execute(
        outbox.update().where(_held(one)).values(state=state.value, leased_until=None, holder=None, reason=reason[:40])
    )


def claim(connection: Connection, *, ids: Sequence[str], now: datetime) -> bool:
    """All of them for the platform's own reply, or none."""
    free = sa.and_(outbox.c.message_id.in_(ids), outbox.c.state == QUEUED, outbox.c.leased_until.is_(None))
    if connection.execute(sa.select(sa.func.count()).select_from(outbox).where(free)).scalar_one() != len(ids):
        return False
    done = connection.execute(
        outbox.update().where(free).values(state=State.SENT.value, delivered_at=now, reason="passive")
    )
    if done.rowcount != len(ids):  # a worker was quicker
        raise Claimed
    return True


class Claimed(Exception):
    """A worker took one of the rows in between: the claim is rolled back."""


def release(connection: Connection, *, ids: Sequence[str], now: datetime) -> None:
    connection.execute(
        outbox.update().where(outbox.c.message_id.in_(ids), outbox.c.state == QUEUED).values(next_at=now)
    )


def receipt(connection: Connection, channel: str, status: Status, now: datetime) -> str | None:
    """A platform's word on a message; gives the conversation that changed. Late and repeated words change nothing."""
    key = sa.and_(receipts.c.channel == channel, receipts.c.provider_id == status.provider_id[:128])
    row = connection.execute(sa.select(receipts).where(key)).first()
    if row is None or RANK.get(State(row.state), 0) >= RANK.get(status.state, 0):
        return None
    connection.execute(receipts.update().where(key).values(state=status.state.value, at=status.at or now))
    states = connection.execute(sa.select(receipts.c.state).where(receipts.c.message_id == row.message_id)).scalars()
    found = [State(state) for state in states]
    state = State.FAILED if State.FAILED in found else min(found, key=lambda one: RANK.get(one, 0))
    values: dict[str, Any] = {"state": state.value}
    if state is State.FAILED:
        values["reason"] = (status.reason or "platform")[:40]
    connection.execute(
        outbox.update().where(outbox.c.message_id == row.message_id, outbox.c.channel == channel).values(**values)
    )
    query = sa.select(messages.c.conversation_id).where(messages.c.message_id == row.message_id)
    return connection.execute(query).scalar()


def count_queued(connection: Connection) -> dict[str, int]:
    query = (
        sa.select(outbox.c.channel, sa.func.count())
        .where(outbox.c.state == QUEUED, outbox.c.delivered_at.is_(None))
        .group_by(outbox.c.channel)
    )
    return {channel: number for channel, number in connection.execute(query)}


def _due(now: datetime) -> Any:
    return sa.and_(
        sa.or_(outbox.c.next_at.is_(None), outbox.c.next_at <= now),
        sa.or_(outbox.c.leased_until.is_(None), outbox.c.leased_until < now),
    )


def _held(one: Due) -> Any:
    return sa.and_(
        outbox.c.message_id == one.message_id, outbox.c.holder == one.holder, outbox.c.attempts == one.attempts
    )


def _due_of(row: Mapping[str, Any]) -> Due:
    return Due(
        message_id=row["message_id"],
        channel=row["channel"],
        session_id=row["session_id"],
        channel_user=row["channel_user"],
        conversation_id=row["conversation_id"],
        customer_id=row["customer_id"],
        text=row["text"],
        buttons=_choices(row["buttons"] or ()),
        card=row["card"],
        sender=row["sender"],
        by=row["author"] or "",
        language=row["language"],
        level=row["message_level"],
        session_level=row["session_level"],
        facts=row["facts"] or {},
        progress=row["progress"],
        attempts=row["attempts"],
        created_at=row["created_at"],
        last_in_at=row["last_in_at"],
        sent_since=row["sent_since"],
        stopped=row["stopped_at"] is not None,
        moved=str(row["reason"] or "").startswith(MOVED),
        holder=row["holder"],
    )


def _choices(buttons: Iterable[Mapping[str, str]]) -> tuple[Choice, ...]:
    return tuple(Choice(one["title"], one["say"]) for one in buttons)
