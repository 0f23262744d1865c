"""Contact for collection waits while a complaint is open and its review period runs, and begins again only after a word.

Asked by `bot.services.contact`. A case that was withdrawn in writing pauses until the next day; a merged one counts as its master.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.services.complaints.basis import Basis
from bot.services.complaints.rows import OPEN_STATES, C
from bot.store import jobs

RESUME = "complaint_resume"
TOLD_AT = time(10, 0)


def is_paused(connection: Connection, customer_id: str, today: date) -> bool:
    """Whether a complaint of the customer holds collection back today."""
    held = sa.or_(
        C.state.in_(OPEN_STATES),
        sa.and_(
            C.state.in_(("closed", "withdrawn")),
            sa.or_(C.resume_on > today, sa.and_(C.resume_on.is_not(None), C.resume_told_at.is_(None))),
        ),
    )
    query = sa.select(C.ref).where(C.customer_id == customer_id, held).limit(1)
    return connection.execute(query).first() is not None


def after_closing(connection: Connection, basis: Basis, row: dict[str, Any], now: datetime) -> date:
    """The day from which contact may begin again, with the job that says so the day before."""
    today = basis.today(now)
    review = row["review_until"] or today
    resume = max(review + timedelta(days=1), today + timedelta(days=2))
    told = datetime.combine(resume - timedelta(days=1), TOLD_AT, basis.zone)
    jobs.put(connection, RESUME, f"{row['ref']} {resume}", told, {"ref": row["ref"], "on": resume.isoformat()})
    return resume


def after_withdrawal(basis: Basis, now: datetime) -> date:
    """Tomorrow: the answer to the withdrawal says so, today."""
    return basis.today(now) + timedelta(days=1)
