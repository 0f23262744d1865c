"""The demo lender's book, right on whatever day it is seeded. Payments go the way all payments go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import yaml
from sqlalchemy.engine import Connection

from bot.lending.calendar import add_months
from bot.lending.loan import Component, Entry, EntryKind, Loan, Method, Product, Terms
from bot.lending.money import parse_yuan
from bot.lending.schedule import plan
from bot.store import rows
from bot.store.clock import SystemClock
from bot.store.database import Database
from bot.store.loading import insert_loans
from bot.store.loans import SqlLoanStore
from bot.store.schema import contact_points, customers, products

BOOK = Path(__file__).parent / "demo_book.yml"
PAID_AT = time(12, 0)  # the demo borrowers pay at noon of the due day
DUE_DAY = 5
LOCK = 7_243_002  # any fixed number, not that of bot.store.migrate


@dataclass(frozen=True)
class DemoBorrower:
    """One line of what `make serve` prints and of the demo page's menu."""

    customer_id: str
    name: str
    id_number: str
    phone: str
    note: str


def borrowers() -> tuple[DemoBorrower, ...]:
    """Who the demo borrowers are."""
    return tuple(
        DemoBorrower(one["id"], one["name"], one["id_number"], one["phone"], one["note"])
        for one in _book()["customers"]
    )


def seed_demo(database: Database, today: date, zone: ZoneInfo) -> bool:
    """Write the demo book as of `today` in one transaction; False when the demo customers are there already."""
    book = _book()
    store = SqlLoanStore(database, SystemClock(), zone)
    with database.write() as connection:
        if not database.is_sqlite:  # two processes starting at once
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        first = book["customers"][0]["id"]
        if connection.execute(sa.select(customers).where(customers.c.customer_id == first)).first():
            return False
        kinds = {one["id"]: _product(one) for one in book["products"]}
        for kind in kinds.values():
            connection.execute(
                products.insert().values(product_id=kind.product_id, name=kind.name, rules=rows.product_rules(kind))
            )
        for one in book["customers"]:
            connection.execute(
                customers.insert().values(customer_id=one["id"], name=one["name"], id_number=one["id_number"])
            )
            connection.execute(
                contact_points.insert().values(customer_id=one["id"], kind="phone", value=one["phone"], verified=True)
            )
        for one in book["loans"]:
            _lend(connection, store, one, kinds[one["product"]], today, zone)
    return True


def _lend(
    connection: Connection, store: SqlLoanStore, one: dict[str, Any], product: Product, today: date, zone: ZoneInfo
) -> None:
    paid_out = add_months(today.replace(day=DUE_DAY), -one["months_ago"])
    terms = Terms(
        principal=parse_yuan(one["principal"]),
        method=Method(one["method"]),
        periods=one["periods"],
        disbursed_on=paid_out,
        first_due_on=add_months(paid_out, one.get("months", 1)),
        annual_rate=Decimal(one["annual"]) if "annual" in one else None,
        flat_monthly_rate=Decimal(one["flat"]) if "flat" in one else None,
    )
    lent = Entry(1, EntryKind.DISBURSE, paid_out, _noon(paid_out, zone), terms.principal, Component.PRINCIPAL)
    loan = Loan(one["id"], one["customer"], product, terms, plan(terms), (lent,), one.get("autopay"))
    insert_loans(connection, (loan,))
    due = [line for line in loan.plan if line.due_on < today]
    count = len(due) if one["paid"] == "all" else one["paid"] if one["paid"] >= 0 else len(due) + one["paid"]
    for line in due[: max(0, count)]:
        at = _noon(line.due_on, zone)
        store.book(connection, f"DEMO-{loan.loan_id}-{line.number}", loan.loan_id, line.total, at, at)


def _noon(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, PAID_AT, zone).astimezone(timezone.utc)


def _product(one: dict[str, Any]) -> Product:
    return Product(one["id"], one["name"], principal_first_from_dpd=one.get("principal_first_from_dpd"))


def _book() -> dict[str, Any]:
    book: dict[str, Any] = yaml.safe_load(BOOK.read_text(encoding="utf-8"))
    return book
