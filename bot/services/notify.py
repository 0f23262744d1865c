"""Messages that leave the conversation: login codes by SMS, alerts to a supervisor. A port and its queue.

Queued as rows in the transaction of the turn that causes them, so none is lost and none invented. In the
demo they are read at `GET /demo/outbox`; a lender's gateway takes them from the same table.
"""

from __future__ import annotations

import secrets
import time
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.dialogue.turn import Turn
from bot.store.conversation_schema import notifications
from bot.store.database import Database

ERASED = "●" * 6
CODE = "code"
ALERT = "alert"
NOBODY = "supervisor"  # the recipient of alerts where SUPERVISOR_CONTACT is not set; read in the demo's outbox


class Notifier:
    """The queue. `supervisor` is the address of alerts; empty: they are kept and shown as undeliverable."""

    def __init__(self, database: Database, supervisor: str, speech: Any) -> None:
        self._database = database
        self._supervisor = supervisor
        self._speech = speech

    def alert_supervisor(self, turn: Turn, *, kind: str, ref: str) -> None:
        """Tell a supervisor, with the turn, that a person is needed. No personal data: number and kind only.

        Args:
            kind: `hand_over` or `self_harm`; the words are the response `utter_alert_<kind>`.
        """
        words = self._speech.say(f"utter_alert_{kind}", "zh-Hans", {"ref": ref, "code": turn.conversation_id}).text
        recipient = self._supervisor or NOBODY
        turn.later(lambda connection: self.queue(connection, ALERT, recipient, words, turn.now))
        turn.decide("supervisor_alerted", ref=ref, alert=kind, deliverable=bool(self._supervisor))

    def alert(self, connection: Connection, kind: str, ref: str, conversation_id: str, now: datetime) -> None:
        """The same outside a turn, in the caller's transaction; the words are `utter_alert_<kind>`."""
        words = self._speech.say(f"utter_alert_{kind}", "zh-Hans", {"ref": ref, "code": conversation_id}).text
        self.queue(connection, ALERT, self._supervisor or NOBODY, words, now)

    def queue(
        self,
        connection: Connection,
        kind: str,
        recipient: str,
        text: str,
        now: datetime,
        erase_at: datetime | None = None,
    ) -> None:
        """Add one to the queue of the running transaction; `erase_at`: when a secret in it must be gone."""
        connection.execute(
            notifications.insert().values(
                notification_id=f"{time.time_ns():020d}{secrets.token_hex(6)}",  # in the order of their making
                kind=kind,
                recipient=recipient,
                text=text,
                created_at=now,
                erase_at=erase_at,
            )
        )

    def sent_to(self, recipient: str) -> list[dict[str, str]]:
        """What was queued for an address, oldest first (the demo's phone)."""
        query = (
            sa.select(notifications)
            .where(notifications.c.recipient == recipient)
            .order_by(notifications.c.created_at, notifications.c.notification_id)
        )
        with self._database.read() as connection:
            return [
                {"to": row.recipient, "text": row.text, "created_at": row.created_at.isoformat()}
                for row in connection.execute(query)
            ]

    def has_spent(self, connection: Connection, now: datetime) -> bool:
        """Whether `erase_spent` has anything to do."""
        return (
            connection.execute(
                sa.select(notifications.c.notification_id).where(notifications.c.erase_at <= now).limit(1)
            ).first()
            is not None
        )

    def erase_spent(self, connection: Connection, now: datetime) -> None:
        """Overwrite codes that no longer open anything."""
        connection.execute(
            notifications.update()
            .where(notifications.c.erase_at <= now, notifications.c.text != ERASED)
            .values(text=ERASED, erase_at=None)
        )
