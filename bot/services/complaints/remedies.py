"""Remedies: from a catalogue, within authority, seen by four eyes, carried out with the decision.

A waiver is the ledger's WAIVE, as in an arrangement. A refund is two things: entries in the ledger, and one instruction to the
payment port, shown as "instructed". From a held credit the credit is lowered; for something paid wrongly a credit of that
amount is granted and paid out at once, so that what is still owed does not change.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput, Conflict, Forbidden, NotFound
from bot.lending.arrangement import draw_up
from bot.lending.authority import Actor
from bot.lending.complaint_policy import MONEY, RemedyKind, may_grant, needs
from bot.lending.complaint_states import OPEN, State
from bot.lending.help_policy import Role
from bot.lending.loan import Entry, EntryKind, Loan
from bot.lending.position import position
from bot.lending.wishes import Kind, Wish
from bot.services.complaints.basis import Basis
from bot.services.complaints.payment_port import INSTRUCTED, Refund
from bot.services.complaints.rows import THE_SYSTEM, Row, change, new_id, staff
from bot.store.arranging import add_entries, locked, put_in_force
from bot.store.complaint_schema import complaint_remedies, payment_instructions
from bot.store.loading import one_loan
from bot.store.schema import payments

R = complaint_remedies.c
PROPOSED, SECOND, APPROVED, REFUSED, EXECUTED = "proposed", "second_needed", "approved", "refused", "executed"
SOURCES = ("credit", "charge")
PROPOSABLE = frozenset(
    {State.INVESTIGATING, State.AWAITING_CUSTOMER, State.AWAITING_EXTERNAL, State.REVIEW, State.PROPOSED}
)


def propose(
    connection: Connection,
    basis: Basis,
    row: Row,
    actor: Actor,
    kind: str,
    words: str,
    now: datetime,
    loan_id: str | None = None,
    cents: int = 0,
    source: str | None = None,
) -> dict[str, Any]:
    """Put a remedy into the file; gives its row.

    Raises:
        BadInput (`kind`, `words`, `cents`, `source`, `loan_id`, `too_much`), NotFound (loan), Conflict (`state`).
    """
    if kind not in {one.value for one in RemedyKind}:
        raise BadInput(f"kind must be one of {', '.join(one.value for one in RemedyKind)}", code="kind")
    if not words.strip():
        raise BadInput("what is done, in words", code="words")
    if State(row["state"]) not in PROPOSABLE or State(row["state"]) not in OPEN:
        raise Conflict(f"remedies are proposed before the decision, not in state {row['state']}", code="state")
    what = RemedyKind(kind)
    if what in MONEY:
        if loan_id is None or cents <= 0:
            raise BadInput("a loan and a positive amount in cents are needed", code="cents")
        loan = one_loan(connection, loan_id)
        if loan.customer_id != row["customer_id"]:
            raise BadInput("not a loan of whoever complained", code="loan_id")
        if what is RemedyKind.REFUND and source not in SOURCES:
            raise BadInput(f"source must be one of {', '.join(SOURCES)}", code="source")
        _check(connection, basis, loan, what, cents, source, now)
    made = {
        "remedy_id": new_id(),
        "ref": row["ref"],
        "kind": kind,
        "loan_id": loan_id,
        "cents": cents if what in MONEY else 0,
        "source": source if what is RemedyKind.REFUND else None,
        "words": words.strip(),
        "status": PROPOSED,
        "needs": needs(basis.policy(now), what, cents).value,
        "proposed_by": actor.staff_id,
        "approved_by": [],
        "at": now,
        "facts": {},
    }
    connection.execute(complaint_remedies.insert().values(**made))
    facts = {"remedy": made["remedy_id"], "kind": kind, "cents": made["cents"], "needs": made["needs"]}
    change(connection, row, "remedy", staff(actor), now, "", facts)
    return made


def approve(connection: Connection, basis: Basis, row: Row, actor: Actor, remedy_id: str, now: datetime) -> str:
    """`approved`, or `second_needed` while the committee's second person is missing.

    Raises:
        NotFound, Forbidden (`same_person`, `above_limit`, `inactive`), Conflict (`decided`).
    """
    remedy = _waiting(connection, row, remedy_id)
    verdict = may_grant(actor, Role(remedy["needs"]), remedy["proposed_by"], tuple(remedy["approved_by"]))
    if verdict not in (APPROVED, SECOND):
        raise Forbidden(f"{actor.staff_id} ({actor.role}) may not approve this: {verdict}", code=verdict)
    _set(connection, remedy_id, status=verdict, approved_by=[*remedy["approved_by"], actor.staff_id])
    change(connection, row, "remedy_approved", staff(actor), now, "", {"remedy": remedy_id, "verdict": verdict})
    return verdict


def refuse(connection: Connection, row: Row, actor: Actor, remedy_id: str, reason: str, now: datetime) -> str:
    """Raises NotFound, BadInput (`reason`), Conflict (`decided`)."""
    if not reason.strip():
        raise BadInput("a reason is needed", code="reason")
    _waiting(connection, row, remedy_id)
    _set(connection, remedy_id, status=REFUSED)
    change(connection, row, "remedy_refused", staff(actor), now, reason, {"remedy": remedy_id})
    return REFUSED


def of_case(connection: Connection, ref: str) -> list[dict[str, Any]]:
    query = sa.select(complaint_remedies).where(R.ref == ref).order_by(R.at, R.remedy_id)
    return [dict(one) for one in connection.execute(query).mappings()]


def waiting(connection: Connection, ref: str) -> list[str]:
    """Remedies that nobody has granted or refused yet."""
    return [one["remedy_id"] for one in of_case(connection, ref) if one["status"] in (PROPOSED, SECOND)]


def carry_out(connection: Connection, basis: Basis, row: Row, now: datetime) -> None:
    """Everything granted, with the decision's transaction.

    Raises:
        BadInput: the ledger cannot take it any more (`too_much`, …); nothing is decided then.
    """
    for remedy in of_case(connection, row["ref"]):
        if remedy["status"] != APPROVED:
            continue
        facts: dict[str, Any] = {}
        status = EXECUTED
        if remedy["kind"] == RemedyKind.WAIVER.value:
            facts = _waive(connection, basis, remedy, now)
        elif remedy["kind"] == RemedyKind.REFUND.value:
            facts, status = _refund(connection, basis, row, remedy, now), INSTRUCTED
        elif remedy["kind"] == RemedyKind.CORRECTION.value:
            status = INSTRUCTED  # the bureau corrects; we have asked for it
        _set(connection, remedy["remedy_id"], status=status, executed_at=now, facts=facts)
        row = change(connection, row, "remedy_done", THE_SYSTEM, now, "", {"remedy": remedy["remedy_id"], **facts})


def _waive(connection: Connection, basis: Basis, remedy: dict[str, Any], now: datetime) -> dict[str, Any]:
    today = basis.today(now)
    loan = locked(connection, remedy["loan_id"])
    drawn = draw_up(loan, Wish(Kind.WAIVER, cents=remedy["cents"]), today, basis.caps(today).plan_instalments)
    first, _ = put_in_force(connection, loan, drawn, now, remedy["ref"])
    return {"first_seq": first}


def _refund(connection: Connection, basis: Basis, row: Row, remedy: dict[str, Any], now: datetime) -> dict[str, Any]:
    today, cents = basis.today(now), remedy["cents"]
    loan = locked(connection, remedy["loan_id"])
    _check(connection, basis, loan, RemedyKind.REFUND, cents, remedy["source"], now)
    seq, note = loan.last_seq, f"refund {remedy['ref']}"
    out = Entry(seq + 1, EntryKind.HOLD, today, now, cents, note=note)
    made: tuple[Entry, ...] = (out,)
    if remedy["source"] == "charge":
        granted = Entry(seq + 1, EntryKind.HOLD, today, now, -cents, note=note)
        made = (granted, Entry(seq + 2, EntryKind.HOLD, today, now, cents, note=note))
    add_entries(connection, loan, made)
    refund = Refund(remedy["remedy_id"], row["ref"], loan.customer_id, loan.loan_id, cents)
    return {"seqs": [entry.seq for entry in made], "instruction": basis.port.instruct(connection, refund, now)}


def _check(
    connection: Connection, basis: Basis, loan: Loan, kind: RemedyKind, cents: int, source: str | None, now: datetime
) -> None:
    """Never more than the credit held, than was ever paid, or than can be waived. Raises BadInput (`too_much`, …)."""
    today = basis.today(now)
    if kind is RemedyKind.WAIVER:
        draw_up(loan, Wish(Kind.WAIVER, cents=cents), today, basis.caps(today).plan_instalments)
        return
    if source == "credit":
        most = position(loan, today).unapplied
    else:
        paid = sa.select(sa.func.coalesce(sa.func.sum(payments.c.cents), 0)).where(payments.c.loan_id == loan.loan_id)
        back = sa.select(sa.func.coalesce(sa.func.sum(payment_instructions.c.cents), 0)).where(
            payment_instructions.c.loan_id == loan.loan_id
        )
        most = int(connection.execute(paid).scalar_one()) - int(connection.execute(back).scalar_one())
    if cents > most:
        raise BadInput(f"more than can be paid back: at most {most} cents", code="too_much")


def _waiting(connection: Connection, row: Row, remedy_id: str) -> dict[str, Any]:
    found = next((one for one in of_case(connection, row["ref"]) if one["remedy_id"] == remedy_id), None)
    if found is None:
        raise NotFound(f"no remedy {remedy_id} of {row['ref']}")
    if found["status"] not in (PROPOSED, SECOND):
        raise Conflict(f"the remedy is {found['status']}", code="decided")
    return found


def _set(connection: Connection, remedy_id: str, **values: Any) -> None:
    connection.execute(complaint_remedies.update().where(R.remedy_id == remedy_id).values(**values))
