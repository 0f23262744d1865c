"""What a supervisor sees of today: queues, load, reasons, first response, resolution, surveys. Each figure by its definition.

Definitions (requirements, section 6), also shown on the page by key:
  waiting        handovers with nobody yet
  longest        the longest present wait, seconds
  first_response the first word of a person less the moment of joining; seconds; mean, p50, p90 (linear interpolation);
                 never answered counts up to now
  resolution     closed as resolved / closed today; fewer than 30: said to be few
  survey         mean of 1-5 over the three questions, with the number of answers
  breaches       waiting longer than the first response asked for by policy, and answers owed for longer than its response
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from statistics import fmean
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.services.desk import handover_rows as ho
from bot.services.desk.basis import Basis
from bot.store.conversation_schema import messages
from bot.store.desk_schema import handovers, presence, staff, surveys

T = handovers.c
FEW = 30


class Overview:
    def __init__(self, basis: Basis) -> None:
        self._basis = basis

    def of(self, connection: Connection, now: datetime) -> dict[str, Any]:
        policy = self._basis.policy(now)
        since = self._basis.midnight(now)
        present = list(connection.execute(sa.select(handovers).where(T.status.in_(ho.OPEN))).mappings())
        today = list(connection.execute(sa.select(handovers).where(T.queued_at >= since)).mappings())
        waiting = [one for one in present if one["status"] == "waiting"]
        owed = _unanswered(connection, [one for one in present if one["status"] == "assigned"])
        return {
            "at": now.isoformat(),
            "queues": [self._of_queue(name, waiting, now) for name in policy.queues],
            "breaches": {
                "first_response": sum(now - one["queued_at"] > policy.first_response for one in waiting),
                "response": sum(now - at > policy.response for at in owed.values()),
                "dormant": [key for key, at in owed.items() if now - at > policy.dormant],
            },
            "agents": self._agents(connection, present, now),
            "reasons": Counter(one["reason"] for one in today).most_common(),
            "first_response": first_response(today, now),
            "resolution": resolution(connection, since),
            "survey": survey(connection, since),
            "targets": {
                "first_response": policy.first_response.total_seconds(),
                "response": policy.response.total_seconds(),
            },
        }

    def _of_queue(self, name: str, waiting: list[Any], now: datetime) -> dict[str, Any]:
        mine = [one for one in waiting if one["queue"] == name]
        longest = max(((now - one["queued_at"]).total_seconds() for one in mine), default=0.0)
        return {"queue": name, "waiting": len(mine), "longest": longest}

    def _agents(self, connection: Connection, present: list[Any], now: datetime) -> list[dict[str, Any]]:
        held = Counter(one["agent"] for one in present if one["status"] == "assigned")
        query = (
            sa.select(staff.c.staff_id, staff.c.name, staff.c.capacity, presence.c.status, presence.c.seen_at)
            .outerjoin(presence, presence.c.staff_id == staff.c.staff_id)
            .where(staff.c.active, staff.c.role.in_(ho.SERVING))
            .order_by(staff.c.staff_id)
        )
        since = self._basis.there_since(now)
        return [
            {
                "staff_id": one.staff_id,
                "name": one.name,
                "status": one.status if one.seen_at is not None and one.seen_at >= since else "offline",
                "open": held[one.staff_id],
                "capacity": one.capacity or self._basis.policy(now).capacity,
            }
            for one in connection.execute(query)
        ]


def _unanswered(connection: Connection, assigned: list[Any]) -> dict[str, datetime]:
    """Conversations in which the borrower spoke last, with when the oldest unanswered message came."""
    found: dict[str, datetime] = {}
    for one in assigned:
        mine = messages.c.conversation_id == one["conversation_id"]
        answered = (
            sa.select(sa.func.coalesce(sa.func.max(messages.c.seq), 0))
            .where(mine, messages.c.sender == "agent")
            .scalar_subquery()
        )
        oldest = connection.execute(
            sa.select(sa.func.min(messages.c.at)).where(
                mine, messages.c.sender == "borrower", messages.c.seq > answered, messages.c.at >= one["queued_at"]
            )
        ).scalar()
        if oldest is not None:
            found[one["conversation_id"]] = oldest
    return found


def first_response(today: list[Any], now: datetime) -> dict[str, Any]:
    """Seconds from joining to the first word of a person; who still waits counts up to now, who left does not."""
    waits = sorted(
        ((one["first_reply_at"] or now) - one["queued_at"]).total_seconds()
        for one in today
        if one["first_reply_at"] is not None or one["status"] in ho.OPEN
    )
    if not waits:
        return {"n": 0}
    return {"n": len(waits), "mean": fmean(waits), "p50": percentile(waits, 0.5), "p90": percentile(waits, 0.9)}


def resolution(connection: Connection, since: datetime) -> dict[str, Any]:
    """Closed as resolved over all closed since then; merged ones are no cases of their own."""
    query = sa.select(T.outcome).where(T.closed_at >= since, T.status == "closed", T.outcome != "merged")
    outcomes = Counter(connection.execute(query).scalars())
    closed = sum(outcomes.values())
    rate = outcomes["resolved"] / closed if closed else None
    return {"n": closed, "resolved": outcomes["resolved"], "rate": rate, "few": closed < FEW}


def survey(connection: Connection, since: datetime) -> dict[str, Any]:
    """Means of the answers since then, one a question, and how many of those asked answered."""
    S = surveys.c
    query = sa.select(S.timeliness, S.convenience, S.competence).where(S.answered_at >= since)
    answers = [tuple(one) for one in connection.execute(query)]
    asked = connection.execute(sa.select(sa.func.count()).select_from(surveys).where(S.asked_at >= since)).scalar()
    if not answers:
        return {"n": 0, "asked": asked}
    means = [fmean(one[index] for one in answers) for index in range(3)]
    return {"n": len(answers), "asked": asked, "means": means, "mean": fmean(means)}


def percentile(ordered: list[float], share: float) -> float:
    """Linear interpolation between the closest ranks of ascending values."""
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)
