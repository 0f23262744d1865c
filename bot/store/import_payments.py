"""The importer's payments: booked the way all payments are, loan by loan."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.store.clock import business_date
from bot.store.import_csv import Problem, Record
from bot.store.import_loans import LoansPart
from bot.store.import_lookup import BATCH, Counts, stored
from bot.store.loading import load_loans
from bot.store.loans import SqlLoanStore
from bot.store.schema import loans, payments


class PaymentsPart:
    def __init__(
        self, connection: Connection, records: list[Record], lent: LoansPart, now: datetime, zone: ZoneInfo
    ) -> None:
        self._connection, self._lent, self._now, self._zone = connection, lent, now, zone
        self._stored = {
            row.payment_id: row
            for row in stored(
                connection, payments, payments.c.payment_id, (record.values["payment_id"] for record in records)
            )
        }
        lent.look_up(record.values["loan_id"] for record in records)
        self._new: dict[str, list[tuple[str, int, datetime]]] = {}
        self.problems: list[Problem] = []
        for record in records:
            problem = self._check(record)
            if problem is not None:
                self.problems.append(problem)
        self._count = len(records)

    def _check(self, record: Record) -> Problem | None:
        key, loan_id, cents, at = (record.values[name] for name in ("payment_id", "loan_id", "amount", "paid_at"))
        before = self._stored.get(key)
        if before is not None:
            if (before.loan_id, before.cents, before.at) == (loan_id, cents, at):
                return None
            return record.problem("payment_id", f"{key!r} is stored with another loan, amount or time")
        lent_on = self._lent.disbursed_on(loan_id)
        if lent_on is None:
            if loan_id in self._lent.bad:
                return None
            return record.problem("loan_id", f"there is no loan {loan_id!r}")
        if at > self._now:
            return record.problem("paid_at", "lies in the future")
        if business_date(at, self._zone) < lent_on:
            return record.problem("paid_at", f"lies before the loan was paid out ({lent_on})")
        self._new.setdefault(loan_id, []).append((key, cents, at))
        return None

    def write(self, store: SqlLoanStore, /) -> Counts:
        ids = sorted(self._new)
        for start in range(0, len(ids), BATCH):
            batch = loans.c.loan_id.in_(ids[start : start + BATCH])
            if self._connection.dialect.name != "sqlite":
                self._connection.execute(
                    sa.select(loans.c.loan_id).where(batch).order_by(loans.c.loan_id).with_for_update()
                )
            for loan in load_loans(self._connection, batch):
                store.append(self._connection, loan, self._new[loan.loan_id], self._now)
        new = sum(map(len, self._new.values()))
        return new, 0, self._count - new
