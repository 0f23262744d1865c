"""Reports of complaints: a period in figures, and one period against the one before it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.engine import Connection

from bot.complaints import reports
from bot.errors import BadInput
from bot.services.complaints.basis import Basis
from bot.services.complaints.learning_rows import Active, cases

LONGEST = 366  # days


def figures(connection: Connection, basis: Basis, since: date, until: date, now: datetime) -> dict[str, Any]:
    """Complaints received from `since` to `until`, both included. Raises BadInput (`period`)."""
    first, end = _bounds(basis, since, until)
    active = Active(connection).on(until)
    told = reports.report(cases(connection, first, end), now, active)
    return {"since": since.isoformat(), "until": until.isoformat(), "active_loans": sum(active.values()), **told}


def compared(connection: Connection, basis: Basis, since: date, until: date, now: datetime) -> dict[str, Any]:
    """The period against as many days just before it. Raises BadInput (`period`)."""
    first, end = _bounds(basis, since, until)
    days = (until - since).days + 1
    earlier, _ = _bounds(basis, since - timedelta(days=days), since - timedelta(days=1))
    active = Active(connection)
    sizes = [max(1, sum(active.on(day).values())) for day in (since - timedelta(days=1), until)]
    found = reports.compare(cases(connection, earlier, first), cases(connection, first, end), (sizes[0], sizes[1]))
    return {"since": since.isoformat(), "until": until.isoformat(), "days": days, **found}


def _bounds(basis: Basis, since: date, until: date) -> tuple[datetime, datetime]:
    if not timedelta(0) <= until - since < timedelta(days=LONGEST):
        raise BadInput(f"a period is from one day to {LONGEST} days", code="period")
    return (
        datetime.combine(since, time(), basis.zone),
        datetime.combine(until + timedelta(days=1), time(), basis.zone),
    )
