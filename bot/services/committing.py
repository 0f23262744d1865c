"""The end of a turn: replies, outbox, events, the actions' writes, memory and session in one transaction.

A turn whose session or conversation changed meanwhile is not stored (`Changed`): it is simply run again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.dialogue.turn import BotMessage
from bot.errors import Changed
from bot.services import events
from bot.services.identity import Identity
from bot.services.login import Login
from bot.services.turns import Compose, Composed, Job
from bot.store import conversation_rows as rows
from bot.store import turn_rows
from bot.store.conversation_rows import Session
from bot.store.conversation_schema import messages


class Committer:
    """Stores what `Compose.answer` made of a job."""

    def __init__(self, compose: Compose, identity: Identity, login: Login, model_id: str, policy_version: str) -> None:
        self._compose = compose
        self._identity = identity
        self._login = login
        self._model_id = model_id
        self._policy_version = policy_version

    def commit(
        self, connection: Connection, job: Job, made: Composed, wall: datetime
    ) -> tuple[list[Mapping[str, Any]], bool]:
        """Store the turn; the stored replies in order (none when the message was answered before), and whether the
        conversation has more messages to answer.

        Raises:
            Changed: session, conversation, owner or what an action writes about moved meanwhile.
        """
        found = turn_rows.finishing(connection, job.inbound_id)
        if found is None:
            return [], True
        now = job.now
        _must_be_unchanged(job, found)
        session = found.session
        replies = list(made.messages)
        if made.login_prompt is not None:
            session, prompt = self._start_login(connection, session, made, wall)
            replies.append(prompt)
        happened = list(made.events)
        for turn in made.turns:
            for write in turn.writes:
                write(connection)
        for write in made.writes:
            write(connection)
        if made.handled_after_login and session.after_login is not None:
            session = rows.change_session(connection, session, after_login=None)
        stays = made.end is None
        first = found.conversation.last_seq + 1
        self._remember(connection, job, made, session, len(replies) if stays else 0, now)
        if made.end is not None:
            session = self._end(connection, job, session, made.end, now)
            first = rows.next_seqs(connection, session.conversation_id, len(replies))[0] if replies else 0
        stored = _as_rows(job, session, made.sender, replies, first, now)
        turn_rows.store_replies(connection, stored, session.channel, now)
        happened += [
            events.Event(
                "message_out", events.BOT, {"response": m.response, "level": m.level, "card": m.card is not None}
            )
            for m in replies
        ]
        turn_rows.finish(connection, job.inbound_id, now)
        origin = events.Origin(
            now,
            session.conversation_id,
            session.session_id,
            session.channel,
            job.inbound_id,
            self._model_id,
            self._policy_version,
            job.accepted_at,
        )
        events.record(connection, origin, happened)
        return list(stored), turn_rows.more_pending(connection, job.conversation.conversation_id)

    def keep_for_person(self, connection: Connection, job: Job) -> None:
        """A person owns the conversation: the message is there for them, and the bot says nothing."""
        now = job.now
        turn_rows.finish(connection, job.inbound_id, now)
        origin = events.Origin(
            now,
            job.conversation.conversation_id,
            job.session.session_id,
            job.session.channel,
            job.inbound_id,
            received_at=job.accepted_at,
        )
        events.record(
            connection, origin, [events.Event("left_to_person", events.SYSTEM, {"owner": job.conversation.owner})]
        )

    def _end(self, connection: Connection, job: Job, session: Session, why: str, now: datetime) -> Session:
        session = self._identity.end(connection, session, why, now, keep_view=why != "not_me")
        own_words = sa.and_(messages.c.in_reply_to == job.inbound_id, messages.c.sender == "borrower")
        connection.execute(messages.update().where(own_words).values(level=rows.LEVEL_0))  # who said them may read them
        return session

    def _start_login(
        self, connection: Connection, session: Session, made: Composed, wall: datetime
    ) -> tuple[Session, BotMessage]:
        assert made.login_prompt is not None
        step = self._login.start(connection, session, made.login_prompt, wall)
        changes: dict[str, Any] = {"login": step.login}
        if made.after_login is not None:
            changes["after_login"] = made.after_login
        events.record(
            connection,
            events.Origin(wall, session.conversation_id, session.session_id, session.channel),
            [events.Event(step.event, events.SYSTEM, {"stage": (step.login or {}).get("stage")})],
        )
        session = rows.change_session(connection, session, **changes)
        return session, self._compose.say(step.say, made.language, step.variables)

    def _remember(
        self, connection: Connection, job: Job, made: Composed, session: Session, replies: int, now: datetime
    ) -> None:
        before = job.conversation
        level = session.level if before.memory_level > session.level else max(before.memory_level, session.level)
        turn_rows.remember(
            connection,
            before.conversation_id,
            made.memory,
            level if made.turns else before.memory_level,
            made.language,
            replies,
            now,
        )


def _must_be_unchanged(job: Job, found: turn_rows.Situation) -> None:
    """Raises Changed: level, customer, conversation, its memory or its owner (epoch) are not what the turn saw."""

    def seen(session: Session, conversation: rows.Conversation) -> tuple[Any, ...]:
        return (
            session.level,
            session.customer_id,
            session.conversation_id,
            conversation.conversation_id,
            conversation.version,
            conversation.epoch,
        )

    if seen(found.session, found.conversation) != seen(job.session, job.conversation):
        raise Changed


def _as_rows(
    job: Job, session: Session, sender: str, replies: list[BotMessage], first: int, now: datetime
) -> list[dict[str, Any]]:
    """The replies as rows of `messages`, numbered from `first`."""
    return [
        {
            "message_id": rows.new_id(),
            "conversation_id": session.conversation_id,
            "seq": seq,
            "session_id": session.session_id,
            "sender": sender,
            "epoch": job.conversation.epoch,
            "text": reply.text,
            "level": reply.level,
            "buttons": [{"title": b.title, "say": b.say} for b in reply.buttons],
            "card": reply.card,
            "response": reply.response,
            "client_msg_id": None,
            "in_reply_to": job.inbound_id,
            "shadow": False,
            "at": now,
        }
        for seq, reply in enumerate(replies, first)
    ]
