"""Orders to settle or prepay: agreed and signed, carried out when the payment is credited on their one day."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput
from bot.lending.arrangement import draw_up
from bot.lending.loan import Loan
from bot.lending.wishes import Wish
from bot.store import jobs
from bot.store.arranging import put_in_force
from bot.store.help_schema import arrangements
from bot.store.loading import one_loan

ORDERED, DONE = "ordered", "completed"
MOST = 600  # instalments; an order makes no more than there are
T = arrangements.c


def carry_out(connection: Connection, loan: Loan, cents: int, on: date, now: datetime) -> Loan:
    """The locked loan after an order that `cents`, credited on `on`, pays in full; as it is when there is none.

    An order whose figures are not those agreed to (another payment came first) is left alone: the payment is applied to the
    schedule as any other, and the night tells the borrower that the order lapsed.
    """
    row = (
        connection.execute(
            sa.select(arrangements).where(T.loan_id == loan.loan_id, T.status == ORDERED, T.drawn_on == on)
        )
        .mappings()
        .first()
    )
    if row is None:
        return loan
    try:
        drawn = draw_up(loan, Wish.from_json(row["wish"]), on, MOST)
    except BadInput:
        return loan
    if drawn.digest != row["digest"] or cents < drawn.asks[0][1]:
        return loan
    first, version = put_in_force(connection, loan, drawn, now, row["ref"])
    connection.execute(
        arrangements.update()
        .where(T.ref == row["ref"])
        .values(
            status=DONE,
            in_force_on=on,
            first_seq=first,
            plan_version=version,
            ended_at=now,
            end_reason="paid",
        )
    )
    facts = {"customer_id": row["customer_id"], "response": "utter_help_order_done", "values": {"ref": row["ref"]}}
    jobs.put(connection, "notice", f"order {row['ref']}", now, facts)
    return one_loan(connection, loan.loan_id)
