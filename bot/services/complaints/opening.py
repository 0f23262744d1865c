"""A new case as rows: itself, whoever complained, the first contact and reading, the events until a person is needed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from bot.lending.complaint_policy import Level
from bot.lending.complaint_states import Verb
from bot.services.complaints import alerts, following, likeness
from bot.services.complaints.basis import Basis
from bot.services.complaints.lodgement import LONGEST, Decision, Lodging, mark_of
from bot.services.complaints.readings import keep_reading
from bot.services.complaints.rows import THE_BORROWER, THE_SYSTEM, Row, Who, case, move, new_id
from bot.services.complaints.timing import queue_clocks
from bot.store.complaint_schema import complaint_contacts, complaint_events, complaint_people, complaints


def open_case(
    connection: Connection,
    basis: Basis,
    lodging: Lodging,
    decision: Decision,
    now: datetime,
    *,
    contact: bool = True,
) -> None:
    """The case, its first contact and reading, its clocks, and the alert if it is urgent. `contact` False: the contact is there already."""
    reading, clocks, policy = decision.reading, decision.clocks, basis.policy(now)
    who = who_of(lodging)
    row: Row = {
        "ref": decision.ref,
        "state": "received",
        "state_at": now,
        "version": 1,
        "customer_id": lodging.customer_id,
        "loan_id": lodging.loan_id,
        "product": _product(basis, lodging),
        "session_id": lodging.session_id,
        "conversation_id": lodging.conversation_id,
        "sender": lodging.sender,
        "channel": lodging.channel,
        "language": lodging.language,
        "complainant": lodging.complainant,
        "words": lodging.words[:LONGEST],
        "demand": lodging.demand[:LONGEST],
        "l1": reading.l1,
        "l2": reading.l2,
        "urgency": str(reading.urgency),
        "confidence": reading.confidence,
        "flags": list(reading.flags),
        "handler": decision.handler,
        "accused": list(decision.accused),
        "is_accusing": bool(decision.accused),
        "received_at": lodging.received_at,
        "clock_from": lodging.received_at,
        "clock": 1,
        "contact_by": clocks.contact_by,
        "contain_by": clocks.contain_by,
        "target_by": clocks.target_by,
        "legal_by": clocks.legal_by,
        "legal_days": policy.legal_days[0],
        "told_by": clocks.told_by,
        "follows": decision.follows,
        "entered_by": lodging.entered_by,
    }
    connection.execute(complaints.insert().values(**row))
    if contact:
        keep_contact(connection, basis, lodging, decision, "lodged")
    following.new_link(connection, basis, decision.ref, decision.link_id, now)
    keep_reading(connection, decision.ref, decision.contact_id, "model", reading, now)
    if lodging.name or lodging.phone or lodging.email:
        connection.execute(
            complaint_people.insert().values(
                ref=decision.ref, name=lodging.name, phone=lodging.phone, email=lodging.email
            )
        )
    row = case(connection, decision.ref)
    connection.execute(
        complaint_events.insert().values(
            event_id=new_id(),
            ref=decision.ref,
            seq=1,
            kind="received",
            from_state="received",
            to_state="received",
            actor=who.actor,
            role=who.role,
            reason="",
            facts={
                "channel": lodging.channel,
                "policy": policy.version,
                "received_at": lodging.received_at.isoformat(),
            },
            at=now,
        )
    )
    row = move(connection, row, Verb.ACKNOWLEDGE, THE_SYSTEM, now, facts={"told_by": clocks.told_by.isoformat()})
    if reading.l1 != likeness.VAGUE and reading.confidence >= policy.sure:
        row = move(connection, row, Verb.TRIAGE, THE_SYSTEM, now, facts={"confidence": round(reading.confidence, 3)})
    queue_clocks(connection, basis, row, now)
    if policy.levels[Level(row["urgency"])].alert:
        alerts.urgent(connection, basis, row, now)


def keep_contact(connection: Connection, basis: Basis, lodging: Lodging, decision: Decision, kind: str) -> None:
    connection.execute(
        complaint_contacts.insert().values(
            contact_id=decision.contact_id,
            ref=decision.ref,
            first_ref=decision.ref,
            kind=kind,
            channel=lodging.channel,
            sender=lodging.sender,
            words=lodging.words[:LONGEST],
            mark=mark_of(basis, lodging),
            customer_id=lodging.customer_id,
            session_id=lodging.session_id,
            staff_id=lodging.entered_by,
            message_id=lodging.message_id,
            likeness=decision.likeness,
            at=lodging.received_at,
        )
    )


def who_of(lodging: Lodging) -> Who:
    return Who(lodging.entered_by, "agent") if lodging.entered_by else THE_BORROWER


def _product(basis: Basis, lodging: Lodging) -> str | None:
    if lodging.customer_id is None:
        return None
    loans = basis.loans.loans(lodging.customer_id)
    named = [loan for loan in loans if loan.loan_id == lodging.loan_id] or (list(loans) if len(loans) == 1 else [])
    return named[0].product.product_id if named else None
