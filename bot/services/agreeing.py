"""From the disclosure to the end of an arrangement: shown, read, signed, in force, withdrawn; orders; what is declined.

What a turn writes is checked again in the transaction that stores the turn: if anything moved meanwhile (a payment, another
channel, a colleague), `Changed` has the turn run again on what is true now. So exactly one arrangement results, or none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.dialogue.turn import Turn
from bot.errors import BadInput, Changed
from bot.lending.arrangement import Drawn
from bot.lending.help_policy import HelpPolicy
from bot.lending.loan import Loan
from bot.lending.replay import version_in_force
from bot.services.arrangement_rows import (
    APPROVED,
    COMPLETED,
    DECLINED,
    DISCLOSED,
    IN_FORCE,
    OPEN,
    ORDERED,
    PREFIX,
    SIGNING,
    WITHDRAWN,
    Arrangement,
    T,
    back_in_force,
    change,
    come_into_force,
    decide,
    drawn_columns,
    end,
    lock,
)
from bot.store.arranging import locked, take_back
from bot.store.conversation_schema import messages, outbox
from bot.store.database import Database
from bot.store.help_schema import arrangement_papers, arrangements


class Agreeing:
    """The use cases of a borrower who has chosen. `policy` gives the help policy of a day."""

    def __init__(self, database: Database, policy: Callable[[date], HelpPolicy]) -> None:
        self._database = database
        self.policy = policy

    def disclose(self, turn: Turn, made: Arrangement, drawn: Drawn, loan: Loan, contents: Mapping[str, Any]) -> None:
        """Keep what is being shown, as shown, with its hash and moment; consent counts from here."""
        shown = json.dumps(contents, ensure_ascii=False, sort_keys=True)
        mark = hashlib.sha256(shown.encode()).hexdigest()
        values = {
            "status": DISCLOSED,
            **drawn_columns(drawn, loan, self.policy(turn.today)),
            "disclosed_at": turn.now,
            "disclosed_in": turn.turn_id,
            "disclosure_hash": mark,
            "consented_at": None,
            "code": None,
            "code_expires_at": None,
            "signed_at": None,
        }

        def write(connection: Connection) -> None:
            change(connection, made.ref, (DISCLOSED, SIGNING, APPROVED), **values)
            known = sa.and_(arrangement_papers.c.ref == made.ref, arrangement_papers.c.version == mark)
            if connection.execute(sa.select(arrangement_papers.c.ref).where(known)).first() is None:
                connection.execute(
                    arrangement_papers.insert().values(
                        ref=made.ref, version=mark, contents=dict(contents), language=turn.language, at=turn.now
                    )
                )

        turn.later(write)
        turn.decide("arrangement_disclosed", ref=made.ref, disclosure=mark[:12])

    def reading_left(self, made: Arrangement, accepted_at: datetime, on: date) -> timedelta:
        """How long the disclosure must still be read; counted from its delivery where that is known."""
        start = made.disclosed_at or accepted_at
        with self._database.read() as connection:
            delivered = connection.execute(
                sa.select(sa.func.min(outbox.c.delivered_at))
                .join(messages, messages.c.message_id == outbox.c.message_id)
                .where(messages.c.in_reply_to == made.disclosed_in)
            ).scalar()
        if delivered is not None:
            start = max(start, delivered)
        return max(timedelta(0), start + self.policy(on).reading - accepted_at)

    # -- agreeing

    def put_in_force(self, turn: Turn, made: Arrangement, drawn: Drawn) -> date:
        """Book the signed arrangement with the turn; gives the last day of withdrawal.

        Nothing is booked, and the turn runs again (`Changed`), when the ledger or the arrangement moved since it was read.
        """
        policy = self.policy(turn.today)
        until = turn.today + timedelta(days=policy.withdrawal_days)

        def write(connection: Connection) -> None:
            loan = lock(connection, made.loan_id, drawn.seq)
            row = connection.execute(sa.select(arrangements).where(T.ref == made.ref)).mappings().one()
            if row["status"] != SIGNING or row["signed_at"] is None or row["digest"] != drawn.digest:
                raise Changed
            come_into_force(connection, made.ref, loan, drawn, until, turn.now)
            decide(
                connection, made.ref, "borrower", "borrower", "signed", "code", row["figures"], policy.version, turn.now
            )

        turn.later(write)
        turn.decide("arrangement_in_force", ref=made.ref, wish=made.wish.kind.value)
        return until

    def place_order(self, turn: Turn, made: Arrangement, drawn: Drawn) -> None:
        """A signed order waits for its payment; the ledger changes when that is credited (`bot.store.orders`)."""

        def write(connection: Connection) -> None:
            lock(connection, made.loan_id, drawn.seq)
            row = connection.execute(sa.select(arrangements).where(T.ref == made.ref)).mappings().one()
            if row["signed_at"] is None or row["digest"] != drawn.digest:
                raise Changed
            change(connection, made.ref, (SIGNING,), status=ORDERED)
            version = self.policy(turn.today).version
            decide(connection, made.ref, "borrower", "borrower", "signed", "code", row["figures"], version, turn.now)

        turn.later(write)
        turn.decide("order_placed", ref=made.ref, wish=made.wish.kind.value)

    def withdraw(self, turn: Turn, made: Arrangement) -> None:
        """Take an arrangement back within its time, with the turn."""

        def write(connection: Connection) -> None:
            loan = locked(connection, made.loan_id)
            row = connection.execute(sa.select(arrangements).where(T.ref == made.ref)).mappings().one()
            if row["status"] != IN_FORCE or row["withdraw_until"] < turn.today:
                raise Changed
            if row["first_seq"] is not None:
                try:
                    take_back(connection, loan, row["first_seq"], turn.today, turn.now, made.ref)
                except BadInput as refused:
                    raise Changed from refused
            end(connection, made.ref, (IN_FORCE,), WITHDRAWN, turn.now, "withdrawn")
            back_in_force(connection, made.loan_id, version_in_force(locked(connection, made.loan_id).entries))
            decide(
                connection,
                made.ref,
                "borrower",
                "borrower",
                "withdrawn",
                "withdrawal",
                row["figures"],
                row["policy_version"],
                turn.now,
            )

        turn.later(write)
        turn.decide("arrangement_withdrawn", ref=made.ref)

    def may_withdraw(self, made: Arrangement, loan: Loan, today: date) -> str:
        """`yes`, or why not: `too_late`, `superseded`."""
        if made.status != IN_FORCE or made.withdraw_until is None or today > made.withdraw_until:
            return "too_late"
        later = [e for e in loan.entries if made.first_seq and e.seq > made.first_seq and e.note.startswith(PREFIX)]
        return "superseded" if any(entry.note != made.ref for entry in later) else "yes"

    def decline(self, turn: Turn, made: Arrangement) -> None:
        """The borrower does not want it."""

        def write(connection: Connection) -> None:
            end(connection, made.ref, (*OPEN, ORDERED), DECLINED, turn.now, "declined")

        turn.later(write)
        turn.decide("arrangement_declined", ref=made.ref)

    def close(self, turn: Turn, made: Arrangement) -> None:
        """Nothing is left to agree to: what it was about is done with the same turn."""

        def write(connection: Connection) -> None:
            end(connection, made.ref, OPEN, COMPLETED, turn.now, "done")

        turn.later(write)
