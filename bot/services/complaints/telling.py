"""What whoever complained is told, outside their own turn: in their conversation, or by a neutral text message with a link.

Queued as jobs with the transaction that causes them and said by the worker: `due.tell`. An answer to a complaint is a reply to
what somebody began, so it is allowed at any hour; it names number, state and next step, and no debt.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from bot.services.complaints.basis import Basis
from bot.store import jobs

TELL = "complaint_tell"
DECISION = "utter_complaint_decision"


def tell(
    connection: Connection, basis: Basis, row: Mapping[str, Any], response: str, now: datetime, **values: Any
) -> None:
    """Queue a word to whoever complained: once for each version of the case."""
    facts = {"ref": row["ref"], "response": response, "values": values}
    jobs.put(connection, TELL, f"{row['ref']} {row['version']} {response}", now, facts)


def decision(
    connection: Connection, basis: Basis, row: Mapping[str, Any], letter: Mapping[str, Any], now: datetime
) -> None:
    """The decision, with the letter behind a proof of identity, and the choices."""
    tell(connection, basis, row, DECISION, now, letter_id=letter["letter_id"])
