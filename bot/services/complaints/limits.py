"""The times of a case, and who is told when they run out: extending, starting anew, going up, the first word with a person.

Nothing here changes a state; each is a change of its own in the case's history.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput, Conflict, Forbidden
from bot.lending.authority import Actor
from bot.lending.complaint_states import State
from bot.services.complaints import alerts, assigning, telling
from bot.services.complaints.basis import Basis
from bot.services.complaints.rows import Row, Who, at_version, case, change, staff
from bot.services.complaints.timing import queue_clocks
from bot.store.complaint_schema import complaint_contacts


class Limits:
    """What staff do about the times, beside the verbs of `handling`."""

    def __init__(self, basis: Basis) -> None:
        self.basis = basis

    def extend(
        self, connection: Connection, actor: Actor, ref: str, version: int, to: int, reason: str, now: datetime
    ) -> Row:
        """A complex case has 30 days, a specially complex one 60 with a senior's approval and a notice. The told day stays.

        Raises:
            BadInput (`to`, `reason`), Forbidden (`role`), Conflict (`state`).
        """
        row = at_version(connection, ref, version)
        assigning.keep_out(row, actor.staff_id)
        _, longer, longest = self.basis.policy(now).legal_days
        if to not in (longer, longest) or to <= row["legal_days"]:
            raise BadInput(f"to is {longer} or {longest}, and more than now", code="to")
        if not reason.strip():
            raise BadInput("a reason is needed", code="reason")
        if actor.role not in (("supervisor",) if to == longest else ("lead", "supervisor")):
            raise Forbidden(f"{actor.role} may not extend to {to} days", code="role")
        if State(row["state"]) in (State.CLOSED, State.WITHDRAWN, State.MERGED):
            raise Conflict("the case is finished", code="state")
        clocks = self.basis.deadlines(row["urgency"], row["clock_from"], to, now)
        row = change(
            connection,
            row,
            "extend",
            staff(actor),
            now,
            reason,
            {"from": row["legal_days"], "to": to},
            legal_days=to,
            legal_by=clocks.legal_by + timedelta(seconds=row["paused_seconds"]),
            clock=row["clock"] + 1,
        )
        queue_clocks(connection, self.basis, row, now)
        telling.tell(connection, self.basis, row, "utter_complaint_extended", now)
        return row

    def escalate(self, connection: Connection, actor: Actor, ref: str, version: int, reason: str, now: datetime) -> Row:
        row = at_version(connection, ref, version)
        assigning.keep_out(row, actor.staff_id)
        return escalate(connection, self.basis, row, staff(actor), min(3, row["escalated"] + 1), reason, now)

    def contacted(self, connection: Connection, actor: Actor, ref: str, outcome: str, note: str, now: datetime) -> Row:
        """A person has spoken with whoever complained; the first time counts."""
        row = case(connection, ref, lock=True)
        assigning.keep_out(row, actor.staff_id)
        facts = {"outcome": outcome}
        first = row["contacted_at"] is None and outcome == "reached"
        columns = {"contacted_at": now} if first else {}
        return change(connection, row, "contacted", staff(actor), now, note, facts, **columns)

    def restart(
        self, connection: Connection, actor: Actor, ref: str, version: int, contact_id: str, reason: str, now: datetime
    ) -> Row:
        """New facts or reasons in a contact: the times count from it. Only a senior, and never a day told is taken back."""
        row = at_version(connection, ref, version)
        assigning.keep_out(row, actor.staff_id)
        if actor.role not in ("lead", "supervisor"):
            raise Forbidden(f"{actor.role} may not start the clock anew", code="role")
        found = connection.execute(
            sa.select(complaint_contacts.c.at).where(
                complaint_contacts.c.contact_id == contact_id, complaint_contacts.c.ref == ref
            )
        ).scalar()
        if found is None or found <= row["clock_from"]:
            raise BadInput("a later contact of this case is needed", code="contact_id")
        clocks = self.basis.deadlines(row["urgency"], found, row["legal_days"], now)
        row = change(
            connection,
            row,
            "restart",
            staff(actor),
            now,
            reason,
            {"contact": contact_id},
            clock_from=found,
            clock=row["clock"] + 1,
            target_by=clocks.target_by,
            legal_by=clocks.legal_by,
        )
        queue_clocks(connection, self.basis, row, now)
        return row


def escalate(connection: Connection, basis: Basis, row: Row, who: Who, level: int, reason: str, now: datetime) -> Row:
    """Up to a lead, a supervisor, compliance; the alert names number and level. Never down by itself."""
    if level <= row["escalated"]:
        return row
    row = change(connection, row, "escalate", who, now, reason, {"to": level}, escalated=level)
    alerts.send(connection, basis, "complaint_escalated", row, now)
    return row
