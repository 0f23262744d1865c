"""The checks of every night: promises judged, arrangements completed or broken, offers lapsed, accrued penalty booked.

What the ledger books here is "total to date less what is booked already", so no figure depends on whether a night ran.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.lending.allocation import not_booked
from bot.lending.loan import Entry, EntryKind, Loan, Status
from bot.lending.position import position
from bot.lending.promises import BROKEN, OPEN, PARTIAL, judge
from bot.lending.replay import replay
from bot.services import arrangement_rows as states
from bot.services.promises import promise
from bot.store import jobs
from bot.store.arranging import add_entries, locked
from bot.store.clock import business_date
from bot.store.help_schema import arrangements, promises
from bot.store.loading import load_loans
from bot.store.schema import instalments, ledger, loans, payments

FOLLOW_UP, NOTICE = "promise_follow_up", "notice"
FOLLOW_UP_AT = time(9, 30)
BROKEN_AFTER = 30  # days past due under an arrangement, before it counts as broken; the borrower is asked first
ASKED_AFTER = 3
A = arrangements.c


@dataclass
class Done:
    """Counts of one night, for the job's record."""

    promises: int = 0
    completed: int = 0
    asked: int = 0
    broken: int = 0
    lapsed: int = 0
    accrued: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{name} {count}" for name, count in vars(self).items() if count) or "nothing to do"


def run(services: Any, connection: Connection, today: date, now: datetime) -> Done:
    """All checks in the caller's transaction, except the accrual, which goes in small batches."""
    done = Done()
    judge_promises(services, connection, today, now, done)
    check_arrangements(services, connection, today, now, done)
    lapse_offers(connection, today, now, done)
    return done


def judge_promises(services: Any, connection: Connection, today: date, now: datetime, done: Done) -> None:
    """Open promises: kept, partial or broken by what was credited between the promise and its day (with its grace)."""
    zone = services.settings.timezone
    rules = services.arrangements.policy(today).promises
    for row in connection.execute(sa.select(promises).where(promises.c.status == OPEN)).mappings().all():
        made = promise(row)
        credited = [
            (business_date(at, zone), cents)
            for at, cents in connection.execute(
                sa.select(payments.c.at, payments.c.cents).where(
                    payments.c.loan_id == made.loan_id, payments.c.at >= made.made_at
                )
            )
        ]
        status, paid = judge(made.cents, made.by_day, credited, today, rules)
        if status == OPEN and paid == made.paid_cents:
            continue
        ended = None if status == OPEN else now
        connection.execute(
            promises.update()
            .where(promises.c.ref == made.ref, promises.c.status == OPEN)
            .values(status=status, paid_cents=paid, ended_at=ended)
        )
        if status == OPEN:
            continue
        done.promises += 1
        if status in (BROKEN, PARTIAL):
            day = next_working_day(today)
            jobs.put(
                connection,
                FOLLOW_UP,
                made.ref,
                datetime.combine(day, FOLLOW_UP_AT, zone),
                {"ref": made.ref},
            )
        else:
            _tell(connection, made.customer_id, "utter_promise_kept", now, made.ref, {"ref": made.ref})


def next_working_day(today: date) -> date:
    """The next Monday to Friday; public holidays are not known here and a kind question on one does no harm."""
    day = today if today.weekday() < 5 else today + timedelta(days=7 - today.weekday())
    return day


def check_arrangements(services: Any, connection: Connection, today: date, now: datetime, done: Done) -> None:
    """Arrangements in force: completed with their loan, asked about when late, broken when late for long."""
    for row in connection.execute(sa.select(arrangements).where(A.status == states.IN_FORCE)).mappings().all():
        loan = load_loans(connection, loans.c.loan_id == row["loan_id"])[0]
        standing = position(loan, today)
        if standing.status is Status.SETTLED:
            _end(connection, row["ref"], states.COMPLETED, now, "settled")
            done.completed += 1
        elif standing.days_overdue > BROKEN_AFTER:
            _end(connection, row["ref"], states.BROKEN, now, f"{standing.days_overdue} days past due")
            _tell(connection, row["customer_id"], "utter_help_broken", now, f"{row['ref']} broken", {"ref": row["ref"]})
            done.broken += 1
        elif standing.days_overdue >= ASKED_AFTER and standing.overdue_since is not None:
            key = f"{row['ref']} {standing.overdue_since}"
            if _tell(connection, row["customer_id"], "utter_help_late", now, key, {"ref": row["ref"]}):
                done.asked += 1


def lapse_offers(connection: Connection, today: date, now: datetime, done: Done) -> None:
    """Offers disclosed and not signed, and orders not paid, count on their own day only; an approved one may be shown again."""
    unpaid = sa.select(A.ref, A.customer_id).where(A.status == states.ORDERED, A.drawn_on < today)
    for row in connection.execute(unpaid).all():
        connection.execute(
            arrangements.update()
            .where(A.ref == row.ref, A.status == states.ORDERED)
            .values(status=states.LAPSED, ended_at=now, end_reason="not paid on its day")
        )
        _tell(connection, row.customer_id, "utter_help_order_lapsed", now, row.ref, {"ref": row.ref})
        done.lapsed += 1
    lapsed = connection.execute(
        arrangements.update()
        .where(A.status.in_((states.DISCLOSED, states.SIGNING)), A.drawn_on < today)
        .values(status=states.LAPSED, ended_at=now, end_reason="not signed on its day")
    )
    done.lapsed += lapsed.rowcount


def accrue(connection: Connection, loan: Loan, today: date, now: datetime) -> bool:
    """Book penalty and compound interest that have accrued and are not booked; whether there was any."""
    state = replay(loan, today)
    missing = list(not_booked(loan, state, today))
    if not missing:
        return False
    seq = loan.last_seq
    made = tuple(
        Entry(seq + number, EntryKind.CHARGE, today, now, cents, component, instalment, note="accrued")
        for number, (component, instalment, cents) in enumerate(missing, start=1)
    )
    add_entries(connection, loan, made)
    return True


def accrue_loans(connection: Connection, loan_ids: Iterable[str], today: date, now: datetime) -> int:
    """Accrue these loans; gives how many had something to book."""
    found = load_loans(connection, loans.c.loan_id.in_(list(loan_ids)))
    return sum(accrue(connection, _for_writing(connection, loan), today, now) for loan in found)


def _for_writing(connection: Connection, loan: Loan) -> Loan:
    """On PostgreSQL the loan read again under its lock; on SQLite we are the one writer."""
    return loan if connection.dialect.name == "sqlite" else locked(connection, loan.loan_id)


def overdue_loans(connection: Connection, today: date) -> list[str]:
    """Loans where less principal and interest was applied than was planned to be due before `today`, found by sums.

    Loans with several plan versions are always looked at: their sums do not compare so simply.
    """
    planned = (
        sa.select(instalments.c.loan_id, sa.func.sum(instalments.c.principal + instalments.c.interest).label("planned"))
        .where(instalments.c.due_on < today, instalments.c.plan_version == 1)
        .group_by(instalments.c.loan_id)
        .subquery()
    )
    applied = (
        sa.select(ledger.c.loan_id, sa.func.sum(-ledger.c.cents).label("applied"))
        .where(
            ledger.c.kind.in_((EntryKind.PAY.value, EntryKind.REVERSE.value, EntryKind.HOLD.value)),
            sa.or_(ledger.c.component.in_(("principal", "interest")), ledger.c.component.is_(None)),
        )
        .group_by(ledger.c.loan_id)
        .subquery()
    )
    short = (
        sa.select(planned.c.loan_id)
        .outerjoin(applied, applied.c.loan_id == planned.c.loan_id)
        .where(planned.c.planned > sa.func.coalesce(applied.c.applied, 0))
    )
    replanned = sa.select(instalments.c.loan_id).where(instalments.c.plan_version > 1).distinct()
    return sorted({*connection.execute(short).scalars(), *connection.execute(replanned).scalars()})


def _end(connection: Connection, ref: str, status: str, now: datetime, why: str) -> None:
    connection.execute(
        arrangements.update()
        .where(A.ref == ref, A.status == states.IN_FORCE)
        .values(status=status, ended_at=now, end_reason=why)
    )


def _tell(
    connection: Connection, customer_id: str, response: str, now: datetime, key: str, values: dict[str, Any]
) -> bool:
    """Queue a notice in the borrower's conversation; False when it was queued before."""
    facts = {"customer_id": customer_id, "response": response, "values": values}
    return jobs.put(connection, NOTICE, f"{response} {key}", now, facts)
