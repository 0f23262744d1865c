"""Requests, complaints and handovers with a number, as an action records them. Later work replaces the inside.

The number is allocated at once, so that the reply can name it; the row is written with the turn. A turn
that is run again therefore leaves a gap in the numbers, never two rows.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.dialogue.turn import Turn
from bot.store.conversation_schema import request_notes, requests
from bot.store.counters import next_number
from bot.store.database import Database

OPEN = "open"
WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Request:
    """One recorded wish. `ref` is what the borrower is told; `by` the moment a person answers by (aware)."""

    ref: str
    kind: str
    by: datetime
    recorded_at: datetime
    status: str = OPEN


class Requests:
    """The records of a lender; one instance a process, made by `bot.app`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, turn: Turn, *, kind: str, prefix: str, by: datetime, words: str) -> Request:
        """Allocate a number now; store the record with the turn's replies.

        Args:
            prefix: SQ request, TS complaint, RG handover.
            by: when a person answers, aware.
            words: the borrower's own, redacted (`turn.understanding.text`).
        """
        with self._database.write() as connection:
            ref = next_number(connection, prefix, turn.today)
        return self.keep(turn, ref, kind=kind, by=by, words=words)

    def keep(self, turn: Turn, ref: str, *, kind: str, by: datetime, words: str) -> Request:
        """Store a record whose number is there already, with the turn's replies."""
        request = Request(ref, kind, by, turn.now)
        speaker = turn.speaker

        def write(connection: Connection) -> None:
            connection.execute(
                requests.insert().values(
                    ref=ref,
                    kind=kind,
                    customer_id=speaker.customer_id,
                    session_id=speaker.session_id,
                    conversation_id=turn.conversation_id,
                    channel=speaker.channel,
                    status=OPEN,
                    words=words,
                    answer_by=by,
                    recorded_at=turn.now,
                )
            )

        turn.later(write)
        turn.decide("request_recorded", ref=ref, request=kind, by=by.isoformat())
        return request

    def open_for(self, turn: Turn) -> tuple[Request, ...]:
        """Open records of the customer (proven), else of this session; newest first."""
        mine = _of(turn.speaker.customer_id, turn.speaker.session_id)
        query = (
            sa.select(requests)
            .where(mine, requests.c.status == OPEN)
            .order_by(requests.c.recorded_at.desc(), requests.c.ref.desc())
        )
        with self._database.read() as connection:
            return tuple(_request(row) for row in connection.execute(query))

    def add_note(self, turn: Turn, ref: str, text: str) -> None:
        """Add the borrower's words (redacted) to a record, with the turn."""
        row = {"note_id": uuid.uuid4().hex, "ref": ref, "text": text, "created_at": turn.now}
        turn.later(lambda connection: _run(connection, request_notes.insert().values(**row)))
        turn.decide("request_noted", ref=ref)

    def withdraw(self, turn: Turn, ref: str) -> None:
        """Close a record at the borrower's wish, with the turn."""
        change = requests.update().where(requests.c.ref == ref, requests.c.status == OPEN).values(status=WITHDRAWN)
        turn.later(lambda connection: _run(connection, change))
        turn.decide("request_withdrawn", ref=ref)


def link(connection: Connection, session_id: str, customer_id: str) -> None:
    """What a session recorded before it proved itself now belongs to the customer."""
    connection.execute(
        requests.update()
        .where(requests.c.session_id == session_id, requests.c.customer_id.is_(None))
        .values(customer_id=customer_id)
    )


def _of(customer_id: str | None, session_id: str) -> Any:
    if customer_id is not None:
        return requests.c.customer_id == customer_id
    return sa.and_(requests.c.session_id == session_id, requests.c.customer_id.is_(None))


def _run(connection: Connection, statement: Any) -> None:
    connection.execute(statement)


def _request(row: Any) -> Request:
    return Request(row.ref, row.kind, row.answer_by, row.recorded_at, row.status)
