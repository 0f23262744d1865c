"""Arrangements in the tables of the book: a new plan version and its ledger entries, or all of it taken back.

Every function works inside a running write transaction, on a loan that it (or its caller) has locked.
"""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import NotFound
from bot.lending.arrangement import Drawn, entries
from bot.lending.loan import Entry, Loan
from bot.lending.withdrawal import withdraw
from bot.store import rows
from bot.store.loading import one_loan
from bot.store.schema import instalments, ledger, loans


def locked(connection: Connection, loan_id: str) -> Loan:
    """The loan, and nobody else's to change until this transaction ends (SQLite has one writer anyway).

    Raises:
        NotFound: no such loan.
    """
    lock = sa.select(loans.c.loan_id).where(loans.c.loan_id == loan_id)
    if connection.execute(lock if connection.dialect.name == "sqlite" else lock.with_for_update()).first() is None:
        raise NotFound(f"no loan {loan_id}")
    return one_loan(connection, loan_id)


def put_in_force(connection: Connection, loan: Loan, drawn: Drawn, at: datetime, note: str) -> tuple[int | None, int]:
    """Book what was drawn up for `loan` as it stands; gives the seq of its first entry and its plan version.

    None for an arrangement without entries; version 0 when the schedule stays.
    """
    version = 0
    if drawn.plan is not None:
        newest = sa.select(sa.func.max(instalments.c.plan_version)).where(instalments.c.loan_id == loan.loan_id)
        version = int(connection.execute(newest).scalar_one()) + 1
        connection.execute(instalments.insert(), rows.instalment_rows(loan.loan_id, version, drawn.plan))
    made = entries(loan, drawn, at, version, note)
    _book(connection, loan, made)
    return (made[0].seq if made else None), version


def take_back(connection: Connection, loan: Loan, first: int, on: date, at: datetime, note: str) -> None:
    """Reverse an arrangement and what was booked since; payments are applied again (see `withdrawal`).

    Raises:
        BadInput: `superseded`, `not_found`.
    """
    _book(connection, loan, withdraw(loan, first, on, at, note))


def add_entries(connection: Connection, loan: Loan, made: tuple[Entry, ...]) -> None:
    """Book entries that the engine made for `loan` as it stands."""
    _book(connection, loan, made)


def _book(connection: Connection, loan: Loan, made: tuple[Entry, ...]) -> None:
    if made:
        connection.execute(ledger.insert(), [rows.entry_row(loan.loan_id, entry) for entry in made])
