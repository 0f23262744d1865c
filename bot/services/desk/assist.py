"""Suggested replies: what the bot itself would answer, and how similar cases ended; each with its reason. Nothing is written.

The bot's answer is taken only when its turn would change nothing: a reply that says "recorded" would be untrue here.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.dialogue.readings import label, offered
from bot.dialogue.turn import Speaker, Turn
from bot.names import Intent
from bot.services import logs
from bot.services.desk import ownership
from bot.store import conversation_rows as rows
from bot.store.clock import business_date
from bot.store.conversation_schema import messages

SURE = 0.5  # of a reading, before the bot's answer to it is suggested
SIMILAR = 0.2  # of an answer of the knowledge base, before it is suggested unasked
SECONDS = 5.0
# Wishes whose answer only reads: everything else would record, ask or offer something.
READING = frozenset(
    {
        Intent.QUERY_BALANCE,
        Intent.QUERY_DUE,
        Intent.QUERY_BILL_DETAIL,
        Intent.QUERY_SCHEDULE,
        Intent.QUERY_PAYMENT_HISTORY,
        Intent.QUERY_LOAN_INFO,
        Intent.QUERY_RATE_FEE,
        Intent.QUERY_LIMIT,
        Intent.HOW_TO_REPAY,
        Intent.MINIMUM_PAYMENT,
        Intent.OVERDUE_STATUS,
        Intent.OVERDUE_CONSEQUENCE,
        Intent.CREDIT_REPORT,
        Intent.EARLY_REPAYMENT_FEE,
        Intent.MONEY_GUIDANCE,
        Intent.VERIFY_CONTACT,
    }
)


class Assist:
    """`services` as of the conversation service: brain, database, knowledge."""

    def __init__(self, services: Any) -> None:
        self._services = services

    async def suggest(self, conversation_id: str, now: datetime, desk_language: str) -> list[dict[str, Any]]:
        """Replies to the borrower's last message: `text`, `why` (source and name)."""
        services = self._services

        def read(connection: Connection) -> tuple[Any, Any, Any]:
            conversation = rows.conversation(connection, conversation_id)
            session_id = ownership.spoke_last(connection, conversation_id)
            session = rows.session_by_id(connection, session_id) if session_id else None
            last = (
                sa.select(messages.c.text)
                .where(messages.c.conversation_id == conversation_id, messages.c.sender == "borrower")
                .order_by(messages.c.seq.desc())
                .limit(1)
            )
            return conversation, session, connection.execute(last).scalar()

        conversation, session, text = await asyncio.to_thread(self._read, read)
        if session is None or not text:
            return []
        found = []
        own = await self._own(conversation, session, text, now)
        if own is not None:
            intent, said = own
            name = label(intent, desk_language) if offered(intent) else intent
            found.append({"text": said, "why": {"source": "bot", "name": name}})
        similar = await asyncio.to_thread(self._read, lambda c: services.desk.knowledge.search(c, text, 2))
        found += [
            {"text": one["text"], "why": {"source": one["kind"], "name": one["title"]}}
            for one in similar
            if one["score"] >= SIMILAR
        ]
        return found

    def _read(self, job: Any) -> Any:
        with self._services.database.read() as connection:
            return job(connection)

    async def _own(self, conversation: Any, session: Any, text: str, now: datetime) -> tuple[str, str] | None:
        services = self._services
        understood = services.brain.understand(text)
        if understood.confidence < SURE or understood.intent not in READING:
            return None
        speaker = Speaker(session.session_id, session.channel, "", session.level, session.customer_id)
        turn = Turn(
            conversation_id=conversation.conversation_id,
            turn_id="suggestion",
            speaker=speaker,
            text=text,
            understanding=understood,
            now=now,
            today=business_date(now, services.settings.timezone),
            language=conversation.language,
            services=services,
            accepted_at=now,
        )
        try:
            answer = await asyncio.wait_for(services.brain.respond(turn, conversation.memory), SECONDS)
        except Exception as error:  # noqa: BLE001 - a suggestion that fails is none; the log says why
            logs.failure("suggestion failed", error, conversation=conversation.conversation_id)
            return None
        if turn.writes or turn.login_wanted is not None or not answer.messages:
            return None
        return understood.intent, "\n".join(message.text for message in answer.messages[:2])
