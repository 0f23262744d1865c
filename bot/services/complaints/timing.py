"""The clocks of a case as jobs: warnings, a first contact that is missing, containment, the legal limit.

A job names the clock (`clock`) that it was queued for: once the times are counted anew, the old ones end without a word.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection

from bot.lending.complaint_clock import end_of, lengthened, moment_of, used_percent
from bot.services.complaints.basis import Basis
from bot.store import jobs

WARNING, CONTACT, CONTAIN, LEGAL = "complaint_warning", "complaint_contact", "complaint_contain", "complaint_legal"
LEGAL_AT = (80, 100)
LIST = dict[str, Any]


def queue_clocks(connection: Connection, basis: Basis, row: LIST, now: datetime) -> None:
    """Queue what is due for the case's present times; the same clock is never queued twice."""
    start, ref, clock = row["clock_from"], row["ref"], row["clock"]
    facts = {"ref": ref, "clock": clock}
    for percent in basis.policy(now).warn_at:
        due = moment_of(percent, start, row["target_by"])
        jobs.put(connection, WARNING, f"{ref} {clock} {percent}", due, {**facts, "percent": percent})
    if row["contacted_at"] is None:
        jobs.put(connection, CONTACT, f"{ref} {clock}", row["contact_by"], facts)
    if row["contain_by"] is not None:
        jobs.put(connection, CONTAIN, f"{ref} {clock}", row["contain_by"], facts)
    for percent in LEGAL_AT:
        due = moment_of(percent, start, end_of(row["legal_by"], basis.zone))
        jobs.put(connection, LEGAL, f"{ref} {clock} {percent}", due, {**facts, "percent": percent})


def after_pause(basis: Basis, row: LIST, now: datetime) -> LIST:
    """The columns of a case whose pause ends now: the level's times by the pause, the legal limit by whole days of it."""
    if row["paused_at"] is None:
        return {}
    pause = now - row["paused_at"]
    return {
        "paused_at": None,
        "paused_seconds": row["paused_seconds"] + int(pause.total_seconds()),
        "target_by": row["target_by"] + pause,
        "legal_by": lengthened(row["legal_by"], pause),
        "told_by": row["told_by"] + timedelta(days=pause.days),
        "clock": row["clock"] + 1,
    }


def used(row: LIST, now: datetime) -> int:
    """Percent of the level's target; a pause that runs does not count."""
    at = min(now, row["paused_at"]) if row["paused_at"] is not None else now
    return used_percent(row["clock_from"], row["target_by"], at, timedelta(seconds=row["paused_seconds"]))
