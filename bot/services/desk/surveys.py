"""The survey after a handover: timeliness, convenience, competence, one to five each. One answer for each handover."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.nlu.normalise import normalise
from bot.store.desk_schema import surveys

DIMENSIONS = ("timeliness", "convenience", "competence")
S = surveys.c
_SCORES = re.compile(r"[^\d]{0,12}([1-5])[^\d.]{0,4}([1-5])[^\d.]{0,4}([1-5])[^\d]{0,2}")


def read_scores(text: str) -> dict[str, int] | None:
    """Three numbers from one to five, as the card or a borrower writes them: 「评价 5 4 5」, "5,4,5", 「545」."""
    found = _SCORES.fullmatch(normalise(text).strip())
    return dict(zip(DIMENSIONS, map(int, found.groups()), strict=True)) if found else None


def ask(connection: Connection, handover: Any, agent: str, now: datetime) -> None:
    connection.execute(
        surveys.insert().values(
            ref=handover["ref"],
            conversation_id=handover["conversation_id"],
            customer_id=handover["customer_id"],
            agent=agent,
            asked_at=now,
        )
    )


def asked_before(connection: Connection, ref: str) -> bool:
    return connection.execute(sa.select(S.ref).where(S.ref == ref)).first() is not None


def open_survey(connection: Connection, conversation_id: str, since: datetime) -> Any:
    """The newest survey of a conversation, if it was asked since then and has no answer yet."""
    query = (
        sa.select(surveys)
        .where(S.conversation_id == conversation_id, S.asked_at >= since)
        .order_by(S.asked_at.desc())
        .limit(1)
    )
    found = connection.execute(query).mappings().first()
    return None if found is None or found["answered_at"] is not None else found


def answer(connection: Connection, ref: str, scores: dict[str, int], now: datetime) -> None:
    connection.execute(surveys.update().where(S.ref == ref, S.answered_at.is_(None)).values(answered_at=now, **scores))
