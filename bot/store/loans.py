"""The loan store over SQL: SQLite and PostgreSQL, one code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput, Conflict, NotFound
from bot.lending.allocation import allocate
from bot.lending.loan import Loan
from bot.store import orders, rows
from bot.store.arranging import locked
from bot.store.clock import Clock, business_date
from bot.store.database import Database
from bot.store.loading import load_loans, one_loan, payment_of
from bot.store.protocols import Customer, Payment
from bot.store.schema import contact_points, customers, ledger, loans, payments

LARGEST = 10**13  # cents: a hundred billion yuan is a typing error


class SqlLoanStore:
    """`bot.store.protocols.LoanStore` over our own tables. `zone` is the lender's business zone."""

    def __init__(self, database: Database, clock: Clock, zone: ZoneInfo = ZoneInfo("Asia/Shanghai")) -> None:
        self._database, self._clock, self._zone = database, clock, zone

    # -- reading

    def customer(self, customer_id: str) -> Customer:
        _must_be_text(customer_id)
        with self._database.read() as connection:
            row = connection.execute(sa.select(customers).where(customers.c.customer_id == customer_id)).first()
            if row is None:
                raise NotFound(f"no customer {customer_id}")
            phone = connection.execute(
                sa.select(contact_points.c.value)
                .where(
                    contact_points.c.customer_id == customer_id,
                    contact_points.c.kind == "phone",
                    contact_points.c.verified.is_(True),
                )
                .order_by(contact_points.c.value)
            ).scalar()
        return Customer(row.customer_id, row.name, row.id_number, phone)

    def customer_by_phone(self, phone: str) -> Customer | None:
        if not _is_text(phone):
            return None
        with self._database.read() as connection:
            found = (
                connection.execute(
                    sa.select(contact_points.c.customer_id)
                    .where(
                        contact_points.c.kind == "phone",
                        contact_points.c.value == phone,
                        contact_points.c.verified.is_(True),
                    )
                    .limit(2)
                )
                .scalars()
                .all()
            )
        return self.customer(found[0]) if len(found) == 1 else None

    def loans(self, customer_id: str) -> tuple[Loan, ...]:
        if not _is_text(customer_id):
            return ()
        with self._database.read() as connection:
            return load_loans(connection, loans.c.customer_id == customer_id)

    def loan(self, loan_id: str) -> Loan:
        _must_be_text(loan_id)
        with self._database.read() as connection:
            return one_loan(connection, loan_id)

    def payments(self, loan_id: str) -> tuple[Payment, ...]:
        _must_be_text(loan_id)
        with self._database.read() as connection:
            loan = one_loan(connection, loan_id)
            booked = connection.execute(
                sa.select(payments)
                .where(payments.c.loan_id == loan_id)
                .order_by(payments.c.at.desc(), payments.c.payment_id.desc())
            ).all()
        return tuple(payment_of(row.payment_id, loan_id, row.cents, row.at, loan.entries) for row in booked)

    # -- the one way money enters

    def record_payment(self, payment_id: str, loan_id: str, cents: int, at: datetime) -> Payment:
        now = self._clock.now()  # before the transaction: a demo's clock reads the database itself
        check_payment(payment_id, cents, at, now)
        _must_be_text(loan_id)
        with self._database.write() as connection:
            return self.book(connection, payment_id, loan_id, cents, at, now)

    def book(
        self, connection: Connection, payment_id: str, loan_id: str, cents: int, at: datetime, now: datetime
    ) -> Payment:
        """`record_payment` inside a running write transaction; the caller has checked with `check_payment`."""
        loan = locked(connection, loan_id)
        if not self._database.is_sqlite:  # the same id on another loan at this moment waits here
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(:id))"), {"id": payment_id})
        known = connection.execute(sa.select(payments).where(payments.c.payment_id == payment_id)).first()
        if known is not None:
            if (known.loan_id, known.cents, known.at) != (loan_id, cents, at):
                raise Conflict(f"payment {payment_id} is already booked with other figures")
            return payment_of(payment_id, loan_id, cents, known.at, loan.entries)
        loan = orders.carry_out(connection, loan, cents, business_date(at, self._zone), now)
        loan = self.append(connection, loan, ((payment_id, cents, at),), now)
        return payment_of(payment_id, loan_id, cents, at, loan.entries)

    def append(
        self, connection: Connection, loan: Loan, new: Iterable[tuple[str, int, datetime]], now: datetime
    ) -> Loan:
        """Book new payments (id, cents, moment) on a loan that the caller has locked; the loan after them."""
        booked = len(loan.entries)
        credited = sorted(new, key=lambda one: one[2])
        for payment_id, cents, at in credited:
            drafts = allocate(loan, cents, at, business_date(at, self._zone), payment_id)
            loan = replace(loan, entries=(*loan.entries, *drafts))
        if credited:
            connection.execute(
                payments.insert(),
                [
                    {"payment_id": key, "loan_id": loan.loan_id, "cents": cents, "at": at, "booked_at": now}
                    for key, cents, at in credited
                ],
            )
            connection.execute(ledger.insert(), [rows.entry_row(loan.loan_id, e) for e in loan.entries[booked:]])
        return loan


def check_payment(payment_id: str, cents: int, at: datetime, now: datetime) -> None:
    """What can be said of a payment without looking at its loan.

    Raises:
        BadInput: `payment_id`, `not_positive`, `too_much`, `naive_time`, `in_future`.
    """
    if not payment_id or len(payment_id) > 64 or not payment_id.isprintable():
        raise BadInput("a payment needs an id of 1 to 64 characters", code="payment_id")
    if isinstance(cents, bool) or not isinstance(cents, int) or cents <= 0:
        raise BadInput("a payment must be a positive number of cents", code="not_positive")
    if cents > LARGEST:
        raise BadInput("a payment that large is a typing error", code="too_much")
    if at.tzinfo is None:
        raise BadInput("the moment of a payment needs a zone", code="naive_time")
    if at > now:
        raise BadInput("the payment lies in the future", code="in_future")


def _is_text(word: str) -> bool:
    """Whether a database can compare it: no NUL, no half of a surrogate pair."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in word


def _must_be_text(word: str) -> None:
    if not _is_text(word):
        raise NotFound("no such id")
