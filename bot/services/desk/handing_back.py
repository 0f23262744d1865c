"""What happens when a colleague has finished: what was agreed is said, held notices go out, old questions are forgotten."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.dialogue import format as fmt
from bot.dialogue.lexicon import word
from bot.services.desk import handover_rows as ho
from bot.services.desk import surveys
from bot.store import jobs
from bot.store.conversation_schema import conversations
from bot.store.help_schema import arrangements, promises


def agreed_since(connection: Connection, handover: ho.Row, language: str) -> str:
    """What was agreed while a person had the conversation, in words; empty when nothing was."""
    customer_id, since = handover["customer_id"], handover["assigned_at"] or handover["queued_at"]
    if customer_id is None:
        return ""
    found = []
    made = sa.select(promises.c.cents, promises.c.by_day, promises.c.ref).where(
        promises.c.customer_id == customer_id, promises.c.made_at >= since, promises.c.status == "open"
    )
    for one in connection.execute(made):
        values = {"cents": fmt.yuan(one.cents), "by_day": fmt.day(one.by_day, language), "ref": one.ref}
        found.append(word("agreed_promise", language, **values))
    offered = sa.select(arrangements.c.ref, arrangements.c.status).where(
        arrangements.c.customer_id == customer_id,
        sa.or_(arrangements.c.made_at >= since, arrangements.c.signed_at >= since),
        arrangements.c.status.in_(("approved", "in_force", "ordered")),
    )
    for one in connection.execute(offered):
        found.append(word(f"agreed_{one.status}", language, ref=one.ref))
    return word("list_comma", language).join(found)


def release_notices(connection: Connection, customer_id: str | None, now: datetime) -> None:
    """What the engine held back while a person spoke is due now."""
    if customer_id is not None:
        jobs.due_now(connection, "notice", customer_id, now)


def forget_question(connection: Connection, conversation: Any) -> None:
    """An open question of the bot is not asked again after a person has been there; what else it knows stays."""
    memory = dict(conversation.memory or {})
    slots = dict(memory.get("slots") or {})
    for name in ("asked", "task", "task_data", "fallbacks", "repeats", "also", "mood"):
        slots.pop(name, None)
    if memory:
        connection.execute(
            conversations.update()
            .where(conversations.c.conversation_id == conversation.conversation_id)
            .values(memory={**memory, "slots": slots}, version=conversations.c.version + 1)
        )


def survey_card(language: str) -> dict[str, Any]:
    """The three questions for pages that draw cards; others read them in the words."""
    return {
        "kind": "survey",
        "title": word("survey_title", language),
        "questions": [word(f"survey_{one}", language) for one in surveys.DIMENSIONS],
        "scale": [word("survey_low", language), word("survey_high", language)],
        "button": word("survey_send", language),
        "say": word("survey_say", language),
    }
