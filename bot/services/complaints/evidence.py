"""Evidence: what a finding stands on, each with the hash of what it pointed to when it was added."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput, NotFound
from bot.lending.complaint_policy import EVIDENCE
from bot.services.complaints.rows import THE_BORROWER, Row, Who, case, change, new_id
from bot.store.complaint_schema import complaint_evidence
from bot.store.conversation_schema import messages
from bot.store.desk_schema import interactions
from bot.store.help_schema import arrangements, documents
from bot.store.schema import ledger, loans, payments


def add(
    connection: Connection, row: Row, who: Who, kind: str, pointer: str, label: str, now: datetime
) -> dict[str, str]:
    """Add a piece; gives its id and hash.

    Args:
        pointer: `LN1002#14` (ledger row), or the id of a payment, message, recorded call, arrangement, document; of a note nothing.

    Raises:
        BadInput (`kind`, `pointer`, `label`), NotFound (nothing there, or of somebody else).
    """
    if kind not in EVIDENCE:
        raise BadInput(f"kind must be one of {', '.join(EVIDENCE)}", code="kind")
    if not label.strip():
        raise BadInput("say what it shows", code="label")
    content = (
        label.strip()
        if kind == "note"
        else json.dumps(_found(connection, row, kind, pointer), default=str, sort_keys=True)
    )
    made = {"evidence_id": new_id(), "sha256": hashlib.sha256(content.encode()).hexdigest()}
    connection.execute(
        complaint_evidence.insert().values(
            **made, ref=row["ref"], kind=kind, pointer=pointer[:120], label=label.strip(), added_by=who.actor, at=now
        )
    )
    change(connection, row, "evidence", who, now, "", {"evidence": made["evidence_id"], "kind": kind})
    return made


def attach(connection: Connection, ref: str, document_id: str, label: str, now: datetime) -> None:
    """A document that whoever complained has added, in whatever way: once in the evidence. Other numbers are left alone."""
    if not ref.startswith("TS-"):
        return
    if any(one["pointer"] == document_id for one in of_case(connection, ref)):
        return
    try:
        row = case(connection, ref, lock=True)
    except NotFound:  # recorded before cases were kept
        return
    add(connection, row, THE_BORROWER, "document", document_id, label, now)


def of_case(connection: Connection, ref: str) -> list[dict[str, Any]]:
    query = sa.select(complaint_evidence).where(complaint_evidence.c.ref == ref).order_by(complaint_evidence.c.at)
    return [dict(one) for one in connection.execute(query).mappings()]


def _found(connection: Connection, row: Row, kind: str, pointer: str) -> dict[str, Any]:
    """The row that is pointed to: only of whoever complained, or of this case."""
    query, missing = _query(row, kind, pointer), NotFound(f"no {kind} {pointer[:40]} of this complaint's person")
    found = connection.execute(query).mappings().first() if query is not None else None
    if found is None:
        raise missing
    return dict(found)


def _query(row: Row, kind: str, pointer: str) -> Any:
    customer = row["customer_id"]
    if kind == "document":
        return sa.select(documents).where(
            documents.c.document_id == pointer,
            sa.or_(documents.c.ref == row["ref"], documents.c.customer_id == (customer or "")),
        )
    if kind == "message":
        return sa.select(messages).where(
            messages.c.message_id == pointer, messages.c.conversation_id == row["conversation_id"]
        )
    if customer is None:
        return None
    own = sa.select(loans.c.loan_id).where(loans.c.customer_id == customer)
    if kind == "ledger":
        loan_id, _, seq = pointer.partition("#")
        if not (seq.isascii() and seq.isdigit() and len(seq) < 9):
            raise BadInput("a ledger row is written LN1002#14", code="pointer")
        return sa.select(ledger).where(ledger.c.loan_id == loan_id, ledger.c.seq == int(seq), ledger.c.loan_id.in_(own))
    if kind == "payment":
        return sa.select(payments).where(payments.c.payment_id == pointer, payments.c.loan_id.in_(own))
    if kind == "call":
        return sa.select(interactions).where(
            interactions.c.interaction_id == pointer, interactions.c.customer_id == customer
        )
    return sa.select(arrangements).where(arrangements.c.ref == pointer, arrangements.c.customer_id == customer)
