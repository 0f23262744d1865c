"""What is said while a person is awaited or speaks: the bot is silent, and only what must not wait is answered by rule.

Always: a login that runs, ending one's identity, despair. While waiting also: one's place, a callback, a message, leaving.
Everything else is kept for the colleague, who reads it. Lines are of the system, never the bot's.
"""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.engine import Connection

from bot.dialogue.lexicon import word
from bot.lending.masking import mask_phone
from bot.names import Intent
from bot.nlu.edge import safety
from bot.nlu.normalise import normalise
from bot.nlu.script import detect
from bot.nlu.times import read_moment
from bot.services.desk import handover_rows as ho
from bot.services.desk import ownership, surveys
from bot.services.desk.basis import SYSTEM
from bot.services.events import Event
from bot.services.turns import SIGNED, Compose, Composed, Job
from bot.store.database import Database

WAYS = ("leave", "message", "wait", "place")
LONGEST_SCORES = 40  # characters
SILENT_EDGES = ("utter_only_symbols", "utter_empty")


class Attended:
    """Composes the answer of a turn whose conversation is not the bot's; None: kept for the person."""

    def __init__(self, services: Any, compose: Compose) -> None:
        self._services, self._compose = services, compose
        self._database: Database = services.database

    async def answer(self, job: Job) -> Composed | None:
        return await asyncio.to_thread(self._answer, job)

    def _answer(self, job: Job) -> Composed | None:
        language = detect(job.text or "", job.conversation.language)
        if job.edge is not None:
            return self._edge(job, language)
        text = job.text or ""
        ended = self._compose.steered(job, text, language)
        if ended is not None and (ended.end is not None or ended.login_prompt is not None):
            ended.sender = SYSTEM
            return ended
        if safety(text) is Intent.SELF_HARM:
            return self._despair(job, language)
        if job.conversation.owner == ownership.WAITING:
            return self._waiting(job, text, language)
        return None

    def _edge(self, job: Job, language: str) -> Composed | None:
        """Steps of a login answer as ever; the code of an arrangement, too, waits for nobody."""
        assert job.edge is not None
        outcome = job.edge["outcome"]
        if outcome in SILENT_EDGES or outcome == SIGNED:
            return None
        composed = self._plain(job, language)
        if outcome == "resume":  # what waited for the login is the colleague's now
            composed.handled_after_login = True
        elif outcome == "proven":
            composed.messages.append(self._compose.say("utter_verified_with_person", language))
            composed.handled_after_login = True
        else:
            composed.messages.append(self._compose.say(outcome, language, job.edge["variables"]))
        return composed

    def _plain(self, job: Job, language: str) -> Composed:
        return Composed(memory=job.conversation.memory, language=language, sender=SYSTEM)

    def _despair(self, job: Job, language: str) -> Composed:
        """Served before all others, a supervisor told, and the helpline named whoever speaks."""
        services, now = self._services, job.now
        conversation_id = job.conversation.conversation_id
        composed = self._plain(job, language)
        with self._database.read() as connection:
            handover = ho.current(connection, conversation_id)
        if handover is None:
            return composed
        ref = handover["ref"]
        composed.messages.append(self._compose.say("utter_self_harm", language, {"ref": ref}))

        def raise_it(connection: Connection) -> None:
            ho.change(connection, ref, priority=0, reason="self_harm")
            services.notifier.alert(connection, "self_harm", ref, conversation_id, now)

        composed.writes.append(raise_it)
        composed.events.append(Event("despair_with_person", SYSTEM, {"ref": ref}))
        return composed

    def _waiting(self, job: Job, text: str, language: str) -> Composed | None:
        words = normalise(text)
        way = next((name for name in WAYS if _patterns()[name].fullmatch(words)), None)
        if way is None and _patterns()["call_back"].search(words):
            way = "call_back"
        if way is None:
            return None
        with self._database.read() as connection:
            handover = ho.current(connection, job.conversation.conversation_id)
            if handover is None:
                return None
            if way in ("wait", "place"):
                return self._tell_place(connection, job, handover, language)
            if way == "call_back":
                return self._call_back(connection, job, handover, text, language)
        return self._stop(job, handover, way, language)

    def _tell_place(self, connection: Connection, job: Job, handover: Any, language: str) -> Composed:
        queue = self._services.desk.queue
        position, expected = queue.place(connection, handover, job.now)
        composed = self._plain(job, language)
        values = {
            "ref": handover["ref"],
            "position": max(1, position),
            "time": queue.time_words(expected, language),
        }
        composed.messages.append(
            self._compose.say("utter_queue_place", language, values, buttons=queue.choices(language))
        )
        return composed

    def _call_back(self, connection: Connection, job: Job, handover: Any, text: str, language: str) -> Composed:
        composed = self._plain(job, language)
        composed.messages, write = self.call_back(connection, job.session, handover, text, language, job.now)
        if write is not None:
            composed.writes.append(write)
        return composed

    def call_back(
        self, connection: Connection, session: Any, handover: Any, text: str, language: str, now: Any
    ) -> tuple[list[Any], Any]:
        """What to say to a wish for a callback, and the write that books it when a free time was named."""
        services, basis = self._services, self._services.desk.basis
        queue = services.desk.queue
        if handover["customer_id"] is None or session.level < 1:
            return [self._compose.say("utter_callback_login", language)], None
        phone = services.loans.customer(handover["customer_id"]).phone
        if phone is None:
            return [self._compose.say("utter_callback_no_phone", language)], None
        wanted = read_moment(text, now, basis.zone, basis.times(now).opens)
        hour = wanted.replace(minute=0) if wanted else None
        slots = queue.slots(connection, handover["queue"], now, not_before=hour)
        if hour is not None and slots and slots[0] == hour:
            ref = handover["ref"]
            values = {
                "window": basis.window(hour, language),
                "phone": mask_phone(phone),
                "ref": ref,
            }
            said = self._compose.say("utter_callback_booked", language, values)
            return [said], lambda c: queue.book(c, ref, hour, now)
        offered = slots or queue.slots(connection, handover["queue"], now)
        response = "utter_callback_ask" if hour is None else "utter_callback_taken"
        buttons = [basis.slot_button(at, language) for at in offered]
        hours = basis.times(now).hours
        values = {"phone": mask_phone(phone), "hours": hours}
        return [self._compose.say(response, language, values, buttons=buttons)], None

    def _stop(self, job: Job, handover: Any, way: str, language: str) -> Composed:
        basis, queue, ref, now = self._services.desk.basis, self._services.desk.queue, handover["ref"], job.now
        composed = self._plain(job, language)
        if way == "leave":
            composed.messages.append(self._compose.say("utter_queue_left", language))
            composed.writes.append(lambda c: queue.leave(c, ref, now))
            return composed
        by = basis.times(now).answer_by(now.astimezone(basis.zone), "person")
        known = "step_known" if handover["customer_id"] else "step_anonymous"
        values = {"ref": ref, "step": word(known, language, by=basis.moment(by, language))}
        composed.messages.append(self._compose.say("utter_message_left", language, values))
        composed.writes.append(lambda c: queue.leave_message(c, ref, now))
        return composed

    # -- the survey after a colleague has closed

    async def survey(self, job: Job) -> Composed | None:
        """An answer to the survey that is open in this conversation; None when the message is none."""
        text = job.text or ""
        scores = surveys.read_scores(text) if len(text) <= LONGEST_SCORES else None
        return None if scores is None else await asyncio.to_thread(self._survey, job, scores)

    def _survey(self, job: Job, scores: dict[str, int]) -> Composed | None:
        language = detect(job.text or "", job.conversation.language)
        with self._database.read() as connection:
            since = job.now - timedelta(days=self._services.desk.basis.policy(job.now).survey_days)
            asked = surveys.open_survey(connection, job.conversation.conversation_id, since)
        if asked is None:
            return None
        composed = self._plain(job, language)
        ref = asked["ref"]
        composed.messages.append(self._compose.say("utter_survey_thanks", language))
        composed.writes.append(lambda c: surveys.answer(c, ref, scores, job.now))
        composed.events.append(Event("survey_answered", "borrower", {"ref": ref, **scores}))
        return composed


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    contents = yaml.safe_load((Path(__file__).parent / "waiting.yml").read_text(encoding="utf-8"))
    end = contents.pop("end")
    made = {name: re.compile(f"(?:{one}){end}" if name in WAYS else one) for name, one in contents.items()}
    return made
