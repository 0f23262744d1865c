"""Cases as rows, and the only place that changes a state: with its event, in one transaction, or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import Conflict, NotFound
from bot.lending.authority import Actor
from bot.lending.complaint_states import BORROWER, FINISHED, OPEN, SYSTEM, State, Verb, after
from bot.store.complaint_schema import complaint_events, complaints
from bot.store.conversation_schema import requests

C = complaints.c
E = complaint_events.c
OPEN_STATES = tuple(state.value for state in OPEN)
Row = dict[str, Any]


@dataclass(frozen=True)
class Who:
    """Who does something: a staff id and role, the borrower, or the system."""

    actor: str
    role: str


THE_SYSTEM = Who(SYSTEM, SYSTEM)
THE_BORROWER = Who(BORROWER, BORROWER)


def staff(actor: Actor) -> Who:
    return Who(actor.staff_id, actor.role)


def new_id() -> str:
    return uuid.uuid4().hex


def case(connection: Connection, ref: str, *, lock: bool = False) -> Row:
    """One case; with `lock` nobody else changes it until this transaction ends. Raises NotFound."""
    query = sa.select(complaints).where(C.ref == ref)
    if lock and connection.dialect.name != "sqlite":
        query = query.with_for_update()
    found = connection.execute(query).mappings().first()
    if found is None:
        raise NotFound(f"no complaint {ref}")
    return dict(found)


def at_version(connection: Connection, ref: str, version: int) -> Row:
    """The case, locked, as the asker saw it. Raises NotFound, Conflict (`changed`)."""
    row = case(connection, ref, lock=True)
    if row["version"] != version:
        raise Conflict(f"{ref} has changed since you looked", code="changed", version=row["version"])
    return row


def move(
    connection: Connection,
    row: Row,
    verb: Verb,
    who: Who,
    now: datetime,
    reason: str = "",
    facts: Mapping[str, Any] | None = None,
    **columns: Any,
) -> Row:
    """Carry out a transition of the table; gives the case as it is now.

    Raises:
        Conflict (`state`, `changed`), Forbidden (`role`).
    """
    before = State(row["state"])
    to = after(before, verb, who.role, state_before_merge(connection, row["ref"]) if verb is Verb.UNMERGE else None)
    made = change(connection, row, verb.value, who, now, reason, facts, state=to.value, state_at=now, **columns)
    if (to in FINISHED) != (before in FINISHED):
        _mirror(connection, row["ref"], to)
    return made


def change(
    connection: Connection,
    row: Row,
    kind: str,
    who: Who,
    now: datetime,
    reason: str = "",
    facts: Mapping[str, Any] | None = None,
    **columns: Any,
) -> Row:
    """Change columns with an event of their own; the state only through `move`. Raises Conflict (`changed`)."""
    made = {**row, **columns, "version": row["version"] + 1}
    done = connection.execute(
        complaints.update()
        .where(C.ref == row["ref"], C.version == row["version"])
        .values(**columns, version=made["version"])
    )
    if done.rowcount != 1:
        raise Conflict(f"{row['ref']} was changed by somebody else", code="changed")
    seq = sa.select(sa.func.coalesce(sa.func.max(E.seq), 0)).where(E.ref == row["ref"])
    connection.execute(
        complaint_events.insert().values(
            event_id=new_id(),
            ref=row["ref"],
            seq=int(connection.execute(seq).scalar_one()) + 1,
            kind=kind,
            from_state=row["state"],
            to_state=made["state"],
            actor=who.actor,
            role=who.role,
            reason=reason[:400],
            facts=dict(facts or {}),
            at=now,
        )
    )
    return made


def state_before_merge(connection: Connection, ref: str) -> State | None:
    """Where a merged case stood."""
    last = connection.execute(
        sa.select(E.from_state).where(E.ref == ref, E.kind == Verb.MERGE.value).order_by(E.seq.desc()).limit(1)
    ).scalar()
    return State(last) if last else None


def mine(customer_id: str | None, session_id: str | None) -> Any:
    """Cases of a proven customer, else of this session alone."""
    if customer_id is not None:
        return C.customer_id == customer_id
    return sa.and_(C.session_id == session_id, C.customer_id.is_(None))


def link(connection: Connection, session_id: str, customer_id: str, now: datetime) -> None:
    """What a session lodged before it proved itself belongs to the customer from now on, and pauses contact with them."""
    query = sa.select(complaints).where(
        C.session_id == session_id, C.customer_id.is_(None), C.complainant != "third_party"
    )
    for row in connection.execute(query).mappings().all():
        change(
            connection,
            dict(row),
            "identified",
            THE_SYSTEM,
            now,
            customer_id=customer_id,
            complainant="borrower",
            sender=f"customer:{customer_id}",
        )


def _mirror(connection: Connection, ref: str, to: State) -> None:
    """The conversation's record of the complaint is open as long as the case is."""
    status = "open" if to not in FINISHED else "withdrawn" if to is State.WITHDRAWN else "closed"
    connection.execute(requests.update().where(requests.c.ref == ref).values(status=status))
