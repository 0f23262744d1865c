"""Who looks at a case: by skill, level and load, and never whoever it is about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput, Forbidden, NotFound
from bot.lending.complaint_states import HANDLERS, SENIOR
from bot.services.complaints.rows import OPEN_STATES, C, Row, Who, change
from bot.store.desk_schema import handovers, staff

SKILL = "complaint"
URGENT = ("P0", "P1")
ABOUT_PEOPLE = ("SERVICE", "PLAN", "COLL")  # the agent who served last may be meant although nobody is named
LATELY = timedelta(days=30)
SHORTEST_NAME = 2


def pick(connection: Connection, urgency: str, avoid: Iterable[str]) -> str | None:
    """The fitting member of staff with the fewest open cases; None when there is nobody."""
    rows = connection.execute(sa.select(staff).where(staff.c.active, staff.c.role.in_(HANDLERS))).all()
    avoided = set(avoid)
    free = [one for one in rows if one.staff_id not in avoided]
    skilled = [one for one in free if SKILL in (one.skills or ())]
    if urgency in URGENT:
        skilled = [one for one in skilled if one.role in SENIOR] or skilled
    able = skilled or [one for one in free if one.role in SENIOR]
    if not able:
        return None
    query = (
        sa.select(C.handler, sa.func.count())
        .where(C.state.in_(OPEN_STATES), C.handler.is_not(None))
        .group_by(C.handler)
    )
    load: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
    return str(min(able, key=lambda one: (load.get(one.staff_id, 0), one.staff_id)).staff_id)


def accused(connection: Connection, words: str, l1: str, conversation_id: str | None, now: datetime) -> tuple[str, ...]:
    """Whom a complaint may be about: staff named in it, and who served this conversation lately where it is about people."""
    found = {
        one.staff_id
        for one in connection.execute(sa.select(staff.c.staff_id, staff.c.name))
        if (len(one.name) >= SHORTEST_NAME and one.name in words) or one.staff_id.lower() in words.lower().split()
    }
    if conversation_id is not None and l1 in ABOUT_PEOPLE:
        served = sa.select(handovers.c.agent).where(
            handovers.c.conversation_id == conversation_id,
            handovers.c.agent.is_not(None),
            handovers.c.queued_at >= now - LATELY,
        )
        found |= set(connection.execute(served).scalars())
    return tuple(sorted(found))


def assign(connection: Connection, row: Row, who: Who, to: str | None, now: datetime, reason: str = "") -> Row:
    """Give the case to somebody, or to the next by skill and load.

    Raises:
        BadInput (`staff_id`: nobody of that name, or no handler), Forbidden (`conflict_of_interest`), NotFound (nobody free).
    """
    to = to or pick(connection, row["urgency"], {*row["accused"], row["handler"] or ""})
    if to is None:
        raise NotFound("nobody who may take it")
    if to in row["accused"]:
        raise Forbidden(f"{row['ref']} is about {to}", code="conflict_of_interest")
    found = connection.execute(sa.select(staff).where(staff.c.staff_id == to)).first()
    if found is None or not found.active or found.role not in HANDLERS:
        raise BadInput(f"{to} cannot take complaints", code="staff_id")
    return change(connection, row, "assign", who, now, reason, {"from": row["handler"], "to": to}, handler=to)


def accuse(connection: Connection, row: Row, who: Who, named: Iterable[str], now: datetime) -> Row:
    """Say whom it is about; a handler among them loses the case to somebody else, or to the open list."""
    named = sorted(set(named))
    row = change(connection, row, "accused", who, now, "", {"staff": named}, accused=named, is_accusing=bool(named))
    if row["handler"] not in named:
        return row
    to = pick(connection, row["urgency"], named)
    return change(connection, row, "assign", who, now, "conflict_of_interest", {"to": to}, handler=to)


def everybody(connection: Connection) -> list[dict[str, str]]:
    """Everybody a complaint can be about: all active staff, there or not."""
    query = sa.select(staff.c.staff_id, staff.c.name, staff.c.role).where(staff.c.active).order_by(staff.c.staff_id)
    return [{"staff_id": one.staff_id, "name": one.name, "role": one.role} for one in connection.execute(query)]


def keep_out(row: Row, staff_id: str) -> None:
    """Whoever a complaint is about sees as little of it as of one that does not exist. Raises NotFound."""
    if staff_id in row["accused"]:
        raise NotFound(f"no complaint {row['ref']}")


def name_of(connection: Connection, staff_id: str | None) -> str:
    """What borrowers read; empty when nobody has it."""
    query: Any = sa.select(staff.c.name).where(staff.c.staff_id == staff_id)
    return str(connection.execute(query).scalar() or "") if staff_id else ""
