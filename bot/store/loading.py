"""Loans out of the tables and into them, whole: terms, plan in force, ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import NotFound
from bot.lending.loan import Amount, Component, Entry, EntryKind, Loan
from bot.lending.replay import standing, version_in_force
from bot.store import rows
from bot.store.protocols import Payment
from bot.store.schema import instalments, ledger, loans, products


def insert_loans(connection: Connection, new: Iterable[Loan]) -> None:
    """New loans with their plans and ledgers (seeds, import)."""
    made = tuple(new)
    if not made:
        return
    connection.execute(loans.insert(), [rows.loan_row(loan) for loan in made])
    lines = [line for loan in made for line in rows.instalment_rows(loan.loan_id, loan.plan_version, loan.plan)]
    connection.execute(instalments.insert(), lines)
    connection.execute(
        ledger.insert(), [rows.entry_row(loan.loan_id, entry) for loan in made for entry in loan.entries]
    )


def one_loan(connection: Connection, loan_id: str) -> Loan:
    found = load_loans(connection, loans.c.loan_id == loan_id)
    if not found:
        raise NotFound(f"no loan {loan_id}")
    return found[0]


def load_loans(connection: Connection, which: sa.sql.ClauseElement) -> tuple[Loan, ...]:
    found = (
        connection.execute(
            sa.select(loans, products.c.name.label("product_name"), products.c.rules)
            .join(products)
            .where(which)
            .order_by(loans.c.loan_id)
        )
        .mappings()
        .all()
    )
    if not found:
        return ()
    ids = [row["loan_id"] for row in found]
    plans: dict[str, dict[int, list[Mapping[str, Any]]]] = {}
    for line in connection.execute(
        sa.select(instalments)
        .where(instalments.c.loan_id.in_(ids))
        .order_by(instalments.c.loan_id, instalments.c.plan_version, instalments.c.due_on, instalments.c.number)
    ).mappings():
        plans.setdefault(line["loan_id"], {}).setdefault(line["plan_version"], []).append(line)
    booked: dict[str, list[Entry]] = {}
    for line in connection.execute(
        sa.select(ledger).where(ledger.c.loan_id.in_(ids)).order_by(ledger.c.loan_id, ledger.c.seq)
    ).mappings():
        booked.setdefault(line["loan_id"], []).append(rows.entry(line))
    return tuple(_loan(row, plans[row["loan_id"]], tuple(booked.get(row["loan_id"], ()))) for row in found)


def _loan(row: Mapping[str, Any], plans: dict[int, list[Mapping[str, Any]]], entries: tuple[Entry, ...]) -> Loan:
    made = {version: tuple(rows.instalment(line) for line in lines) for version, lines in plans.items()}
    version = version_in_force(entries)
    return Loan(
        row["loan_id"],
        row["customer_id"],
        rows.product(row["product_id"], row["product_name"], row["rules"]),
        rows.terms(row),
        made.pop(version),
        entries,
        row["autopay_card"],
        version,
        tuple(sorted(made.items())),
    )


def payment_of(payment_id: str, loan_id: str, cents: int, at: datetime, entries: Iterable[Entry]) -> Payment:
    """What a payment went to, read from the ledger."""
    parts = dict.fromkeys((component.value for component in Component), 0)
    held = 0
    for entry in standing(entries):
        if entry.payment_id != payment_id:
            continue
        if entry.kind is EntryKind.PAY and entry.component is not None and entry.note != "credit":
            parts[entry.component.value] -= entry.cents
        elif entry.kind is EntryKind.HOLD and entry.cents < 0:
            held -= entry.cents
    return Payment(payment_id, loan_id, cents, at, Amount(**parts), held)
