"""The importer's loans: terms of a stored loan never change, its automatic debit may."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timezone
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput
from bot.lending.loan import Component, Entry, EntryKind, Loan, Method, Terms
from bot.lending.schedule import plan
from bot.store import rows
from bot.store.clock import business_date
from bot.store.import_csv import Problem, Record
from bot.store.import_customers import CustomersPart
from bot.store.import_lookup import Counts, stored
from bot.store.import_products import ProductsPart
from bot.store.loading import insert_loans
from bot.store.schema import loans

NOON = time(12, 0)


class LoansPart:
    def __init__(
        self,
        connection: Connection,
        records: list[Record],
        bad: set[str],
        people: CustomersPart,
        products: ProductsPart,
        now: datetime,
        zone: ZoneInfo,
    ) -> None:
        self._connection, self.problems, self._zone = connection, list[Problem](), zone
        self._products, self._today = products, business_date(now, zone)
        self._stored = {
            row.loan_id: row
            for row in stored(connection, loans, loans.c.loan_id, (record.values["loan_id"] for record in records))
        }
        self.new: dict[str, Loan] = {}
        self._cards: list[tuple[str, str | None]] = []
        self.bad = set(bad)  # loan ids of the file that cannot be used: their payments are not blamed for it
        self._strangers = people.strangers(record.values["customer_id"] for record in records)
        for record in records:
            found = list(self._check(record))
            self.problems += found
            loan_id = record.values["loan_id"]
            if found or (loan_id not in self.new and loan_id not in self._stored):
                self.new.pop(loan_id, None)
                self.bad.add(loan_id)
        self._count = len(records)

    def look_up(self, loan_ids: Iterable[str]) -> None:
        """Fetch stored loans that `disbursed_on` will be asked for."""
        unknown = set(loan_ids) - self._stored.keys() - self.new.keys()
        self._stored |= {row.loan_id: row for row in stored(self._connection, loans, loans.c.loan_id, unknown)}

    def disbursed_on(self, loan_id: str) -> date | None:
        """The day it was paid out; None when there is no such loan in the file or the store."""
        if loan_id in self.new:
            return self.new[loan_id].terms.disbursed_on
        return self._stored[loan_id].disbursed_on if loan_id in self._stored else None

    def _check(self, record: Record) -> Iterator[Problem]:
        values = record.values
        if values["customer_id"] in self._strangers:
            yield record.problem("customer_id", f"there is no customer {values['customer_id']!r}")
        product = self._products.known.get(values["product_id"])
        if product is None and values["product_id"] not in self._products.bad:
            yield record.problem("product_id", f"there is no product {values['product_id']!r}")
        if values["disbursed_on"] > self._today:
            yield record.problem("disbursed_on", f"{values['disbursed_on']} lies in the future")
        terms = Terms(
            values["principal"],
            values["method"],
            values["periods"],
            values["disbursed_on"],
            values["first_due_on"],
            values.get("annual_rate"),
            values.get("flat_monthly_rate"),
            values["day_count"],
        )
        wanted, other = ("flat_monthly_rate", "annual_rate")[:: 1 if terms.method is Method.FLAT else -1]
        if getattr(terms, wanted) is None:
            yield record.problem(wanted, f"a loan of method {terms.method.value} needs it")
            return
        if getattr(terms, other) is not None:
            yield record.problem(other, f"a loan of method {terms.method.value} has none")
            return
        try:
            lines = plan(terms)
        except BadInput as error:
            yield record.problem("first_due_on" if "due" in str(error) else "periods", str(error))
            return
        if product is None:
            return
        day = terms.disbursed_on
        noon = datetime.combine(day, NOON, self._zone).astimezone(timezone.utc)
        entry = Entry(1, EntryKind.DISBURSE, day, noon, terms.principal, Component.PRINCIPAL)
        loan = Loan(
            values["loan_id"], values["customer_id"], product, terms, lines, (entry,), values.get("autopay_card")
        )
        yield from self._compare(record, loan)

    def _compare(self, record: Record, loan: Loan) -> Iterator[Problem]:
        before = self._stored.get(loan.loan_id)
        if before is None:
            self.new[loan.loan_id] = loan
            return
        stored_terms = rows.terms(before._mapping)
        for column in ("customer_id", "product_id"):
            if before._mapping[column] != record.values[column]:
                yield record.problem(column, f"{loan.loan_id} is stored with {before._mapping[column]!r}")
        for column in Terms.__dataclass_fields__:
            if getattr(stored_terms, column) != getattr(loan.terms, column):
                yield record.problem(column, f"{loan.loan_id} is stored with other terms")
        if "autopay_card" in record.values and before.autopay_card != loan.autopay_card:
            self._cards.append((loan.loan_id, loan.autopay_card))

    def write(self, _store: object, /) -> Counts:
        insert_loans(self._connection, self.new.values())
        for loan_id, card in self._cards:
            self._connection.execute(sa.update(loans).where(loans.c.loan_id == loan_id).values(autopay_card=card))
        return len(self.new), len(self._cards), self._count - len(self.new) - len(self._cards)
