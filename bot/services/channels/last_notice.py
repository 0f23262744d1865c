"""The last way to a borrower: one neutral text message that something waits, where no channel could bring a reply.

Queued with the failure, done by the worker of jobs: only to the verified phone of the file, when contact is allowed, never
twice in `APART`, and not once the borrower has seen the message or written again. It says nothing of what waits, of whom it
is from or of any loan: whoever holds the phone learns only that somebody has a customer service.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.lending.contact import ContactType
from bot.services import events
from bot.services.channels import wishes
from bot.services.channels.numbers import number
from bot.services.channels.wording import word
from bot.store import conversation_rows as rows
from bot.store import jobs
from bot.store.conversation_schema import channel_sessions, conversations, messages, outbox
from bot.store.jobs import Job

LAST_NOTICE = "last_notice"  # the kind of the job, and `messages.response` of what it says
SMS = "sms"
APART = timedelta(hours=24)
LOST = ("failed", "dead", "expired")
OURS = ("nothing_to_say", "moved")  # not undeliverable: empty, or the account is somebody else's by now
QUIET = ("quiet_hours", "wished_quiet")


def queue(connection: Connection, message_id: str, channel: str, reason: str, now: datetime) -> None:
    """A message could not be delivered, nor sent elsewhere. Once a message, and only to a known customer."""
    if channel == SMS or reason in OURS:
        return
    customer_id = connection.execute(
        sa.select(conversations.c.customer_id)
        .join(messages, messages.c.conversation_id == conversations.c.conversation_id)
        .where(messages.c.message_id == message_id)
    ).scalar()
    if customer_id is not None:
        facts = {"message": message_id, "customer_id": customer_id, "failed_at": now.isoformat()}
        jobs.put(connection, LAST_NOTICE, message_id, now, facts)


def send(
    services: Any, connection: Connection, job: Job, now: datetime
) -> tuple[str, tuple[str, ...], datetime | None]:
    """What became of it, the sessions to wake, and when to ask again instead, in quiet hours."""
    customer_id = job.facts["customer_id"]
    failed_at = datetime.fromisoformat(job.facts["failed_at"])
    waiting = _waiting(connection, job.facts["message"], customer_id, failed_at)
    if waiting is None:
        return "not needed any more", (), None
    wished = wishes.of(connection, wishes.subject_of(customer_id, "")).elsewhere
    if wished is not None and SMS not in wished:
        return "denied: no consent", (), None
    phone = _phone(services, customer_id)
    if phone is None:
        return "no verified phone", (), None
    verdict = services.contact.allow(connection, customer_id, ContactType.SERVICE_NOTICE, SMS, now)
    if not verdict.allowed and verdict.reason in QUIET:
        return "", (), services.contact.next_allowed(connection, customer_id, now, verdict.reason)
    if not verdict.allowed:
        return f"denied: {verdict.reason}", (), None
    session = rows.find_session(connection, SMS, phone, lock=True)
    if session is None:
        session = rows.create_session(connection, SMS, phone, now, services.wall.now(), waiting.language)
    refused = _refused(connection, session, customer_id, now)
    if refused:
        return refused, (), None
    rows.add_notice(connection, session, word(LAST_NOTICE, waiting.language), LAST_NOTICE, now)
    origin = events.Origin(now, waiting.conversation_id, None, SMS)
    events.record(connection, origin, [events.Event("last_notice", events.SYSTEM, {"message": job.facts["message"]})])
    return "sent", (session.session_id,), None


def _waiting(connection: Connection, message_id: str, customer_id: str, failed_at: datetime) -> Any:
    """The conversation of a message that is still not delivered, not seen, and not followed by a word of the borrower."""
    S = channel_sessions.c
    aware = (
        sa.select(S.session_id)
        .where(
            S.conversation_id == messages.c.conversation_id,
            sa.or_(S.seen_seq >= messages.c.seq, S.last_in_at > failed_at),
        )
        .exists()
    )
    query = (
        sa.select(conversations.c.conversation_id, conversations.c.language)
        .join(messages, messages.c.conversation_id == conversations.c.conversation_id)
        .join(outbox, outbox.c.message_id == messages.c.message_id)
        .where(
            messages.c.message_id == message_id,
            conversations.c.customer_id == customer_id,
            outbox.c.state.in_(LOST),
            outbox.c.told.is_(False),
            ~aware,
        )
    )
    return connection.execute(query).first()


def _phone(services: Any, customer_id: str) -> str | None:
    """The verified phone in E.164, where it is one; a number without a country is the lender's own country's."""
    written = services.loans.customer(customer_id).phone
    home = str(services.settings.platforms.get("SMS_COUNTRIES") or "CN").split(",")[0].strip().upper()
    return number(written, home) if written else None


def _refused(connection: Connection, session: rows.Session, customer_id: str, now: datetime) -> str:
    """Why this number gets nothing now."""
    if session.customer_id not in (None, customer_id) or session.linked_to not in (None, customer_id):
        return "denied: the number is another customer's account"
    stopped = sa.select(channel_sessions.c.stopped_at).where(channel_sessions.c.session_id == session.session_id)
    if connection.execute(stopped).scalar() is not None:
        return "denied: stopped"
    lately = sa.select(messages.c.message_id).where(
        messages.c.session_id == session.session_id, messages.c.response == LAST_NOTICE, messages.c.at > now - APART
    )
    return "told already" if connection.execute(lately.limit(1)).first() is not None else ""
