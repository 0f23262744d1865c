"""Due work that must happen once, over any number of workers and restarts: a table with a lease.

A job is taken by setting its lease in one statement; whoever holds it does the work and marks it done in the same
transaction as the work itself. A worker that dies lets the lease run out, and another takes the job again.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from bot.store.help_schema import jobs

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 8
T = jobs.c


@dataclass(frozen=True)
class Job:
    """One piece of due work. `key` names it for ever: the same thing is never queued twice."""

    job_id: str
    kind: str
    key: str
    due_at: datetime
    facts: Mapping[str, Any]
    attempts: int


def put(connection: Connection, kind: str, key: str, due_at: datetime, facts: Mapping[str, Any]) -> bool:
    """Queue a job; False when its key is known already."""
    row = {
        "job_id": uuid.uuid4().hex,
        "kind": kind,
        "key": f"{kind} {key}",
        "due_at": due_at,
        "facts": dict(facts),
        "attempts": 0,
    }
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    done = connection.execute(insert(jobs).values(**row).on_conflict_do_nothing(index_elements=["key"]))
    return bool(done.rowcount)


def due(connection: Connection, now: datetime, wall: datetime, most: int = 20) -> list[str]:
    """Ids of jobs that are due and in nobody's hands, oldest first. Due times are business time, leases real time."""
    query = (
        sa.select(T.job_id)
        .where(T.done_at.is_(None), T.due_at <= now, T.attempts < MOST_ATTEMPTS, _free(wall))
        .order_by(T.due_at, T.job_id)
        .limit(most)
    )
    return list(connection.execute(query).scalars())


def lease(connection: Connection, job_id: str, wall: datetime) -> Job | None:
    """Take a job; None when somebody else did."""
    taken = connection.execute(
        jobs.update()
        .where(T.job_id == job_id, T.done_at.is_(None), _free(wall))
        .values(leased_until=wall + LEASE, attempts=T.attempts + 1)
    )
    if taken.rowcount != 1:
        return None
    row = connection.execute(sa.select(jobs).where(T.job_id == job_id)).mappings().one()
    return Job(row["job_id"], row["kind"], row["key"], row["due_at"], row["facts"], row["attempts"])


def finish(connection: Connection, job: Job, now: datetime, outcome: str) -> bool:
    """Mark done, in the transaction of the work; False when the lease was lost and somebody else finished it."""
    done = connection.execute(
        jobs.update()
        .where(T.job_id == job.job_id, T.done_at.is_(None), T.attempts == job.attempts)
        .values(done_at=now, leased_until=None, outcome=outcome[:80])
    )
    return done.rowcount == 1


def due_now(connection: Connection, kind: str, customer_id: str, now: datetime) -> None:
    """Whatever of this kind waits for a customer is due at once."""
    waiting = connection.execute(
        sa.select(T.job_id, T.facts).where(T.kind == kind, T.done_at.is_(None), T.due_at > now)
    )
    mine = [one.job_id for one in waiting if one.facts.get("customer_id") == customer_id]
    if mine:
        connection.execute(jobs.update().where(T.job_id.in_(mine), T.done_at.is_(None)).values(due_at=now))


def postpone(connection: Connection, job: Job, until: datetime) -> None:
    """Due again later; the attempt does not count."""
    connection.execute(
        jobs.update()
        .where(T.job_id == job.job_id, T.attempts == job.attempts)
        .values(due_at=until, leased_until=None, attempts=job.attempts - 1)
    )


def _free(wall: datetime) -> Any:
    return sa.or_(T.leased_until.is_(None), T.leased_until < wall)
