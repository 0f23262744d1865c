"""What is known of a borrower when a complaint is read; nothing is asked that is known."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from bot.services.complaints.basis import Basis


def facts_of(basis: Basis, connection: Connection, customer_id: str | None, loan_id: str | None, now: datetime) -> None:
    return None
