"""What a borrower has said about being contacted. Asked later by every outbound contact; written with the turn.

An anonymous session's wish is kept under the session and moves to the customer when the session is proven.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.dialogue.turn import Speaker, Turn
from bot.store.conversation_schema import contact_preferences as table
from bot.store.database import Database


@dataclass(frozen=True)
class Contact:
    """Since when no contact to collect is wanted, or None; since when collection is paused, and by which record."""

    stopped_at: datetime | None = None
    paused_at: datetime | None = None
    reason: str | None = None


class Preferences:
    """One instance a process, made by `bot.app`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def stop_contact(self, turn: Turn) -> None:
        """No calls or messages to collect from now on."""
        turn.later(lambda connection: _set(connection, _subject(turn.speaker), turn.now, contact_stopped_at=turn.now))
        turn.decide("contact_stopped")

    def pause_collection(self, turn: Turn, *, reason: str) -> None:
        """Collection waits until the record `reason` is decided."""
        turn.later(
            lambda connection: _set(
                connection, _subject(turn.speaker), turn.now, collection_paused_at=turn.now, pause_reason=reason
            )
        )
        turn.decide("collection_paused", ref=reason)

    def contact(self, customer_id: str) -> Contact:
        """What holds for a customer."""
        with self._database.read() as connection:
            row = _row(connection, f"customer:{customer_id}")
        if row is None:
            return Contact()
        return Contact(row["contact_stopped_at"], row["collection_paused_at"], row["pause_reason"])


def link(connection: Connection, session_id: str, customer_id: str, now: datetime) -> None:
    """What a session wished before it proved itself now holds for the customer."""
    row = _row(connection, f"session:{session_id}")
    if row is None:
        return
    wishes = {key: row[key] for key in ("contact_stopped_at", "collection_paused_at", "pause_reason") if row[key]}
    _set(connection, f"customer:{customer_id}", now, **wishes)
    connection.execute(table.delete().where(table.c.subject == row["subject"]))


def _subject(speaker: Speaker) -> str:
    return f"customer:{speaker.customer_id}" if speaker.customer_id else f"session:{speaker.session_id}"


def _row(connection: Connection, subject: str) -> Any:
    return connection.execute(sa.select(table).where(table.c.subject == subject)).mappings().first()


def _set(connection: Connection, subject: str, now: datetime, **values: Any) -> None:
    changed = connection.execute(table.update().where(table.c.subject == subject).values(updated_at=now, **values))
    if changed.rowcount == 0:
        connection.execute(table.insert().values(subject=subject, updated_at=now, **values))
