"""The list of cases by state and clock: one indexed query for a page, one for the counts. No personal data but a masked name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput
from bot.lending.authority import Actor
from bot.lending.complaint_clock import end_of
from bot.lending.complaint_policy import Level
from bot.lending.complaint_states import WORKING, State
from bot.lending.masking import mask_name
from bot.services.complaints import timing
from bot.services.complaints.basis import Basis
from bot.services.complaints.rows import OPEN_STATES, C, Row
from bot.store.complaint_schema import complaint_contacts, complaints
from bot.store.desk_schema import staff
from bot.store.schema import customers

PAGE = 50
SOON = timedelta(hours=24)
RUNNING = tuple(state.value for state in WORKING)
PLAIN = (
    "ref",
    "version",
    "state",
    "urgency",
    "l1",
    "l2",
    "confidence",
    "flags",
    "complainant",
    "product",
    "channel",
    "handler",
    "escalated",
    "merged_into",
    "reopened",
)
MOMENTS = ("state_at", "received_at", "target_by", "told_by", "contact_by", "contacted_at")


def board(
    connection: Connection, basis: Basis, actor: Actor, asked: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """One page, the next deadline first; cases about the asker are not there for them.

    Raises:
        BadInput (`state`, `level`, `clock`, `page`).
    """
    about_me = _about(connection, actor.staff_id)
    where = [*_filters(asked, now), C.ref.not_in(about_me)]
    page = _page(asked.get("page"))
    found = sa.select(C.ref, sa.func.count().over().label("total")).where(*where).order_by(C.told_by, C.ref)
    keys = connection.execute(found.limit(PAGE).offset((page - 1) * PAGE)).all()
    total = int(keys[0].total) if keys else _total(connection, where)
    rows = _read(connection, [key.ref for key in keys])
    return {
        "total": total,
        "page": page,
        "pages": max(1, ceil(total / PAGE)),
        "counts": counts(connection, about_me, now),
        "complaints": shown(connection, basis, rows, now),
    }


def counts(connection: Connection, about_me: list[str], now: datetime) -> dict[str, Any]:
    """Open cases by state and level, and how many are late, late soon, or nobody's; in one pass."""
    query = (
        sa.select(
            C.state,
            C.urgency,
            sa.func.count().label("number"),
            _many(late(now)).label("late"),
            _many(soon(now)).label("soon"),
            _many(C.handler.is_(None)).label("unassigned"),
        )
        .where(C.state.in_(OPEN_STATES), C.ref.not_in(about_me))
        .group_by(C.state, C.urgency)
    )
    found: dict[str, Any] = {"state": {}, "level": {}, "late": 0, "soon": 0, "unassigned": 0}
    for row in connection.execute(query):
        found["state"][row.state] = found["state"].get(row.state, 0) + row.number
        found["level"][row.urgency] = found["level"].get(row.urgency, 0) + row.number
        for key in ("late", "soon", "unassigned"):
            found[key] += int(getattr(row, key))
    return found


def late(now: datetime) -> Any:
    """The day that was told is over, or the first word with a person is owed and overdue."""
    uncalled = sa.and_(C.contacted_at.is_(None), C.contact_by <= now)
    return sa.and_(C.state.in_(RUNNING), sa.or_(C.told_by <= now, uncalled))


def soon(now: datetime) -> Any:
    """Not late yet, and the day that was told is over within a day."""
    return sa.and_(C.state.in_(RUNNING), C.told_by <= now + SOON, sa.not_(late(now)))


def shown(connection: Connection, basis: Basis, rows: list[Row], now: datetime) -> list[dict[str, Any]]:
    """Cases as the board shows them, with names and numbers looked up together."""
    refs = [row["ref"] for row in rows]
    people = _lookup(connection, customers.c.customer_id, customers.c.name, {row["customer_id"] for row in rows})
    names = _lookup(connection, staff.c.staff_id, staff.c.name, {row["handler"] for row in rows})
    times = sa.func.sum(complaint_contacts.c.times)
    query = (
        sa.select(complaint_contacts.c.ref, times)
        .where(complaint_contacts.c.ref.in_(refs))
        .group_by(complaint_contacts.c.ref)
    )
    counted: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
    return [
        {
            **{key: row[key] for key in PLAIN},
            **{key: iso(row[key]) for key in MOMENTS},
            "legal_by": row["legal_by"].isoformat(),
            "customer": mask_name(people[row["customer_id"]]) if row["customer_id"] in people else "",
            "handler_name": names.get(row["handler"], ""),
            "contacts": int(counted.get(row["ref"], 1)),
            "paused": row["paused_at"] is not None,
            **clock(basis, row, now),
        }
        for row in rows
    ]


def clock(basis: Basis, row: Row, now: datetime) -> dict[str, Any]:
    """The deadline that comes next, how much of the level's time is used, and whether it is over."""
    if State(row["state"]) not in WORKING:
        return {"next": None, "next_by": None, "used": timing.used(row, row["state_at"]), "late": False}
    waiting = [("target", row["target_by"]), ("legal", end_of(row["legal_by"], basis.zone))]
    if row["contacted_at"] is None:
        waiting.append(("contact", row["contact_by"]))
    if row["contain_by"] is not None and row["state"] in ("received", "acknowledged", "triaged"):
        waiting.append(("contain", row["contain_by"]))
    name, by = min(waiting, key=lambda one: one[1])
    over = now >= row["told_by"] or (row["contacted_at"] is None and now >= row["contact_by"])  # as `late` counts
    return {"next": name, "next_by": iso(by), "used": timing.used(row, now), "late": over}


def iso(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _filters(asked: Mapping[str, Any], now: datetime) -> list[Any]:
    found: list[Any] = []
    state = asked.get("state") or "open"
    if state == "open":
        found.append(C.state.in_(OPEN_STATES))
    elif state != "all":
        if state not in {one.value for one in State}:
            raise BadInput("state is open, all or a state", code="state")
        found.append(C.state == state)
    if asked.get("level"):
        if asked["level"] not in {one.value for one in Level}:
            raise BadInput("level is P0, P1, P2 or P3", code="level")
        found.append(C.urgency == asked["level"])
    for key in ("l1", "handler"):
        if asked.get(key):
            found.append(C[key].is_(None) if asked[key] == "none" else C[key] == str(asked[key])[:64])
    if asked.get("clock"):
        if asked["clock"] not in ("late", "soon"):
            raise BadInput("clock is late or soon", code="clock")
        found.append(late(now) if asked["clock"] == "late" else soon(now))
    if asked.get("q"):
        found.append(_search(str(asked["q"])[:64].strip()))
    return found


def _search(words: str) -> Any:
    """A number, a customer or loan, or words of the complaint."""
    if words.upper().startswith("TS-"):
        return C.ref.like(f"{_plain(words.upper())}%", escape="\\")
    exact = sa.or_(C.customer_id == words, C.loan_id == words)
    return sa.or_(exact, C.words.like(f"%{_plain(words)}%", escape="\\"))


def _plain(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _about(connection: Connection, staff_id: str) -> list[str]:
    """Cases about the asker: not there for them."""
    query = sa.select(C.ref, C.accused).where(C.is_accusing)
    return [row.ref for row in connection.execute(query) if staff_id in row.accused]


def _read(connection: Connection, refs: list[str]) -> list[Row]:
    """Whole rows, in the order of their numbers' list."""
    query = sa.select(complaints).where(C.ref.in_(refs))
    rows = {row["ref"]: dict(row) for row in connection.execute(query).mappings()}
    return [rows[ref] for ref in refs]


def _total(connection: Connection, where: list[Any]) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(complaints).where(*where)).scalar_one())


def _many(condition: Any) -> Any:
    return sa.func.sum(sa.case((condition, 1), else_=0))


def _lookup(connection: Connection, key: Any, value: Any, wanted: set[str | None]) -> dict[str, str]:
    ids = [one for one in wanted if one]
    if not ids:
        return {}
    return {row[0]: row[1] for row in connection.execute(sa.select(key, value).where(key.in_(ids)))}


def _page(raw: Any) -> int:
    if raw in (None, ""):
        return 1
    if not (str(raw).isascii() and str(raw).isdigit() and 1 <= int(raw) <= 100_000):
        raise BadInput("page is a number from 1", code="page")
    return int(raw)
