"""A contact that was attached by mistake becomes a case of its own: its own number, its own clock from when it came."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput, NotFound
from bot.services.complaints import assigning
from bot.services.complaints.basis import Basis
from bot.services.complaints.facts import reading_of
from bot.services.complaints.lodgement import NEW, PREFIX, Decision, Lodging
from bot.services.complaints.opening import open_case
from bot.services.complaints.rows import Row, Who, change
from bot.store.complaint_schema import complaint_contacts
from bot.store.counters import next_number

T = complaint_contacts.c


class Splitting:
    def __init__(self, basis: Basis) -> None:
        self._basis = basis

    def split(self, connection: Connection, row: Row, who: Who, contact_id: str, reason: str, now: datetime) -> str:
        """Gives the number of the new case.

        Raises:
            NotFound (no such contact of this case), BadInput (`first`: that contact is what the case began with).
        """
        contact = (
            connection.execute(sa.select(complaint_contacts).where(T.contact_id == contact_id, T.ref == row["ref"]))
            .mappings()
            .first()
        )
        if contact is None:
            raise NotFound(f"no contact {contact_id[:32]} of {row['ref']}")
        if contact["kind"] == "lodged":
            raise BadInput("the case began with this contact", code="first")
        basis = self._basis
        lodging = Lodging(
            words=contact["words"],
            channel=contact["channel"],
            language=row["language"],
            sender=contact["sender"],
            received_at=contact["at"],
            complainant=row["complainant"],
            customer_id=row["customer_id"],
            session_id=contact["session_id"],
            conversation_id=row["conversation_id"],
            entered_by=contact["staff_id"],
        )
        reading = reading_of(basis, lodging, now)
        days = basis.policy(now).legal_days[0]
        made = Decision(
            NEW,
            next_number(connection, PREFIX, basis.today(now)),
            reading,
            basis.deadlines(str(reading.urgency), contact["at"], days, now),
            contact_id=contact_id,
            follows=row["ref"],
            handler=assigning.pick(connection, str(reading.urgency), row["accused"]),
            accused=tuple(row["accused"]),
        )
        open_case(connection, basis, lodging, made, now, contact=False)
        connection.execute(
            complaint_contacts.update().where(T.contact_id == contact_id).values(ref=made.ref, kind="lodged")
        )
        change(connection, row, "split", who, now, reason, {"contact": contact_id, "case": made.ref})
        return made.ref
