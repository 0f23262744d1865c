"""Corrective and preventive actions: due, done, verified by somebody else; and "you said, we did" to everybody concerned."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput, Conflict, Forbidden, NotFound
from bot.lending.authority import Actor
from bot.lending.complaint_states import State
from bot.services.complaints import telling
from bot.services.complaints.basis import Basis
from bot.services.complaints.rows import C, Row, change, new_id, staff
from bot.store.complaint_schema import complaint_actions, complaints

A = complaint_actions.c
KINDS = ("corrective", "preventive")
DID = "utter_complaint_did"


def plan(
    connection: Connection,
    basis: Basis,
    row: Row,
    actor: Actor,
    kind: str,
    words: str,
    owner: str,
    due_on: date,
    now: datetime,
) -> str:
    """Put an action into the file; gives its id. Raises BadInput (`kind`, `words`, `owner`, `due_on`)."""
    if kind not in KINDS:
        raise BadInput(f"kind must be one of {', '.join(KINDS)}", code="kind")
    if not words.strip():
        raise BadInput("what is to be done, in words that a borrower may read", code="words")
    if owner not in basis.policy(now).owners:
        raise BadInput(f"owner must be one of {', '.join(basis.policy(now).owners)}", code="owner")
    if due_on < basis.today(now):
        raise BadInput("the due day is in the past", code="due_on")
    action_id = new_id()
    connection.execute(
        complaint_actions.insert().values(
            action_id=action_id,
            ref=row["ref"],
            kind=kind,
            words=words.strip(),
            owner=owner,
            due_on=due_on,
            made_by=actor.staff_id,
            at=now,
        )
    )
    change(connection, row, "action", staff(actor), now, "", {"action": action_id, "due_on": due_on.isoformat()})
    return action_id


def done(connection: Connection, row: Row, actor: Actor, action_id: str, now: datetime) -> None:
    """Raises NotFound, Conflict (`done`)."""
    action = _action(connection, row, action_id)
    if action["done_at"] is not None:
        raise Conflict("the action is done already", code="done")
    connection.execute(
        complaint_actions.update().where(A.action_id == action_id).values(done_at=now, done_by=actor.staff_id)
    )
    change(connection, row, "action_done", staff(actor), now, "", {"action": action_id})


def verify(
    connection: Connection, basis: Basis, row: Row, actor: Actor, action_id: str, effective: bool, now: datetime
) -> int:
    """Say whether it works; once it does, everybody who complained of that cause is told. Gives how many.

    Raises:
        NotFound, Conflict (`not_done`, `verified`), Forbidden (`same_person`).
    """
    action = _action(connection, row, action_id)
    if action["done_at"] is None:
        raise Conflict("the action is not done yet", code="not_done")
    if action["effective"]:
        raise Conflict("the action was found to work already", code="verified")
    if action["done_by"] == actor.staff_id:
        raise Forbidden("somebody else says whether it works", code="same_person")
    concerned = _concerned(connection, row) if effective else []
    connection.execute(
        complaint_actions.update()
        .where(A.action_id == action_id)
        .values(
            effective=effective,
            verified_by=actor.staff_id,
            verified_at=now,
            told_at=now if effective else None,
        )
    )
    facts = {"action": action_id, "effective": effective, "told": len(concerned)}
    change(connection, row, "action_verified", staff(actor), now, "", facts)
    for one in concerned:
        telling.tell(connection, basis, {**one, "version": f"did {action_id}"}, DID, now, did=action["words"])
    return len(concerned)


def late(connection: Connection, today: date) -> list[dict[str, Any]]:
    """Actions that should be done by now."""
    query = sa.select(complaint_actions).where(A.done_at.is_(None), A.due_on < today).order_by(A.due_on)
    return [dict(one) for one in connection.execute(query).mappings()]


def _concerned(connection: Connection, row: Row) -> list[Row]:
    """Cases of the same subject and, where it is known, the same cause; one for each person."""
    same = sa.and_(C.l1 == row["l1"], C.l2 == row["l2"])
    cause = sa.or_(C.root_cause.is_(None), C.root_cause == row["root_cause"]) if row["root_cause"] else sa.true()
    found = connection.execute(
        sa.select(complaints)
        .where(
            sa.or_(C.ref == row["ref"], sa.and_(same, cause)),
            C.state.in_((State.CLOSED.value, State.ACCEPTED.value, State.NOTIFIED.value)),
            sa.or_(C.merit.is_(None), C.merit != "not_upheld", C.ref == row["ref"]),
        )
        .order_by(C.received_at.desc())
    ).mappings()
    people: dict[str, Row] = {}
    for one in found:
        people.setdefault(one["sender"], dict(one))
    return list(people.values())


def _action(connection: Connection, row: Row, action_id: str) -> dict[str, Any]:
    found = (
        connection.execute(sa.select(complaint_actions).where(A.action_id == action_id, A.ref == row["ref"]))
        .mappings()
        .first()
    )
    if found is None:
        raise NotFound(f"no action {action_id[:32]} of {row['ref']}")
    return dict(found)
