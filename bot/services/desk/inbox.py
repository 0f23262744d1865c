"""What an agent's screen shows: the inbox, and one opened conversation. Read from rows each time; nothing is kept in memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.lending import routing
from bot.lending.authority import Actor
from bot.lending.masking import mask_name
from bot.services.desk import agents, callbacks, canned, notes, ownership
from bot.services.desk import handover_rows as ho
from bot.store import conversation_rows as rows
from bot.store.conversation_schema import channel_sessions, conversations, messages
from bot.store.desk_schema import callbacks as callback_table
from bot.store.desk_schema import desk_notes, handovers, presence, staff

T = handovers.c
HISTORY = 300  # messages of an opened conversation
EXCERPT = 60
CLOSED_SHOWN = 20
OWED_SHOWN = 100


@dataclass(frozen=True)
class Board:
    """What every inbox shows alike: whoever waits, in order, messages and callbacks owed, who is there. Read once for all."""

    waiting: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    callbacks: list[dict[str, Any]]
    staff: list[dict[str, Any]]


def board(connection: Connection, desk: Any, now: datetime) -> Board:
    """The board as it is now."""
    line = {one.ref: at for at, one in enumerate(routing.order(ho.waiting(connection), now, desk.basis.policy(now)))}
    waiting = [one for one in _handovers(connection, T.status == "waiting") if one["ref"] in line]
    waiting.sort(key=lambda one: line[one["ref"]])
    last = _last_words(connection, [one["conversation_id"] for one in waiting])
    owed = connection.execute(
        sa.select(handovers).where(T.status == "message").order_by(T.queued_at).limit(OWED_SHOWN)
    ).mappings()
    return Board(
        [_item(desk, one, last) for one in waiting],
        [_item(desk, one, {}) for one in owed],
        _callbacks(connection, desk),
        _staff(connection, desk, now),
    )


def of(connection: Connection, desk: Any, actor: Actor, now: datetime, shared: Board | None = None) -> dict[str, Any]:
    """Mine, the queues I may serve in their order, callbacks due, what is owed; of others' only what I may see."""
    shared = shared or board(connection, desk, now)
    policy = desk.basis.policy(now)
    everything = actor.role in agents.ALL_SEEING
    skills = set(agents.skills_of(connection, actor.staff_id))
    queues = {name for name, queue in policy.queues.items() if everything or queue.skill in skills}
    held = _handovers(connection, T.status == "assigned", *(() if everything else (T.agent == actor.staff_id,)))
    closed = connection.execute(
        sa.select(handovers)
        .where(T.status == "closed", T.agent == actor.staff_id)
        .order_by(T.closed_at.desc())
        .limit(CLOSED_SHOWN)
    ).mappings()
    last = _last_words(connection, [one["conversation_id"] for one in held])
    status = sa.select(presence.c.status).where(presence.c.staff_id == actor.staff_id)
    return {
        "now": now.isoformat(),
        "status": connection.execute(status).scalar() or "offline",
        "mine": [_item(desk, one, last) for one in held if one["agent"] == actor.staff_id],
        "others": [_item(desk, one, last) for one in held if one["agent"] != actor.staff_id],
        "waiting": [one for one in shared.waiting if one["queue"] in queues],
        "messages": [one for one in shared.messages if one["queue"] in queues],
        "callbacks": [one for one in shared.callbacks if one["queue"] in queues],
        "closed": [_item(desk, one, {}) for one in closed],
        "staff": shared.staff,
    }


def _handovers(connection: Connection, *where: Any) -> list[Any]:
    return list(connection.execute(sa.select(handovers).where(*where).order_by(T.queued_at)).mappings())


def _item(desk: Any, one: Any, last: dict[str, Any]) -> dict[str, Any]:
    words = last.get(one["conversation_id"])
    return {
        "conversation_id": one["conversation_id"],
        "ref": one["ref"],
        "name": _masked(desk, one["customer_id"]),
        "reason": one["reason"],
        "queue": one["queue"],
        "priority": one["priority"],
        "status": one["status"],
        "channel": one["channel"],
        "language": one["language"],
        "agent": one["agent"],
        "since": one["queued_at"].isoformat(),
        "taken": one["taken_at"].isoformat() if one["taken_at"] else None,
        "outcome": one["outcome"],
        "last": words and {"from": words["sender"], "text": words["text"][:EXCERPT], "seq": words["seq"]},
        "owes": bool(words and words["sender"] == "borrower"),
    }


def _masked(desk: Any, customer_id: str | None) -> str | None:
    return mask_name(desk.file.loans.customer(customer_id).name) if customer_id else None


def _last_words(connection: Connection, conversation_ids: list[str]) -> dict[str, Any]:
    if not conversation_ids:
        return {}
    newest = (
        sa.select(messages.c.conversation_id, sa.func.max(messages.c.seq).label("seq"))
        .where(messages.c.conversation_id.in_(conversation_ids), messages.c.sender.in_(("borrower", "agent")))
        .group_by(messages.c.conversation_id)
        .subquery()
    )
    query = sa.select(messages.c.conversation_id, messages.c.sender, messages.c.text, messages.c.seq).join(
        newest,
        sa.and_(messages.c.conversation_id == newest.c.conversation_id, messages.c.seq == newest.c.seq),
    )
    return {one["conversation_id"]: one for one in connection.execute(query).mappings()}


def _callbacks(connection: Connection, desk: Any) -> list[dict[str, Any]]:
    query = (
        sa.select(callback_table).where(callbacks.C.status == callbacks.DUE).order_by(callbacks.C.from_at).limit(100)
    )
    return [
        {
            "callback_id": one["callback_id"],
            "ref": one["ref"],
            "queue": one["queue"],
            "conversation_id": one["conversation_id"],
            "name": _masked(desk, one["customer_id"]),
            "from": one["from_at"].isoformat(),
            "until": one["until_at"].isoformat(),
            "attempt": one["attempt"],
        }
        for one in connection.execute(query).mappings()
    ]


def _staff(connection: Connection, desk: Any, now: datetime) -> list[dict[str, Any]]:
    query = (
        sa.select(staff.c.staff_id, staff.c.name, staff.c.skills, presence.c.status)
        .join(presence, presence.c.staff_id == staff.c.staff_id)
        .where(staff.c.active, presence.c.seen_at >= desk.basis.there_since(now), presence.c.status != "offline")
        .order_by(staff.c.staff_id)
    )
    return [
        {"staff_id": one.staff_id, "name": one.name or one.staff_id, "status": one.status, "skills": one.skills or []}
        for one in connection.execute(query)
    ]


def mark(connection: Connection, conversation_id: str) -> tuple[tuple[Any, ...], int]:
    """What changes when a watcher must look again (owner, epoch, agent, customer, notes), and the last number."""
    noted = (
        sa.select(sa.func.count())
        .where(desk_notes.c.conversation_id == conversation_id)
        .select_from(desk_notes)
        .scalar_subquery()
    )
    c = conversations.c
    query = sa.select(c.owner, c.epoch, c.agent, c.customer_id, noted, c.last_seq)
    found = connection.execute(query.where(c.conversation_id == conversation_id)).one()
    return tuple(found[:5]), int(found[5])


def opened(
    connection: Connection, desk: Any, actor: Actor, conversation_id: str, after: int, now: datetime, language: str
) -> dict[str, Any]:
    """One timeline over all channels, who owns it and under which epoch, the file, notes and the own draft."""
    conversation = rows.conversation(connection, conversation_id)
    handover = ho.owed(connection, conversation_id)
    query = (
        sa.select(messages, channel_sessions.c.channel)
        .outerjoin(channel_sessions, channel_sessions.c.session_id == messages.c.session_id)
        .where(messages.c.conversation_id == conversation_id, messages.c.seq > after, ~messages.c.shadow)
        .order_by(messages.c.seq.desc())
        .limit(HISTORY)
    )
    said = list(reversed(connection.execute(query).mappings().all()))
    shown: dict[str, Any] = {
        "conversation_id": conversation_id,
        "owner": conversation.owner,
        "agent": conversation.agent,
        "epoch": conversation.epoch,
        "language": conversation.language,
        "customer_id": conversation.customer_id,
        "name": _masked(desk, conversation.customer_id),
        "handover": None
        if handover is None
        else {key: handover[key] for key in ("ref", "reason", "queue", "priority", "status", "channel")},
        "purpose": f"handover {handover['ref']}" if handover is not None else "looked up",
        "messages": [_message(one) for one in said],
        "notes": notes.of(connection, conversation_id),
    }
    if not after:
        today = desk.basis.today(now)
        shown["file"] = desk.file.lines(connection, conversation_id, now, today, language)
        shown["draft"] = notes.draft(connection, actor.staff_id, conversation_id)
    return shown


def _message(one: Any) -> dict[str, Any]:
    return {
        "seq": one["seq"],
        "from": one["sender"],
        "by": one["staff_id"] or "",
        "channel": one["channel"] or "",
        "text": one["text"],
        "buttons": one["buttons"] or [],
        "card": one["card"],
        "response": one["response"],
        "at": one["at"].isoformat(),
        "client_msg_id": one["client_msg_id"] if one["sender"] == "agent" else None,
        "hidden": False,
    }


def ready_replies(
    connection: Connection, services: Any, author: Any, conversation_id: str, desk_language: str
) -> list[dict[str, str]]:
    """Canned replies for this conversation; figures only where the session that is answered may read them."""
    conversation = rows.conversation(connection, conversation_id)
    session_id = ownership.spoke_last(connection, conversation_id)
    session = rows.session_by_id(connection, session_id) if session_id else None
    proven = session is not None and session.level >= 2 and session.customer_id == conversation.customer_id
    loans = services.loans.loans(conversation.customer_id) if proven and conversation.customer_id else ()
    now = services.clock.now()
    known = canned.values(loans, services.desk.basis.today(now), conversation.language, author.name)
    return canned.replies(conversation.language, desk_language, known)
