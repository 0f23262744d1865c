"""What whoever complained can do with their own case: add, accept, dispute, withdraw, answer the survey. Nothing is taken back from
them by time alone, except what the policy's days say and the letter has told them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput, Conflict
from bot.lending.complaint_clock import end_of
from bot.lending.complaint_states import FINISHED, OPEN, State, Verb
from bot.services.complaints import handling
from bot.services.complaints.basis import Basis
from bot.services.complaints.rows import THE_BORROWER, C, Row, case, change, mine, move, new_id
from bot.services.complaints.timing import queue_clocks
from bot.store.complaint_schema import complaint_contacts, complaint_surveys, complaints

LATELY = timedelta(days=365)


class Borrower:
    """Every function works on a case that the caller has found to be the speaker's own (`of`, `named`)."""

    def __init__(self, basis: Basis) -> None:
        self.basis = basis

    def of(self, connection: Connection, customer_id: str | None, session_id: str | None, now: datetime) -> list[Row]:
        """Their cases: open ones first, then what ended within a year; newest first. A case that joined another is not repeated."""
        query = (
            sa.select(complaints)
            .where(mine(customer_id, session_id), C.state != State.MERGED.value, C.received_at >= now - LATELY)
            .order_by(C.received_at.desc(), C.ref.desc())
            .limit(20)
        )
        rows = [dict(row) for row in connection.execute(query).mappings()]
        return sorted(rows, key=lambda row: State(row["state"]) in FINISHED)

    def named(self, connection: Connection, ref: str, customer_id: str | None, session_id: str | None) -> Row | None:
        """The case of that number, if it is theirs; one that joined another leads to that. None says nothing about it."""
        found = (
            connection.execute(sa.select(complaints).where(C.ref == ref, mine(customer_id, session_id)))
            .mappings()
            .first()
        )
        if found is None:
            return None
        row = dict(found)
        return case(connection, row["merged_into"]) if row["merged_into"] else row

    def add(
        self, connection: Connection, row: Row, words: str, channel: str, now: datetime, message_id: str | None = None
    ) -> Row:
        """More facts. An answer to our question lets the case go on. Raises Conflict (`state`) for a finished case."""
        row = case(connection, row["ref"], lock=True)
        if State(row["state"]) in FINISHED:
            raise Conflict(f"{row['ref']} is {row['state']}", code="state")
        answers = row["state"] == State.AWAITING_CUSTOMER.value
        contact_id = new_id()
        connection.execute(
            complaint_contacts.insert().values(
                contact_id=contact_id,
                ref=row["ref"],
                first_ref=row["ref"],
                kind="answer" if answers else "added",
                channel=channel,
                sender=row["sender"],
                words=words,
                mark=self.basis.mark(row["sender"], "".join(words.split()).lower()),
                customer_id=row["customer_id"],
                session_id=row["session_id"],
                message_id=message_id,
                at=now,
            )
        )
        row = change(connection, row, "contact", THE_BORROWER, now, "", {"contact": contact_id})
        return move(connection, row, Verb.ANSWERED, THE_BORROWER, now) if answers else row

    def accept(self, connection: Connection, row: Row, now: datetime) -> Row:
        """Raises Conflict (`state`)."""
        return move(connection, case(connection, row["ref"], lock=True), Verb.ACCEPT, THE_BORROWER, now)

    def dispute(self, connection: Connection, row: Row, words: str, now: datetime) -> Row:
        """Ask for a review: once, within its time; somebody else looks, on a clock of its own.

        Raises:
            Conflict (`state`, `reviewed`, `too_late`).
        """
        row = case(connection, row["ref"], lock=True)
        if row["reviews"]:
            raise Conflict("the decision was reviewed already", code="reviewed")
        if row["review_until"] is not None and self.basis.today(now) > row["review_until"]:
            raise Conflict("the time to ask for a review is over", code="too_late")
        until = self.review_by(now)
        end = end_of(until, self.basis.zone)
        row = move(
            connection,
            row,
            Verb.DISPUTE,
            THE_BORROWER,
            now,
            words,
            clock=row["clock"] + 1,
            clock_from=now,
            target_by=end,
            told_by=end,
            legal_by=until,
            contain_by=None,
            paused_seconds=0,
            closed_at=None,
            resume_on=None,
            resume_told_at=None,
        )
        queue_clocks(connection, self.basis, row, now)
        return row

    def review_by(self, now: datetime) -> date:
        """By when a review that is asked for now is answered."""
        return self.basis.today(now) + timedelta(days=self.basis.policy(now).review_days)

    def withdraw(self, connection: Connection, row: Row, now: datetime) -> Row:
        """Raises Conflict (`state`)."""
        return handling.withdraw(connection, self.basis, case(connection, row["ref"], lock=True), now)

    # -- the survey

    def open_survey(self, connection: Connection, customer_id: str | None, session_id: str | None) -> Any:
        """The newest survey of theirs without an answer."""
        query = (
            sa.select(complaint_surveys)
            .join(complaints, C.ref == complaint_surveys.c.ref)
            .where(mine(customer_id, session_id), complaint_surveys.c.answered_at.is_(None))
            .order_by(complaint_surveys.c.asked_at.desc())
            .limit(1)
        )
        return connection.execute(query).mappings().first()

    def answer_survey(
        self, connection: Connection, ref: str, score: int, solved: bool | None, comment: str, now: datetime
    ) -> None:
        """One answer for each case. Raises BadInput (`score`), Conflict (`answered`)."""
        if score not in range(1, 6):
            raise BadInput("a score is 1 to 5", code="score")
        done = connection.execute(
            complaint_surveys.update()
            .where(complaint_surveys.c.ref == ref, complaint_surveys.c.answered_at.is_(None))
            .values(score=score, solved=solved, comment=comment[:2000] or None, answered_at=now)
        )
        if done.rowcount != 1:
            raise Conflict("the survey was answered already", code="answered")


def working(rows: Sequence[Row]) -> list[Row]:
    """Those that are open."""
    return [row for row in rows if State(row["state"]) in OPEN]
