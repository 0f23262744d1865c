"""What this product needs of a loan store, so that a lender's own core can stand in its place.

Read at request time, never cached across turns. Money in integer cents, moments aware, business dates in the
lender's zone. `bot.store.loans.SqlLoanStore` is the one that ships; `tests/contracts` holds for every other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.lending.loan import Amount, Loan


@dataclass(frozen=True)
class Customer:
    """`phone` is a verified number of the customer's own, None when there is none."""

    customer_id: str
    name: str
    id_number: str
    phone: str | None


@dataclass(frozen=True)
class Payment:
    """A credited payment: what it went to, and what is held. `at` is the moment it was credited."""

    payment_id: str
    loan_id: str
    cents: int
    at: datetime
    parts: Amount
    held: int


class LoanStore(Protocol):
    """Customers, loans and payments."""

    def customer(self, customer_id: str) -> Customer:
        """Raises `NotFound`."""

    def customer_by_phone(self, phone: str) -> Customer | None:
        """The customer with that verified phone; None when nobody or more than one has it."""

    def loans(self, customer_id: str) -> tuple[Loan, ...]:
        """All loans, settled ones included, by loan id; empty for an unknown customer."""

    def loan(self, loan_id: str) -> Loan:
        """Raises `NotFound`."""

    def payments(self, loan_id: str) -> tuple[Payment, ...]:
        """Newest first. Raises `NotFound`."""

    def record_payment(self, payment_id: str, loan_id: str, cents: int, at: datetime) -> Payment:
        """Book a payment once; the only way money enters.

        The same id with the same loan, cents and moment gives the stored result; with others raises `Conflict`.
        Raises `NotFound` (loan) and `BadInput` (`not_positive`, `too_much`, `in_future`, `naive_time`, `payment_id`).
        """
