"""One matter, one case: a later case joins the first one, and can leave it again with nothing lost.

The case that joins keeps its number, its contacts, its history; it is only counted and worked on with the other.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput, Conflict, Forbidden
from bot.lending.complaint_states import OPEN, State, Verb
from bot.services.complaints.basis import Basis
from bot.services.complaints.rows import C, Row, Who, case, change, move
from bot.services.complaints.timing import queue_clocks


def merge(connection: Connection, row: Row, who: Who, into: str, reason: str, now: datetime) -> Row:
    """Join `into`, the first of the two.

    Raises:
        NotFound, BadInput (`into`), Forbidden (`other_person`, `conflict_of_interest`), Conflict (`state`, `older`, `master`).
    """
    if into == row["ref"]:
        raise BadInput("a case cannot join itself", code="into")
    master = case(connection, into, lock=True)
    if who.actor in master["accused"]:
        raise Forbidden(f"{into} is about {who.actor}", code="conflict_of_interest")
    if State(master["state"]) not in OPEN:
        raise Conflict(f"{into} is {master['state']}", code="state")
    if master["customer_id"] != row["customer_id"] or (
        row["customer_id"] is None and master["sender"] != row["sender"]
    ):
        raise Forbidden("only cases of the same person are one matter", code="other_person")
    if (master["received_at"], master["ref"]) > (row["received_at"], row["ref"]):
        raise Conflict("the later case joins the first: its clock began earlier", code="older")
    if connection.execute(sa.select(C.ref).where(C.merged_into == row["ref"]).limit(1)).first() is not None:
        raise Conflict("other cases have joined this one", code="master")
    row = move(connection, row, Verb.MERGE, who, now, reason, {"into": into}, merged_into=into)
    change(connection, master, "joined", who, now, reason, {"case": row["ref"]}, **_more_urgent(master, row))
    return row


def unmerge(connection: Connection, basis: Basis, row: Row, who: Who, reason: str, now: datetime) -> Row:
    """Back to where it stood, on its own clock, which never stopped."""
    master = row["merged_into"]
    row = move(
        connection, row, Verb.UNMERGE, who, now, reason, {"from": master}, merged_into=None, clock=row["clock"] + 1
    )
    if master is not None:
        change(connection, case(connection, master, lock=True), "left", who, now, reason, {"case": row["ref"]})
    queue_clocks(connection, basis, row, now)
    return row


def _more_urgent(master: Row, row: Row) -> dict[str, object]:
    """The shorter times of the two; they are not lengthened again when the case leaves."""
    if row["urgency"] >= master["urgency"]:
        return {}
    return {
        "urgency": row["urgency"],
        "contact_by": min(row["contact_by"], master["contact_by"]),
        "target_by": min(row["target_by"], master["target_by"]),
        "told_by": min(row["told_by"], master["told_by"]),
    }


def joined(connection: Connection, ref: str) -> list[str]:
    """The cases that have joined this one."""
    return list(connection.execute(sa.select(C.ref).where(C.merged_into == ref).order_by(C.received_at)).scalars())
