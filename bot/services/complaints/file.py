"""The file of a case: all that whoever works on it sees, and what they may do with it now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.lending.authority import Actor
from bot.lending.complaint_policy import Level, may_decide
from bot.lending.complaint_states import State, Verb, may_enter_withdrawal, verbs_of
from bot.lending.masking import mask_name, mask_phone
from bot.services.complaints import assigning, board, evidence, letters, merging, remedies
from bot.services.complaints.basis import Basis
from bot.services.complaints.rows import Row, case
from bot.store.complaint_schema import (
    complaint_actions,
    complaint_contacts,
    complaint_events,
    complaint_people,
    complaint_readings,
    complaint_surveys,
    complaints,
)

WORDS = (
    "words",
    "demand",
    "customer_id",
    "loan_id",
    "conversation_id",
    "language",
    "accused",
    "question",
    "findings",
    "merit",
    "grounds",
    "proposed_by",
    "decided_by",
    "decided_at",
    "notified_at",
    "letter_id",
    "review_until",
    "reviews",
    "closed_at",
    "root_cause",
    "preventability",
    "owner",
    "systemic",
    "lesson",
    "resume_on",
    "resume_told_at",
    "follows",
    "clock_from",
    "legal_days",
    "paused_seconds",
    "entered_by",
)
MAIL_SHOWN = 2


def opened(connection: Connection, basis: Basis, actor: Actor, ref: str, now: datetime) -> dict[str, Any]:
    """Raises NotFound, also for whoever it is about."""
    row = case(connection, ref)
    assigning.keep_out(row, actor.staff_id)
    refs = [ref, *merging.joined(connection, ref)]
    return {
        "case": {
            **board.shown(connection, basis, [row], now)[0],
            **{key: board.iso(row[key]) for key in WORDS},
            "person": _person(connection, row),
            "credit_by": _credit_by(basis, row, now),
        },
        "readings": _rows(connection, complaint_readings, refs, "at"),
        "contacts": _rows(connection, complaint_contacts, refs, "at", without=("mark", "sender")),
        "events": _rows(connection, complaint_events, [ref], "seq"),
        "evidence": [_plain(one) for one in evidence.of_case(connection, ref)],
        "remedies": [_plain(one) for one in remedies.of_case(connection, ref)],
        "letters": [
            {**{str(k): board.iso(v) for k, v in one.items() if k not in ("contents", "lint")}, "faults": one["lint"]}
            for one in letters.of_case(connection, ref)
        ],
        "actions": _rows(connection, complaint_actions, [ref], "at"),
        "merged": refs[1:],
        "survey": next(iter(_rows(connection, complaint_surveys, [ref], "asked_at")), None),
        "earlier": _earlier(connection, row),
        "may": list(may(basis, row, actor, now)),
    }


def may(basis: Basis, row: Row, actor: Actor, now: datetime) -> tuple[str, ...]:
    """The verbs that this member of staff can carry out now."""
    found = [verb.value for verb in verbs_of(State(row["state"]), actor.role)]
    if may_enter_withdrawal(State(row["state"]), actor.role):
        found.append(Verb.WITHDRAW.value)
    deciding = (Verb.DECIDE.value, Verb.RETURN.value)
    level = Level(row["urgency"])
    if may_decide(basis.policy(now), actor, level, row["proposed_by"] or "", row["decided_by"]):
        found = [verb for verb in found if verb not in deciding]
    if actor.staff_id in (row["decided_by"], row["proposed_by"]):
        found = [verb for verb in found if verb != Verb.REVIEW.value]
    waits = row["state"] == State.NOTIFIED.value and not row["reviews"] and basis.today(now) <= row["review_until"]
    return tuple(verb for verb in found if not (waits and verb == Verb.CLOSE.value))


def _person(connection: Connection, row: Row) -> dict[str, str]:
    """Whom to reach, masked; the panel of the desk shows a borrower's own data, with a purpose."""
    found = connection.execute(sa.select(complaint_people).where(complaint_people.c.ref == row["ref"])).first()
    if found is None:
        return {"name": "", "phone": "", "email": ""}
    name, _, host = found.email.partition("@")
    return {
        "name": mask_name(found.name) if found.name else "",
        "phone": mask_phone(found.phone) if found.phone else "",
        "email": f"{name[:MAIL_SHOWN]}***@{host}" if host else "",
    }


def _credit_by(basis: Basis, row: Row, now: datetime) -> str | None:
    """The bureau's own limit for an objection to the credit record."""
    if row["l1"] != "CREDIT":
        return None
    received = row["received_at"].astimezone(basis.zone).date()
    return str((received + timedelta(days=basis.policy(now).credit_days)).isoformat())


def _earlier(connection: Connection, row: Row) -> list[dict[str, Any]]:
    """Other cases of the same customer."""
    if row["customer_id"] is None:
        return []
    c = complaints.c
    query = (
        sa.select(c.ref, c.state, c.l1, c.l2, c.urgency, c.received_at, c.merit)
        .where(c.customer_id == row["customer_id"], c.ref != row["ref"])
        .order_by(c.received_at.desc())
        .limit(20)
    )
    return [_plain(one) for one in connection.execute(query).mappings()]


def _rows(
    connection: Connection, table: sa.Table, refs: list[str], order: str, without: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    query = sa.select(table).where(table.c.ref.in_(refs)).order_by(table.c[order])
    return [
        {key: value for key, value in _plain(one).items() if key not in without}
        for one in connection.execute(query).mappings()
    ]


def _plain(row: Any) -> dict[str, Any]:
    return {str(key): board.iso(value) for key, value in dict(row).items()}
