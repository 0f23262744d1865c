"""The port to the lender's payments: a refund is told to it once, and shown as "instructed", never as "paid".

A lender's own: an object with `instruct` that is safe to call inside the transaction (it queues; it never waits for a bank).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.engine import Connection

from bot.store.complaint_schema import payment_instructions

INSTRUCTED = "instructed"


@dataclass(frozen=True)
class Refund:
    """What is to be paid back to whom; `remedy_id` names it for ever."""

    remedy_id: str
    ref: str
    customer_id: str
    loan_id: str
    cents: int


class PaymentPort(Protocol):
    def instruct(self, connection: Connection, refund: Refund, now: datetime) -> str:
        """Take the instruction with the caller's transaction; gives its number. The same remedy twice is an IntegrityError."""


class RecordedPort:
    """The demo's port: the instruction is a row that a lender's payment system would take from there."""

    def instruct(self, connection: Connection, refund: Refund, now: datetime) -> str:
        instruction_id = uuid.uuid4().hex
        connection.execute(
            payment_instructions.insert().values(
                instruction_id=instruction_id, status=INSTRUCTED, at=now, **vars(refund)
            )
        )
        return instruction_id
