"""Promises to pay, kept with the turn; whether they were kept is judged by the nightly check (`bot.services.nightly`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.dialogue.turn import Turn
from bot.errors import BadInput, Changed
from bot.lending.loan import Loan
from bot.lending.promises import CANCELLED, OPEN, SUPERSEDED
from bot.lending.wishes import Wish
from bot.store import jobs
from bot.store.clock import business_date
from bot.store.counters import next_number
from bot.store.database import Database
from bot.store.help_schema import promises

PREFIX = "CN"
REMINDER = "promise_reminder"
REMIND_AT = time(10)
T = promises.c


@dataclass(frozen=True)
class Promise:
    """One row; cents."""

    ref: str
    customer_id: str
    loan_id: str
    conversation_id: str
    cents: int
    by_day: date
    status: str
    paid_cents: int
    made_at: datetime


class Promises:
    """The use cases of a borrower. `zone` is the lender's: reminders go out at its ten o'clock."""

    def __init__(self, database: Database, zone: ZoneInfo) -> None:
        self._database = database
        self._zone = zone

    def open_of(self, loan_id: str) -> Promise | None:
        """The one open promise of a loan."""
        with self._database.read() as connection:
            row = connection.execute(
                sa.select(promises).where(T.loan_id == loan_id, T.status == OPEN).order_by(T.made_at.desc())
            ).mappings()
            first = row.first()
        return promise(first) if first is not None else None

    def of_customer(self, customer_id: str) -> tuple[Promise, ...]:
        """Open ones, newest first."""
        query = sa.select(promises).where(T.customer_id == customer_id, T.status == OPEN).order_by(T.made_at.desc())
        with self._database.read() as connection:
            return tuple(promise(row) for row in connection.execute(query).mappings())

    def make(self, turn: Turn, loan: Loan, wish: Wish, replaces: Promise | None) -> str:
        """Keep a promise and its reminders (the day before and the day itself); the open one it replaces is superseded.

        Two made at the same moment: the second turn runs again (`Changed`) and sees the first.
        """
        assert wish.on is not None
        by = wish.on
        with self._database.write() as connection:
            ref = next_number(connection, PREFIX, turn.today)
        row = {
            "ref": ref,
            "customer_id": loan.customer_id,
            "loan_id": loan.loan_id,
            "conversation_id": turn.conversation_id,
            "channel": turn.speaker.channel,
            "cents": wish.cents,
            "by_day": by,
            "status": OPEN,
            "paid_cents": 0,
            "made_at": turn.now,
        }

        def write(connection: Connection) -> None:
            from bot.store.arranging import locked  # here: a lock, nothing else of it

            locked(connection, loan.loan_id)
            mine = sa.and_(T.loan_id == loan.loan_id, T.status == OPEN)
            present = connection.execute(sa.select(T.ref).where(mine)).scalars().all()
            if list(present) != ([replaces.ref] if replaces is not None else []):
                raise Changed
            self._keep(connection, row, turn.now)

        turn.later(write)
        turn.decide("promise_made", ref=ref)
        return ref

    def record(
        self,
        connection: Connection,
        loan: Loan,
        cents: int,
        by: date,
        conversation_id: str,
        channel: str,
        now: datetime,
    ) -> str:
        """A promise that a borrower made to a colleague; it takes the place of the open one. The loan is locked already.

        Raises:
            BadInput: `cents`, `by_day` (not after today, or more than a year away).
        """
        today = business_date(now, self._zone)
        if cents <= 0 or cents > loan.terms.principal * 2:
            raise BadInput("a promise is of a positive amount that the loan can take", code="cents")
        if not today <= by <= today + timedelta(days=366):
            raise BadInput("the day lies between today and a year from now", code="by_day")
        ref = next_number(connection, PREFIX, today)
        row = {
            "ref": ref,
            "customer_id": loan.customer_id,
            "loan_id": loan.loan_id,
            "conversation_id": conversation_id,
            "channel": channel,
            "cents": cents,
            "by_day": by,
            "status": OPEN,
            "paid_cents": 0,
            "made_at": now,
        }
        self._keep(connection, row, now)
        return ref

    def _keep(self, connection: Connection, row: Mapping[str, Any], now: datetime) -> None:
        """The row in place of the open one, and its reminders (the day before and the day itself)."""
        mine = sa.and_(T.loan_id == row["loan_id"], T.status == OPEN)
        connection.execute(promises.update().where(mine).values(status=SUPERSEDED, ended_at=now))
        connection.execute(promises.insert().values(**row))
        for day in (row["by_day"] - timedelta(days=1), row["by_day"]):
            due = datetime.combine(day, REMIND_AT, self._zone)
            if due > now:
                jobs.put(connection, REMINDER, f"{row['ref']} {day}", due, {"ref": row["ref"]})

    def cancel(self, turn: Turn, ref: str) -> None:
        """Taken back by the borrower, with the turn."""
        change = promises.update().where(T.ref == ref, T.status == OPEN).values(status=CANCELLED, ended_at=turn.now)
        turn.later(lambda connection: _run(connection, change))
        turn.decide("promise_cancelled", ref=ref)


def promise(row: Mapping[str, Any]) -> Promise:
    return Promise(**{name: row[name] for name in Promise.__dataclass_fields__})


def _run(connection: Connection, statement: Any) -> None:
    connection.execute(statement)
