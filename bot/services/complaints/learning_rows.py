"""What learning reads: complaints of a time as `Case`, and active loans by product. Cases that were merged are not counted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.complaints.reports import Case
from bot.store.complaint_schema import complaint_contacts, complaint_events, complaint_surveys, complaints
from bot.store.schema import instalments, loans

C = complaints.c
MERGED = "merged"


def cases(connection: Connection, since: datetime, until: datetime) -> list[Case]:
    """Received from `since` to before `until`, whoever they are about: figures name nobody but handlers."""
    within = sa.and_(C.received_at >= since, C.received_at < until, C.state != MERGED)
    chosen = sa.select(C.ref).where(within)
    contacts = _counts(connection, complaint_contacts.c.ref, sa.func.sum(complaint_contacts.c.times), chosen)
    disputes = _counts(
        connection, complaint_events.c.ref, sa.func.count(), chosen, complaint_events.c.kind == "dispute"
    )
    scores = {
        row.ref: row.score
        for row in connection.execute(
            sa.select(complaint_surveys.c.ref, complaint_surveys.c.score).where(
                complaint_surveys.c.ref.in_(chosen), complaint_surveys.c.score.is_not(None)
            )
        )
    }
    return [
        Case(
            ref=row.ref,
            l1=row.l1,
            l2=row.l2,
            urgency=row.urgency,
            product=row.product or "",
            channel=row.channel,
            handler=row.handler or "",
            received_at=row.received_at,
            target_by=row.target_by,
            contacted_at=row.contacted_at,
            decided_at=row.decided_at,
            paused_seconds=row.paused_seconds,
            state=row.state,
            step=row.l1,  # the step of the loan's life that failed is what it is about
            merit=row.merit or "",
            root_cause=row.root_cause or "",
            contacts=int(contacts.get(row.ref, 1)),
            reopened=row.reopened,
            disputed=row.ref in disputes,
            score=scores.get(row.ref),
        )
        for row in connection.execute(sa.select(complaints).where(within).order_by(C.received_at, C.ref))
    ]


def _counts(connection: Connection, key: Any, what: Any, chosen: Any, *more: Any) -> dict[str, int]:
    query = sa.select(key, what).where(key.in_(chosen), *more).group_by(key)
    return {ref: int(n) for ref, n in connection.execute(query)}


class Active:
    """Loans that run, by product, on any day: paid out, and the last day of their plan not past.

    One look at the table serves every week. What was settled early counts until its plan ends: the rate is a little low, the same
    in every week, so that no chart is moved by it.
    """

    def __init__(self, connection: Connection) -> None:
        last = (
            sa.select(instalments.c.loan_id, sa.func.max(instalments.c.due_on).label("ends"))
            .group_by(instalments.c.loan_id)
            .subquery()
        )
        query = sa.select(loans.c.product_id, loans.c.disbursed_on, last.c.ends).join(
            last, last.c.loan_id == loans.c.loan_id
        )
        self._rows: list[tuple[str, date, date]] = [(row[0], row[1], row[2]) for row in connection.execute(query)]

    def on(self, day: date) -> dict[str, int]:
        found: dict[str, int] = {}
        for product, begins, ends in self._rows:
            if begins <= day <= ends:
                found[product] = found.get(product, 0) + 1
        return found
