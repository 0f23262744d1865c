"""Classifications: the model's and people's, all kept; the newest one by a person counts."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.engine import Connection

from bot import complaints as learning
from bot.complaints.classify import Reading
from bot.errors import BadInput
from bot.lending.complaint_policy import Level
from bot.lending.complaint_states import FINISHED, State, Verb
from bot.services.complaints import alerts
from bot.services.complaints.basis import Basis
from bot.services.complaints.rows import Row, Who, change, move, new_id
from bot.services.complaints.timing import queue_clocks
from bot.store.complaint_schema import complaint_readings

TAXONOMY = Path(learning.__file__).parent / "taxonomy.yml"


@lru_cache(maxsize=1)
def taxonomy() -> dict[str, Any]:
    """L1 -> {zh, en, l2: {code: …}}, as the learning part keeps it."""
    found: dict[str, Any] = yaml.safe_load(TAXONOMY.read_text(encoding="utf-8"))
    return found


def keep_reading(
    connection: Connection, ref: str, contact_id: str | None, by: str, reading: Reading, now: datetime
) -> None:
    connection.execute(
        complaint_readings.insert().values(
            reading_id=new_id(),
            ref=ref,
            contact_id=contact_id,
            by=by,
            l1=reading.l1,
            l2=reading.l2,
            urgency=str(reading.urgency),
            confidence=reading.confidence,
            why=list(reading.why),
            flags=list(reading.flags),
            at=now,
        )
    )


def correct(
    connection: Connection, basis: Basis, row: Row, who: Who, l1: str, l2: str, urgency: str, reason: str, now: datetime
) -> Row:
    """A person's classification; the clocks are counted anew from the receipt, and what was told is never made later.

    Raises:
        BadInput (`l1`, `l2`, `urgency`).
    """
    subjects = codes()
    if l1 not in subjects:
        raise BadInput(f"l1 must be one of {', '.join(subjects)}", code="l1")
    if l2 not in subjects[l1]:
        raise BadInput(f"l2 of {l1} must be one of {', '.join(subjects[l1])}", code="l2")
    if urgency not in {level.value for level in Level}:
        raise BadInput("urgency is P0, P1, P2 or P3", code="urgency")
    connection.execute(
        complaint_readings.insert().values(
            reading_id=new_id(),
            ref=row["ref"],
            by=who.actor,
            l1=l1,
            l2=l2,
            urgency=urgency,
            confidence=None,
            why=[reason] if reason else [],
            flags=list(row["flags"]),
            at=now,
        )
    )
    clocks = basis.deadlines(urgency, row["clock_from"], row["legal_days"], now)
    more_urgent = urgency < row["urgency"]
    made = change(
        connection,
        row,
        "classify",
        who,
        now,
        reason,
        {"from": [row["l1"], row["l2"], row["urgency"]], "to": [l1, l2, urgency]},
        l1=l1,
        l2=l2,
        urgency=urgency,
        confidence=None,
        clock=row["clock"] + 1,
        contact_by=clocks.contact_by,
        contain_by=clocks.contain_by,
        target_by=clocks.target_by,
        told_by=min(clocks.told_by, row["told_by"]),
    )
    if made["state"] == State.ACKNOWLEDGED.value:
        made = move(connection, made, Verb.TRIAGE, who, now)
    if State(made["state"]) not in FINISHED:
        queue_clocks(connection, basis, made, now)
    if more_urgent and basis.policy(now).levels[Level(urgency)].alert:
        alerts.urgent(connection, basis, made, now)
    return made


def codes() -> dict[str, tuple[str, ...]]:
    """L1 -> its L2 codes."""
    return {l1: tuple(one["l2"]) for l1, one in taxonomy().items()}
