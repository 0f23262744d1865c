"""The journal: immutable rows of what happened, from which service is measured later. No personal data."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from bot.store.conversation_schema import events

BORROWER, BOT, SYSTEM = "borrower", "bot", "system"
_ADD = events.insert()


@dataclass(frozen=True)
class Event:
    """One fact. `facts` holds ids, counts, names of our own things and times; never words of a person."""

    kind: str
    actor: str
    facts: dict[str, Any] = field(default_factory=dict)
    intent: str | None = None


@dataclass(frozen=True)
class Origin:
    """Where and when a group of events happened."""

    at: datetime
    conversation_id: str | None = None
    session_id: str | None = None
    channel: str | None = None
    turn_id: str | None = None
    model_id: str | None = None
    policy_version: str | None = None
    received_at: datetime | None = None


def record(connection: Connection, origin: Origin, happened: Iterable[Event]) -> None:
    """Append; the database refuses to change or delete them."""
    rows = [
        {
            "event_id": uuid.uuid4().hex,
            "kind": one.kind,
            "actor": one.actor,
            "facts": one.facts,
            "intent": one.intent,
            "conversation_id": origin.conversation_id,
            "session_id": origin.session_id,
            "channel": origin.channel,
            "turn_id": origin.turn_id,
            "model_id": origin.model_id,
            "policy_version": origin.policy_version,
            "received_at": origin.received_at,
            "at": origin.at,
        }
        for one in happened
    ]
    if rows:
        connection.execute(_ADD, rows)
