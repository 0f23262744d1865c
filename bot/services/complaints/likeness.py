"""Whether what comes in belongs to a case that is there: merging, reopening and kind limits, in one place.

Same person, same subject and loan, still open; or within the policy's days and alike in words; or the very same words again;
or too much at once from one person, which is all kept in the latest case. What was withdrawn is never opened again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.complaints.similarity import alike
from bot.lending.complaint_states import OPEN
from bot.services.complaints.basis import Basis
from bot.services.complaints.lodgement import Lodging, mark_of
from bot.services.complaints.rows import C, Row
from bot.store.complaint_schema import complaint_contacts, complaints

VAGUE = "OTHER"
THIN = 16  # characters: 「我要投诉」 says nothing that could be another matter
MOST = 8  # cases of one person that are compared
T = complaint_contacts.c


@dataclass(frozen=True)
class Found:
    """The case it belongs to, if any; `follows` is an old one that a new case is linked to."""

    case: Row | None = None
    likeness: float | None = None
    same_words: bool = False
    reopens: bool = False
    flooded: bool = False
    follows: str | None = None


def look(connection: Connection, basis: Basis, lodging: Lodging, l1: str, now: datetime) -> Found:
    """Compare with the latest cases of the same sender."""
    policy = basis.policy(now)
    cases = _of_sender(connection, lodging)
    if not cases:
        return Found()
    since = now - timedelta(days=policy.merge_days)
    open_now = [row for row in cases if row["state"] in {state.value for state in OPEN}]
    same = connection.execute(
        sa.select(T.ref).where(T.sender == lodging.sender, T.mark == mark_of(basis, lodging), T.at >= since)
    ).scalars()
    repeated = set(same) & {row["ref"] for row in open_now}
    if repeated:
        return Found(next(row for row in open_now if row["ref"] in repeated), 1.0, same_words=True)
    for row in open_now:
        if _same_matter(row, lodging, l1):
            return Found(row, alike(row["words"], lodging.words))
    measured = [(alike(row["words"], lodging.words), row) for row in cases if row["state"] != "withdrawn"]
    close = [(value, row) for value, row in measured if value >= policy.likeness]
    for value, row in close:
        if row in open_now and row["received_at"] >= since:
            return Found(row, value)
        if row["state"] == "closed" and row["closed_at"] >= now - timedelta(days=policy.reopen_days):
            return Found(row, value, reopens=True)
    recent = connection.execute(
        sa.select(sa.func.coalesce(sa.func.sum(T.times), 0)).where(
            T.sender == lodging.sender, T.at > now - policy.flood.within
        )
    ).scalar_one()
    if open_now and recent >= policy.flood.contacts:
        return Found(open_now[0], alike(open_now[0]["words"], lodging.words), flooded=True)
    return Found(follows=close[0][1]["ref"] if close else None)


def _of_sender(connection: Connection, lodging: Lodging) -> list[Row]:
    """Newest first; of a known customer whatever the channel, of anybody else by sender. A merged case counts as its master."""
    whose = C.customer_id == lodging.customer_id if lodging.customer_id else C.sender == lodging.sender
    query = (
        sa.select(complaints).where(whose, C.state != "merged").order_by(C.received_at.desc(), C.ref.desc()).limit(MOST)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _same_matter(row: Row, lodging: Lodging, l1: str) -> bool:
    """The same subject and, as far as both are known, the same loan; or one of the two says too little to differ."""
    loan = row["loan_id"] in (None, lodging.loan_id) or lodging.loan_id is None
    thin = (len(lodging.words) <= THIN and l1 == VAGUE) or (len(row["words"]) <= THIN and row["l1"] == VAGUE)
    subject = row["l1"] == l1 != VAGUE or thin
    return loan and subject and row["complainant"] in (lodging.complainant, "unknown", "borrower")
