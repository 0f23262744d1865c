"""Alerts to a supervisor: number, level and what about; no personal data, no words of the complaint."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from bot.services.complaints.basis import Basis


def urgent(connection: Connection, basis: Basis, row: dict[str, Any], now: datetime) -> None:
    """P0 and P1: now, with the transaction that brings the case."""
    send(connection, basis, f"complaint_{row['urgency'].lower()}", row, now)


def send(connection: Connection, basis: Basis, kind: str, row: dict[str, Any], now: datetime) -> None:
    """`kind` names the words: `utter_alert_<kind>` with the number, and the subject as code."""
    basis.notifier.alert(connection, kind, row["ref"], row["l1"], now)
