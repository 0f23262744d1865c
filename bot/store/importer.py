"""A lender's book from a folder of CSV files (`docs/import.md`): all of it, or nothing and every reason why not.

Read and checked by itself first, then against the store, in the transaction that writes it. A second import of the
same files changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.errors import Conflict, ImportRejected
from bot.store.clock import Clock
from bot.store.database import Database
from bot.store.import_csv import Folder, Problem, read_folder
from bot.store.import_customers import CustomersPart
from bot.store.import_loans import LoansPart
from bot.store.import_lookup import Counts
from bot.store.import_payments import PaymentsPart
from bot.store.import_products import ProductsPart
from bot.store.loans import SqlLoanStore

LOCK = 7_243_003  # any fixed number: one import at a time on PostgreSQL


@dataclass
class Imported:
    """How many records of each file were new, changed, or stored already as they are."""

    new: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    same: dict[str, int] = field(default_factory=dict)


def import_book(
    database: Database, clock: Clock, zone: ZoneInfo, folder: Path, encoding: str | None = None
) -> Imported:
    """Take over the book in `folder`.

    Raises:
        ImportRejected: with every bad row; nothing was changed.
        BadInput: no folder, no files, no such encoding.
        Conflict: somebody else changed the same records at this moment; try again.
    """
    read = read_folder(folder, zone, encoding)
    now = clock.now()
    try:
        with database.write() as connection:
            if not database.is_sqlite:
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            return _take(connection, SqlLoanStore(database, clock, zone), read, now, zone)
    except sa.exc.IntegrityError as error:
        raise Conflict("the book was changed by somebody else meanwhile: import again") from error


class Part(Protocol):
    """One file compared with the store."""

    problems: list[Problem]

    def write(self, store: SqlLoanStore, /) -> Counts:
        """Write what is new or changed; only called when no part has problems."""


def _take(
    connection: sa.engine.Connection, store: SqlLoanStore, read: Folder, now: datetime, zone: ZoneInfo
) -> Imported:
    records, bad = read.records, read.bad
    products = ProductsPart(connection, records["products.csv"], bad["products.csv"])
    customers = CustomersPart(connection, records["customers.csv"], bad["customers.csv"])
    loans = LoansPart(connection, records["loans.csv"], bad["loans.csv"], customers, products, now, zone)
    payments = PaymentsPart(connection, records["payments.csv"], loans, now, zone)
    parts: Mapping[str, Part] = {
        "products.csv": products,
        "customers.csv": customers,
        "loans.csv": loans,
        "payments.csv": payments,
    }
    problems = read.problems + [problem for part in parts.values() for problem in part.problems]
    if problems:
        order = list(parts)
        raise ImportRejected(tuple(sorted(problems, key=lambda one: (one[0] in order and order.index(one[0]), one))))
    done = Imported()
    for name, part in parts.items():
        done.new[name], done.changed[name], done.same[name] = part.write(store)
    return done
