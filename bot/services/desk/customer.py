"""The customer panel: everything that is held about a customer, in one look; personal numbers masked until revealed.

Amounts are cents, dates ISO; the page writes them out. Every figure comes from the engine and names the ledger entry it
stands on. Opening a panel and revealing a datum are rows of the access log, made by the route.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput
from bot.lending.loan import Loan, Status
from bot.lending.masking import mask_id, mask_name, mask_phone
from bot.lending.position import position
from bot.store.conversation_schema import channel_sessions, contact_preferences, requests
from bot.store.desk_schema import callbacks, handovers, interactions, surveys
from bot.store.help_schema import arrangements, contact_denials, promises

REVEALABLE = ("name", "phone", "id_number")
MOST = 50


class Panel:
    """`loans` is the loan store."""

    def __init__(self, loans: Any) -> None:
        self._loans = loans

    def of(self, connection: Connection, customer_id: str, today: date) -> dict[str, Any]:
        """Raises NotFound."""
        customer = self._loans.customer(customer_id)
        return {
            "customer_id": customer_id,
            "name": mask_name(customer.name),
            "phone": mask_phone(customer.phone) if customer.phone else None,
            "id_number": mask_id(customer.id_number),
            "loans": [self._loan(loan, today) for loan in self._loans.loans(customer_id)],
            "arrangements": _rows(connection, arrangements, "customer_id", customer_id, "made_at", ARRANGEMENT),
            "promises": _rows(connection, promises, "customer_id", customer_id, "made_at", PROMISE),
            "requests": _rows(connection, requests, "customer_id", customer_id, "recorded_at", REQUEST),
            "handovers": _rows(connection, handovers, "customer_id", customer_id, "queued_at", HANDOVER),
            "callbacks": _rows(connection, callbacks, "customer_id", customer_id, "from_at", CALLBACK),
            "interactions": _rows(connection, interactions, "customer_id", customer_id, "at", INTERACTION),
            "surveys": _rows(connection, surveys, "customer_id", customer_id, "asked_at", SURVEY),
            "denials": _rows(connection, contact_denials, "customer_id", customer_id, "at", ("type", "reason", "at")),
            "channels": _channels(connection, customer_id),
            "consents": _consents(connection, customer_id),
        }

    def reveal(self, customer_id: str, datum: str) -> str:
        """A personal datum in full. Raises NotFound, BadInput (`datum`)."""
        if datum not in REVEALABLE:
            raise BadInput(f"one of {', '.join(REVEALABLE)} can be revealed", code="datum")
        return str(getattr(self._loans.customer(customer_id), datum) or "")

    def _loan(self, loan: Loan, today: date) -> dict[str, Any]:
        now = position(loan, today)
        paid = self._loans.payments(loan.loan_id)[:MOST]
        return {
            "loan_id": loan.loan_id,
            "product": loan.product.name,
            "principal": loan.terms.principal,
            "method": loan.terms.method.value,
            "status": now.status.value,
            "settled": now.status is Status.SETTLED,
            "principal_left": now.principal,
            "overdue": asdict(now.overdue) | {"total": now.overdue.total},
            "days_overdue": now.days_overdue,
            "penalty_per_day": now.penalty_per_day,
            "due": [now.due.due_on.isoformat(), now.due.owed.total] if now.due else None,
            "held": now.unapplied,
            "ledger": loan.last_seq,
            "autopay_card": loan.autopay_card,
            "schedule": [[one.number, one.due_on.isoformat(), one.owed.total, one.is_paid] for one in now.instalments],
            "payments": [[one.at.isoformat(), one.cents] for one in paid],
        }


ARRANGEMENT = (
    "ref",
    "loan_id",
    "kind",
    "status",
    "authority",
    "wish",
    "figures",
    "made_at",
    "in_force_on",
    "end_reason",
)
PROMISE = ("ref", "loan_id", "cents", "by_day", "status", "paid_cents", "made_at")
REQUEST = ("ref", "kind", "status", "words", "answer_by", "recorded_at")
HANDOVER = ("ref", "reason", "queue", "status", "agent", "topic", "outcome", "summary", "queued_at", "closed_at")
CALLBACK = ("callback_id", "ref", "from_at", "until_at", "status", "attempt", "outcome")
INTERACTION = ("channel", "direction", "outcome", "note", "staff_id", "at")
SURVEY = ("ref", "timeliness", "convenience", "competence", "asked_at")


def _rows(
    connection: Connection, table: sa.Table, key: str, value: str, newest: str, columns: tuple[str, ...]
) -> list[dict[str, Any]]:
    query = sa.select(table).where(table.c[key] == value).order_by(table.c[newest].desc()).limit(MOST)
    return [{name: plain(one[name]) for name in columns} for one in connection.execute(query).mappings()]


def _channels(connection: Connection, customer_id: str) -> list[dict[str, Any]]:
    query = (
        sa.select(channel_sessions.c.channel, channel_sessions.c.level, channel_sessions.c.active_at)
        .where(channel_sessions.c.customer_id == customer_id)
        .order_by(channel_sessions.c.active_at.desc())
        .limit(MOST)
    )
    return [{str(key): plain(value) for key, value in one.items()} for one in connection.execute(query).mappings()]


def _consents(connection: Connection, customer_id: str) -> dict[str, Any]:
    query = sa.select(contact_preferences).where(contact_preferences.c.subject == f"customer:{customer_id}")
    row = connection.execute(query).mappings().first()
    if row is None:
        return {}
    return {key: plain(row[key]) for key in ("contact_stopped_at", "collection_paused_at", "pause_reason")}


def plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
