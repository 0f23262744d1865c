"""One turn: from a stored message to everything that its answer changes. Pure of transactions and of waiting.

`Compose.answer` decides what is said; `bot.services.conversation` stores it, all or nothing.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.dialogue.context import in_context
from bot.dialogue.reading import read
from bot.dialogue.turn import BotMessage, Button, Speaker, Turn, Understanding, Write
from bot.names import Intent
from bot.nlu.normalise import normalise
from bot.nlu.redact import redact
from bot.nlu.script import detect
from bot.services import login_words
from bot.services.channels import wishes
from bot.services.channels.wording import word
from bot.services.events import BORROWER, BOT, SYSTEM, Event
from bot.store.clock import business_date
from bot.store.conversation_rows import Conversation, Session

BRAIN_SECONDS = 30.0
WISHED = {
    "channel": "utter_wish_channel",
    "quiet_from": "utter_wish_hours",
    "language": "utter_wish_language",
    "large_type": "utter_wish_large_on",
}
SIGNED = "signed"  # the edge's outcome when a message was the code of an arrangement
ANSWER_LATER = timedelta(minutes=30)  # what was asked longer ago than this is not answered after a login


@dataclass(frozen=True)
class Job:
    """An accepted message with the session and conversation as they were when its turn began."""

    inbound_id: str
    text: str | None  # as sent; None when the message was decided while it was accepted
    edge: dict[str, Any] | None
    accepted_at: datetime
    session: Session
    conversation: Conversation
    now: datetime  # business time of the turn


@dataclass
class Composed:
    """What a turn says and changes. `end` names why the session's identity ends, if it does."""

    messages: list[BotMessage] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    memory: dict[str, Any] | None = None
    language: str = "zh-Hans"
    events: list[Event] = field(default_factory=list)
    login_prompt: str | None = None  # begin or continue a login with this response
    after_login: dict[str, Any] | None = None
    end: str | None = None
    handled_after_login: bool = False
    sender: str = "bot"  # system: while a person is awaited or speaks
    writes: list[Write] = field(default_factory=list)  # besides those of its turns


class Compose:
    """Edge, understanding, context, brain: in this order, as the issue says."""

    def __init__(self, services: Any) -> None:
        self._services = services

    def say(
        self,
        response: str,
        language: str,
        variables: dict[str, Any] | None = None,
        level: int = 0,
        buttons: list[Button] | None = None,
    ) -> BotMessage:
        """A response of the catalogue, spoken by the service itself."""
        settings = self._services.settings
        common = {"hotline": settings.hotline, "lender_name": settings.lender_name}
        said: BotMessage = self._services.speech.say(
            response, language, {**common, **(variables or {})}, buttons=buttons
        )
        return replace(said, level=level, response=response)

    async def answer(self, job: Job) -> Composed:
        """What this message brings about. Raises StoreUnavailable, and whatever an action raises."""
        language = job.conversation.language
        if job.edge is not None:
            return await self._edge(job, language)
        text = job.text or ""
        language = detect(text, language)
        steer = self.steered(job, text, language)
        if steer is not None:
            return steer
        memory = _readable(job)
        understanding = self._understand(text, memory)
        return await self._brain(job, text, understanding, memory, language)

    # -- decided at the edge

    async def _edge(self, job: Job, language: str) -> Composed:
        edge = job.edge or {}
        composed = Composed(memory=job.conversation.memory, language=language)
        if edge["outcome"] == "proven":
            name = await asyncio.to_thread(self._name, job.session.customer_id)
            composed.messages.append(self.say("utter_login_done", language, {"customer_name": name}, level=2))
        elif edge["outcome"] == SIGNED:
            ref = edge["variables"]["ref"]
            return await self._brain(job, "", _code_given(), _readable(job), language, ref)
        elif edge["outcome"] != "resume":
            composed.messages.append(self.say(edge["outcome"], language, edge["variables"]))
            return composed
        composed.handled_after_login = True
        wanted = job.session.after_login
        if wanted is None or job.accepted_at - datetime.fromisoformat(wanted["at"]) > ANSWER_LATER:
            return composed
        understanding = Understanding.from_json(wanted["understanding"])
        answered = await self._brain(job, understanding.text, understanding, _readable(job), language)
        answered.messages[:0] = composed.messages
        answered.handled_after_login = answered.login_prompt is None
        return answered

    def _name(self, customer_id: str | None) -> str:
        return str(self._services.loans.customer(customer_id).name) if customer_id else ""

    def steered(self, job: Job, text: str, language: str) -> Composed | None:
        """「不是我」, logging in and out: about the session, not about a loan."""
        proven = job.session.customer_id is not None
        composed = Composed(memory=job.conversation.memory, language=language)
        if proven and login_words.says(text, "not_me"):
            composed.messages.append(self.say("utter_not_me", language))
            composed.end = "not_me"
        elif login_words.says(text, "logout"):
            composed.messages.append(self.say("utter_logged_out" if proven else "utter_logged_out_already", language))
            composed.end = "logout" if proven else None
        elif login_words.says(text, "login"):
            if job.session.level >= 2:
                composed.messages.append(self.say("utter_login_already", language))
            else:
                composed.login_prompt = "utter_login_start"
        elif wishes.unlinks(text):
            linked = job.session.linked_to is not None
            composed.messages.append(self.say("utter_unlinked" if linked else "utter_not_linked", language))
            composed.end = "unlinked" if linked else None
        else:
            return self._wished(job, text, language)
        composed.events.append(Event("steered", SYSTEM, {"ends": composed.end, "login": bool(composed.login_prompt)}))
        return composed

    def _wished(self, job: Job, text: str, language: str) -> Composed | None:
        """「以后用微信联系我」, 「请用繁體」, 「字太小」: how to be served; kept, and told what holds from now on."""
        wish = wishes.read(text)
        if wish is None:
            return None
        language = wish.language or language
        kind = next(iter(wish.given()))
        said = {
            "channel": wish.channel and word(f"channel_{wish.channel}", language),
            "begins": wish.quiet_from,
            "ends": wish.quiet_until,
        }
        response = WISHED[kind] if wish.large_type is not False else "utter_wish_large_off"
        composed = Composed(memory=job.conversation.memory, language=language)
        composed.messages.append(self.say(response, language, said))
        subject = wishes.subject_of(job.session.customer_id, job.session.session_id)
        composed.writes.append(lambda connection: wishes.keep(connection, subject, wish, job.now))
        composed.events.append(Event("wished", BORROWER, wish.given()))
        return composed

    def _understand(self, text: str, memory: dict[str, Any] | None) -> Understanding:
        """What the borrower means, after what was asked and said before. Of what is longer only a complaint is let in, whole."""
        most = self._services.settings.max_message_chars
        if len(text) > most:
            begun = read(self._services.brain, text[:most])
            if begun.intent == Intent.SELF_HARM.value:
                return begun
            whole = replace(begun, text=redact(text), intent=Intent.COMPLAINT.value, confidence=1.0)
            return replace(whole, item=None, also=None, decided_by="edge")
        return in_context(read(self._services.brain, text), memory, normalise(text.lstrip("/／ \t\n")))

    async def _brain(
        self,
        job: Job,
        text: str,
        understanding: Understanding,
        memory: dict[str, Any] | None,
        language: str,
        signed: str | None = None,
    ) -> Composed:
        session = job.session
        speaker = Speaker(session.session_id, session.channel, session.channel_user, session.level, session.customer_id)
        turn = Turn(
            conversation_id=job.conversation.conversation_id,
            turn_id=job.inbound_id,
            speaker=speaker,
            text=text,
            understanding=understanding,
            now=job.now,
            today=business_date(job.now, self._services.settings.timezone),
            language=language,
            services=self._services,
            accepted_at=job.accepted_at,
            signed=signed,
        )
        answer = await asyncio.wait_for(self._services.brain.respond(turn, memory), BRAIN_SECONDS)
        composed = Composed(memory=answer.memory, language=language, turns=[turn])
        composed.events.append(
            Event(
                "understood",
                BOT,
                {
                    "confidence": round(understanding.confidence, 4),
                    "item": understanding.item,
                    "decided_by": understanding.decided_by,
                    "language": language,
                    "also": understanding.also.intent if understanding.also else None,
                    "ranking": [[name, round(score, 4)] for name, score in understanding.ranking[:3]],
                },
                understanding.intent,
            )
        )
        composed.events += [Event("action", BOT, {"action": name}, understanding.intent) for name in answer.actions]
        composed.events += [Event(kind, BOT, facts, understanding.intent) for kind, facts in turn.decisions]
        composed.messages, withheld = _allowed(answer.messages, session.level)
        wanted = turn.login_wanted
        if withheld:
            composed.events.append(Event("withheld", SYSTEM, {"messages": len(withheld)}, understanding.intent))
            wanted = wanted or {"level": max(message.level for message in withheld)}
        if wanted is not None and session.level < int(wanted.get("level", 2)):
            composed.login_prompt = "utter_login_needed"
            composed.after_login = {
                "understanding": understanding.as_json(),
                "level": int(wanted.get("level", 2)),
                "at": job.accepted_at.isoformat(),
            }
        return composed


def _code_given() -> Understanding:
    """A code has no words to understand: it answers the question that asked for it."""
    return Understanding(text="", intent=Intent.INFORM.value, confidence=1.0, decided_by="edge")


def _allowed(messages: tuple[BotMessage, ...], level: int) -> tuple[list[BotMessage], list[BotMessage]]:
    """The last gate: nothing above the session's level goes out, whatever an action meant."""
    return [m for m in messages if m.level <= level], [m for m in messages if m.level > level]


def _readable(job: Job) -> dict[str, Any] | None:
    """The dialogue memory, unless it was filled at a higher level than this session has now: then none."""
    return job.conversation.memory if job.conversation.memory_level <= job.session.level else None
