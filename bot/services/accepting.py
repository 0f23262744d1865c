"""Taking in one message: stored once, in order, before anybody works on it. One transaction.

Also decided here, because it must happen exactly once and leave no trace of a secret: steps of a login
(`bot.services.login`) and messages that hold nothing to understand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from bot.dialogue import complaint_words
from bot.dialogue.turn import BotMessage
from bot.errors import Conflict
from bot.nlu.redact import redact
from bot.services import events
from bot.services.channels import arriving
from bot.services.identity import Identity
from bot.services.inbound import Accepted, InboundMessage, TooManyWaiting, clean, fingerprint, has_words
from bot.services.login import Login, Step
from bot.services.signing import Signing
from bot.services.turns import Job
from bot.store import conversation_rows as rows
from bot.store import turn_rows
from bot.store.conversation_rows import Session
from bot.store.conversation_schema import inbox

MAX_WAITING = 200  # unanswered messages of one session


@dataclass(frozen=True)
class Acceptor:
    """`key` signs fingerprints; `max_chars` is what a borrower may say at once."""

    identity: Identity
    login: Login
    signing: Signing
    key: str
    max_chars: int
    say: Callable[[str, str], BotMessage]  # response, language

    def accept(
        self, connection: Connection, message: InboundMessage, now: datetime, wall: datetime
    ) -> tuple[Accepted, Job | None]:
        """Store the message, or find it stored. The job is given when nothing of its conversation waits before it.

        Raises:
            Conflict: this session used the id for another text.
            TooManyWaiting: too many messages of its conversation have no answer yet.
        """
        situation = self._situation(connection, message, now, wall)
        session, known = situation.session, situation.known
        mark = fingerprint(self.key, message.text)
        if known is not None:
            if known.fingerprint != mark:
                raise Conflict("this message id was used before for another text", code="message_id_reused")
            return Accepted(
                known.inbound_id, session.session_id, known.conversation_id, known.seq, known.pending, True
            ), None
        if situation.waiting >= MAX_WAITING:
            raise TooManyWaiting("too many messages of this conversation wait for an answer")
        return self._store(connection, situation, message, mark, now, wall)

    def _situation(
        self, connection: Connection, message: InboundMessage, now: datetime, wall: datetime
    ) -> turn_rows.Situation:
        """The session as it is now: made when new, an identity that was silent too long ended, a token bound."""
        found = self._arrive(connection, message)
        if found is None:
            rows.create_session(
                connection, message.channel, message.channel_user, now, wall, message.language or "zh-Hans"
            )
            found = self._arrive(connection, message)
            assert found is not None
        session = self._expire(connection, found.session, now, wall)
        if message.identity_token:
            session = self.identity.bind_token(connection, session, message.identity_token, now, wall)
        if session is not found.session:
            found = self._arrive(connection, message)
            assert found is not None
        return found

    def _arrive(self, connection: Connection, message: InboundMessage) -> turn_rows.Situation | None:
        return turn_rows.arrive(connection, message.channel, message.channel_user, message.message_id)

    def session(
        self,
        connection: Connection,
        channel: str,
        user: str,
        now: datetime,
        wall: datetime,
        language: str | None = None,
    ) -> Session:
        """The session of a channel user as it is now: made when new, its identity ended when it was silent too long."""
        session = rows.find_session(connection, channel, user, lock=True)
        if session is None:
            return rows.create_session(connection, channel, user, now, wall, language or "zh-Hans")
        return self._expire(connection, session, now, wall)

    def _expire(self, connection: Connection, session: Session, now: datetime, wall: datetime) -> Session:
        """End an identity that was silent too long, and say so in its session."""
        present = self.identity.expire(connection, session, now, wall)
        if present is not session:
            language = rows.conversation(connection, present.conversation_id).language
            words = self.say("utter_identity_expired", language)
            rows.add_notice(connection, present, words.text, words.response, now)
        return present

    def resume(self, connection: Connection, session: Session, now: datetime) -> Accepted | None:
        """Ask for the answer that waited for a login, once a token has proven the session. No message is shown."""
        if session.after_login is None or session.level < int(session.after_login["level"]):
            return None
        seq = rows.next_seqs(connection, session.conversation_id, 1)[0]
        inbound_id = rows.new_id()
        connection.execute(
            inbox.insert().values(
                inbound_id=inbound_id,
                session_id=session.session_id,
                conversation_id=session.conversation_id,
                client_msg_id=f"resume {inbound_id}",
                fingerprint="",
                text=None,
                seq=seq,
                edge={"outcome": "resume", "variables": {}},
                pending=True,
                accepted_at=now,
            )
        )
        return Accepted(inbound_id, session.session_id, session.conversation_id, seq, True, False)

    def _store(
        self,
        connection: Connection,
        situation: turn_rows.Situation,
        message: InboundMessage,
        mark: str,
        now: datetime,
        wall: datetime,
    ) -> tuple[Accepted, Job | None]:
        text, level = clean(message.text), situation.session.level
        if message.platform:
            text = arriving.chosen(connection, situation.session, text)
        edge, shown, happened = arriving.not_words(message.kind, text) or self._unusable(text), "", []
        if message.kind == "group":
            text = ""  # said before others: not kept, not understood
        if edge is None:
            signed = self.signing.step(connection, situation.session, text, now, wall)
            step = signed or self.login.step(connection, situation.session, text, wall)
            if signed is not None:
                edge = {"outcome": signed.say, "variables": signed.variables}
            elif step is not None:
                edge = self._step(connection, situation.session, step, now, wall)
            if step is not None:
                shown = step.stored
                happened.append(events.Event(step.event, events.SYSTEM))
                situation = self._arrive(connection, message) or situation  # a proof moves the session
        session, conversation_id = situation.session, situation.conversation.conversation_id
        inbound_id, seq, kept = rows.new_id(), situation.conversation.last_seq + 1, text if edge is None else None
        turn_rows.store_inbound(
            connection,
            {
                "inbound_id": inbound_id,
                "session_id": session.session_id,
                "conversation_id": conversation_id,
                "client_msg_id": message.message_id,
                "fingerprint": mark,
                "text": kept,
                "seq": seq,
                "edge": edge,
                "facts": dict(message.facts) or None,
                "pending": True,
                "attempts": 0,
                "accepted_at": now,
            },
            {
                "message_id": rows.new_id(),
                "conversation_id": conversation_id,
                "seq": seq,
                "session_id": session.session_id,
                "sender": "borrower",
                "text": shown
                or redact(text if edge is None else text[: self.max_chars])
                or arriving.placeholder(message.kind),
                "level": level,
                "buttons": None,
                "card": None,
                "response": "",
                "client_msg_id": message.message_id,
                "in_reply_to": inbound_id,
                "shadow": False,
                "at": now,
            },
        )
        if session.level > rows.LEVEL_0:
            turn_rows.touch(connection, session.session_id, wall)
        if message.platform:
            arriving.note(connection, session, message, inbound_id, now)
            self._tell_what_was_missed(connection, session, now)
        origin = events.Origin(now, conversation_id, session.session_id, session.channel, inbound_id, received_at=now)
        said = events.Event("message_in", events.BORROWER, {"characters": len(text), "level": level, "seq": seq})
        events.record(connection, origin, [said, *happened])
        job = Job(inbound_id, kept, edge, now, session, situation.conversation, now)
        accepted = Accepted(inbound_id, session.session_id, conversation_id, seq, True, False)
        return accepted, job if situation.waiting == 0 else None

    def _tell_what_was_missed(self, connection: Connection, session: Session, now: datetime) -> None:
        """Replies that could not be delivered here since the last message: they stand in the conversation on the page."""
        lost = arriving.missed(connection, session.session_id)
        if lost:
            words = self.say("utter_replies_missed", rows.conversation(connection, session.conversation_id).language)
            rows.add_notice(connection, session, words.text, words.response, now)

    def _unusable(self, text: str) -> dict[str, Any] | None:
        """What can be answered without understanding, as nothing is there to understand."""
        if not text.strip("/／ \n\t"):
            return {"outcome": "utter_empty", "variables": {}}
        if len(text) > self.max_chars and not complaint_words.names_a_complaint(text):
            return {"outcome": "utter_too_long", "variables": {"limit": self.max_chars}}
        return None if has_words(text) else {"outcome": "utter_only_symbols", "variables": {}}

    def _step(
        self, connection: Connection, session: Session, step: Step, now: datetime, wall: datetime
    ) -> dict[str, Any]:
        """Carry a login step out: its new state, or the proof."""
        if step.proven is not None:
            session = self.identity.prove(connection, session, step.proven, 2, "code", now, wall)
            rows.change_session(connection, session, login=None)
            return {"outcome": "proven", "variables": {}}
        changes: dict[str, Any] = {"login": step.login}
        if step.event == "login_cancelled":
            changes["after_login"] = None
        rows.change_session(connection, session, **changes)
        return {"outcome": step.say, "variables": step.variables}
