"""Rows of the outbox for channels with an adapter, over one open connection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.services.channels import receipts
from bot.services.channels.model import Choice, State
from bot.store import conversation_rows as sessions
from bot.store.conversation_rows import Session
from bot.store.conversation_schema import channel_sessions, conversations, inbox, messages, outbox
from bot.store.desk_schema import staff

LevelOf = Callable[[Session], int]
LEASE = timedelta(seconds=30)  # longer than a call of a platform; renewed with every part that was taken
QUEUED = State.QUEUED.value
PASSIVE = "passive"  # a reason: it went out in the platform's own reply
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
    session_level: int  # at this moment
    moved_away: bool  # the session left the message's conversation: it may be somebody else by now
    facts: Mapping[str, str]
    progress: int
    attempts: int
    created_at: datetime
    last_in_at: datetime | None
    sent_since: int
    stopped: bool
    moved: bool  # it could not be delivered on another channel before
    holder: str


def due(connection: Connection, *, holds: Mapping[str, float], asleep: set[str], now: datetime, most: int) -> list[str]:
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
        .limit(most)
    )
    return list(connection.execute(query).scalars())


def lease(connection: Connection, *, ids: Sequence[str], holder: str, now: datetime, level: LevelOf) -> list[Due]:
    """Take what nobody else has taken since. `level`: what a session has proven at this moment."""
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
    found = []
    for row in connection.execute(query).mappings().all():
        session = sessions.session_by_id(connection, row["session_id"])
        assert session is not None
        facts = row["facts"] or _last_facts(connection, row["session_id"])
        found.append(_due_of(row, facts, level(session), session.conversation_id != row["conversation_id"]))
    return found


def renew(connection: Connection, *, one: Due, now: datetime) -> bool:
    """Whether the row is still ours, right before a part is sent; then for another `LEASE`."""
    done = connection.execute(
        outbox.update().where(_held(one), outbox.c.state == QUEUED).values(leased_until=now + LEASE)
    )
    return done.rowcount == 1


def took(connection: Connection, *, one: Due, part: int, provider_id: str, last: bool, now: datetime) -> bool:
    """The platform has this part; after the last one the row is done. False when the row is no longer ours."""
    connection.execute(
        channel_sessions.update()
        .where(channel_sessions.c.session_id == one.session_id)
        .values(sent_since=channel_sessions.c.sent_since + 1)
    )
    if provider_id:
        receipts.expect(connection, one.channel, provider_id, one.message_id, part, now)
    values: dict[str, Any] = {"progress": part + 1, "leased_until": now + LEASE}
    if last:  # receipts of earlier parts may have come already
        state = receipts.reached(connection, one.message_id)
        values |= {"state": state.value, "delivered_at": now, "leased_until": None, "reason": None}
    return connection.execute(outbox.update().where(_held(one)).values(**values)).rowcount == 1


def put_back(connection: Connection, *, one: Due, pause: timedelta, now: datetime) -> None:
    """Not tried: the channel must wait. The attempt does not count."""
    connection.execute(
        outbox.update()
        .where(_held(one))
        .values(next_at=now + pause, leased_until=None, holder=None, attempts=one.attempts - 1)
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
    """All of them for the platform's own reply, or none. The same ones may be claimed again: the platform did not hear.

    None while an earlier message of the session waits: an answer must not overtake it.
    """
    mine = outbox.c.message_id.in_(ids)
    done = sa.and_(mine, outbox.c.reason == PASSIVE)
    if _count(connection, done) == len(ids):
        return True
    free = sa.and_(mine, outbox.c.state == QUEUED, outbox.c.leased_until.is_(None))
    if _count(connection, free) != len(ids):
        return False
    sessions_of = sa.select(outbox.c.session_id).where(mine)
    waiting = sa.and_(
        outbox.c.session_id.in_(sessions_of), ~mine, outbox.c.state == QUEUED, outbox.c.delivered_at.is_(None)
    )
    if _count(connection, waiting):
        return False
    values = {"state": State.SENT.value, "delivered_at": now, "reason": PASSIVE}
    if connection.execute(outbox.update().where(free).values(**values)).rowcount != len(ids):
        raise Claimed  # a worker was quicker
    return True


def _count(connection: Connection, which: Any) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(outbox).where(which)).scalar_one())


class Claimed(Exception):
    """A worker took one of the rows in between: the claim is rolled back."""


def release(connection: Connection, *, ids: Sequence[str], now: datetime) -> None:
    connection.execute(
        outbox.update().where(outbox.c.message_id.in_(ids), outbox.c.state == QUEUED).values(next_at=now)
    )


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


def _last_facts(connection: Connection, session_id: str) -> Mapping[str, str]:
    """Of the borrower's newest message: what a colleague writes, or the engine begins, goes out as its answer."""
    query = (
        sa.select(inbox.c.facts)
        .where(inbox.c.session_id == session_id, inbox.c.facts.is_not(None))
        .order_by(inbox.c.accepted_at.desc(), inbox.c.seq.desc())
        .limit(1)
    )
    found = connection.execute(query).scalar()
    return found if isinstance(found, dict) else {}


def _due_of(row: Mapping[str, Any], facts: Mapping[str, str], level: int, moved_away: bool) -> Due:
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
        session_level=level,
        moved_away=moved_away,
        facts=facts,
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
