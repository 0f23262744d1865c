"""Arrangements up to the borrower's choice: what is known of the need, what was told, what is filed. Then `agreeing`.

An offer is kept as its wish and drawn up again whenever it matters; a single other figure makes it another offer. What a turn
writes is checked again in the transaction that stores the turn: if anything moved meanwhile (a payment, another channel, a
colleague), `Changed` has the turn run again on what is true now. So exactly one arrangement results, or none.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.dialogue.turn import Turn
from bot.lending.arrangement import Drawn, draw_up
from bot.lending.authority import needed
from bot.lending.caps import Caps
from bot.lending.help_policy import HelpPolicy, Role
from bot.lending.intake import Answers, Assessment, assess
from bot.lending.loan import Loan
from bot.lending.position import position
from bot.lending.wishes import Wish
from bot.services.arrangement_rows import (
    DISCLOSED,
    LIVE,
    PENDING,
    PREFIX,
    Arrangement,
    T,
    arrangement,
    case_file,
    decide,
    drawn_columns,
    end_open,
    lock,
    promises_of,
    used,
)
from bot.store.counters import next_number
from bot.store.database import Database
from bot.store.help_schema import arrangements, intakes


class Arrangements:
    """The use cases of a borrower. `help_policy` and `caps` give the policy of a day."""

    def __init__(
        self,
        database: Database,
        help_policy: Callable[[date], HelpPolicy],
        caps: Callable[[date], Caps],
    ) -> None:
        self._database = database
        self.policy = help_policy
        self._caps = caps

    # -- looking

    def of_customer(self, customer_id: str, statuses: tuple[str, ...] = LIVE) -> tuple[Arrangement, ...]:
        """Newest first."""
        query = (
            sa.select(arrangements)
            .where(T.customer_id == customer_id, T.status.in_(statuses))
            .order_by(T.made_at.desc(), T.ref.desc())
        )
        with self._database.read() as connection:
            return tuple(arrangement(row) for row in connection.execute(query).mappings())

    def find(self, ref: str, customer_id: str) -> Arrangement | None:
        """One of the customer's own."""
        query = sa.select(arrangements).where(T.ref == ref, T.customer_id == customer_id)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
        return arrangement(row) if row is not None else None

    def answers(self, customer_id: str, now: datetime) -> Answers:
        """What the customer has told about the difficulty, on any channel; figures of long ago count no more."""
        since = now - self.policy(now.date()).answers_live
        query = sa.select(intakes.c.answers).where(intakes.c.customer_id == customer_id, intakes.c.updated_at >= since)
        with self._database.read() as connection:
            stored = connection.execute(query).scalar()
        return Answers.from_json(stored or {})

    def keep_answers(self, turn: Turn, answers: Answers) -> None:
        """Keep them with the turn; `Answers()` forgets."""
        customer_id, now = turn.speaker.customer_id, turn.now

        def write(connection: Connection) -> None:
            mine = intakes.c.customer_id == customer_id
            values = {"answers": answers.as_json(), "updated_at": now}
            if connection.execute(intakes.update().where(mine).values(**values)).rowcount == 0:
                connection.execute(intakes.insert().values(customer_id=customer_id, **values))

        turn.later(write)

    def assess(self, loan: Loan, loans: tuple[Loan, ...], answers: Answers, on: date) -> Assessment:
        """Tier, situation and budget of a borrower for one loan."""
        policy = self.policy(on)
        with self._database.read() as connection:
            before = used(connection, loan.loan_id)
            open_now, broken = promises_of(connection, loan, policy, on)
        positions = [position(one, on) for one in loans]
        return assess(loan, positions, answers, before, (open_now, broken), policy, on)

    def draw(self, loan: Loan, wish: Wish, on: date) -> Drawn:
        """Raises BadInput as `draw_up` does."""
        return draw_up(loan, wish, on, self._caps(on).plan_instalments)

    def most(self, on: date) -> int:
        """Instalments a plan may have."""
        return self._caps(on).plan_instalments

    # -- offering

    def file(
        self,
        turn: Turn,
        loan: Loan,
        drawn: Drawn,
        assessment: Assessment,
        answers: Answers,
        answer_by: datetime,
    ) -> Arrangement:
        """Keep the borrower's choice: with whoever must agree, or (authority of the bot) ready to be disclosed.

        What else was open for the loan and not agreed to ends: one choice at a time.
        """
        with self._database.write() as connection:
            ref = next_number(connection, PREFIX, turn.today)
        policy = self.policy(turn.today)
        role = needed(drawn.wish, loan, assessment.ground.standing, policy, turn.today)
        status = DISCLOSED if role is Role.BOT else PENDING
        row = {
            "ref": ref,
            "customer_id": loan.customer_id,
            "loan_id": loan.loan_id,
            "conversation_id": turn.conversation_id,
            "channel": turn.speaker.channel,
            "kind": drawn.wish.kind.value,
            "wish": drawn.wish.as_json(),
            "status": status,
            "authority": role.value,
            **drawn_columns(drawn, loan, policy),
            "file": case_file(assessment, answers, policy),
            "answer_by": answer_by if status == PENDING else None,
            "made_at": turn.now,
        }

        def write(connection: Connection) -> None:
            lock(connection, loan.loan_id, drawn.seq)
            end_open(connection, loan.loan_id, turn.now, "superseded")
            connection.execute(arrangements.insert().values(**row))
            decide(
                connection, ref, "borrower", "borrower", "chosen", "choice", row["figures"], policy.version, turn.now
            )

        turn.later(write)
        turn.decide("arrangement_filed", ref=ref, wish=drawn.wish.kind.value, authority=role.value)
        return arrangement({**dict.fromkeys(arrangements.c.keys()), **row})
