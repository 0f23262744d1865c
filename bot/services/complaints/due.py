"""What the worker does for complaints when it is due: words to whoever complained, warnings, escalation, the end of a pause, surveys.

Every handler looks again: a case that moved on, or whose clock was counted anew, is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.dialogue import format as fmt
from bot.dialogue.lexicon import word
from bot.dialogue.turn import BotMessage, Button
from bot.errors import NotFound
from bot.lending.complaint_clock import last_day
from bot.lending.complaint_states import WORKING, State, Verb
from bot.services.complaints import alerts, assigning, following, learning_warnings, timing
from bot.services.complaints.basis import Basis
from bot.services.complaints.handling import SURVEY, UNANSWERED
from bot.services.complaints.limits import escalate
from bot.services.complaints.pause import RESUME
from bot.services.complaints.rows import THE_SYSTEM, Row, case, change, move, new_id
from bot.services.complaints.telling import DECISION, TELL
from bot.services.notices import language_of, say_in, say_to
from bot.store.complaint_schema import complaint_people, complaint_surveys
from bot.store.conversation_schema import conversations
from bot.store.jobs import Job

Outcome = tuple[str, tuple[str, ...]]
Handler = Callable[[Any, Connection, Job, datetime], Outcome]
NOTICE = "notice"  # the kind of a text message that names no debt
LEAD, SUPERVISOR, COMPLIANCE = 1, 2, 3


def tell(services: Any, connection: Connection, job: Job, now: datetime) -> Outcome:
    """A word to whoever complained, composed now: in their conversation, else by a neutral text message."""
    basis: Basis = services.complaints.basis
    row = case(connection, job.facts["ref"])
    return say(basis, connection, row, job.facts["response"], now, job.facts.get("values", {}))


def say(
    basis: Basis, connection: Connection, row: Row, response: str, now: datetime, values: Mapping[str, Any]
) -> Outcome:
    """Say a response about a case. What needs a proof has level 2; of a decision an unproven reader sees that there is one."""
    customer = row["customer_id"]
    conversation = _conversation(connection, row)
    if conversation is None:
        return _by_phone(basis, connection, row, now)
    language = language_of(connection, conversation)
    level = 2 if customer else 0
    said = compose(basis, row, response, language, values, level)
    woken = say_to(connection, customer, said, now) if customer else say_in(connection, conversation, said, now)
    return "told", woken


def compose(basis: Basis, row: Row, response: str, language: str, values: Mapping[str, Any], level: int) -> BotMessage:
    """One message about a case with the figures that every one of them may use."""
    by = min(row["told_by"], row["target_by"]) if row["state"] != "disputed" else row["told_by"]
    buttons = None
    if response == DECISION and level >= 2:
        buttons = [
            Button(word(key, language), word(f"{key}_say", language, ref=row["ref"]))
            for key in ("complaint_letter", "complaint_accept", "complaint_review")
        ]
    if response == DECISION and level < 2:
        response = f"{DECISION}_unproven"
    common = {
        "lender_name": basis.lender_name,
        "hotline": basis.hotline,
        "ref": row["ref"],
        "by": fmt.day(last_day(by, basis.zone), language),
        "legal_by": fmt.day(row["legal_by"], language),
        "regulator": basis.policies(basis.today(row["state_at"])).regulator,
        "merit": word(f"complaint_merit_{row['merit']}", language) if row["merit"] else "",
        "review_until": fmt.day(row["review_until"], language) if row["review_until"] else "",
        "resume_on": fmt.day(row["resume_on"], language) if row["resume_on"] else "",
    }
    shown = {
        key: fmt.day(date.fromisoformat(value), language) if key.endswith("_day") else value
        for key, value in values.items()
    }
    said: BotMessage = basis.speech.say(response, language, {**common, **shown}, level=level, buttons=buttons)
    return replace(said, response=response)


def _conversation(connection: Connection, row: Row) -> str | None:
    """Where they can be told: the customer's one conversation, else the one that the complaint came from."""
    if row["customer_id"] is not None:
        query = sa.select(conversations.c.conversation_id).where(conversations.c.customer_id == row["customer_id"])
        return connection.execute(query).scalar()
    if row["conversation_id"] is None:
        return None
    query = sa.select(conversations.c.conversation_id).where(
        conversations.c.conversation_id == row["conversation_id"], conversations.c.customer_id.is_(None)
    )
    return connection.execute(query).scalar()


def _by_phone(basis: Basis, connection: Connection, row: Row, now: datetime) -> Outcome:
    """Number and link, nothing about anything owed; without a phone a colleague must write a letter."""
    phone = connection.execute(sa.select(complaint_people.c.phone).where(complaint_people.c.ref == row["ref"])).scalar()
    if not phone and row["customer_id"] is not None:
        try:
            phone = basis.loans.customer(row["customer_id"]).phone
        except NotFound:
            phone = None
    if not phone:
        alerts.send(connection, basis, "complaint_letter", row, now)
        return "nobody to tell: by letter", ()
    link_id = new_id()
    following.new_link(connection, basis, row["ref"], link_id, now)
    said = basis.speech.say(
        "utter_complaint_sms",
        row["language"],
        {"ref": row["ref"], "link": following.address(basis, row["ref"], link_id), "lender_name": basis.lender_name},
    )
    basis.notifier.queue(connection, NOTICE, phone, said.text, now)
    return "told by text message", ()


# -- clocks


def warning(services: Any, connection: Connection, job: Job, now: datetime) -> Outcome:
    """At 50, 80 and 100 percent of the level's time; the last one goes up to a lead, P0 and P1 to a supervisor."""
    basis: Basis = services.complaints.basis
    row = _running(connection, job)
    if row is None:
        return "not running", ()
    percent = int(job.facts["percent"])
    row = change(connection, row, "warning", THE_SYSTEM, now, "", {"percent": percent, "clock": "target"})
    if percent >= 100:
        level = SUPERVISOR if row["urgency"] in assigning.URGENT else LEAD
        escalate(connection, basis, row, THE_SYSTEM, level, "the level's time is over", now)
    elif percent >= 80:
        alerts.send(connection, basis, "complaint_warning", row, now)
    return f"warned at {percent}", ()


def legal(services: Any, connection: Connection, job: Job, now: datetime) -> Outcome:
    """The legal limit comes near (a supervisor), or is over (compliance)."""
    basis: Basis = services.complaints.basis
    row = _running(connection, job)
    if row is None:
        return "not running", ()
    percent = int(job.facts["percent"])
    row = change(connection, row, "warning", THE_SYSTEM, now, "", {"percent": percent, "clock": "legal"})
    level = COMPLIANCE if percent >= 100 else SUPERVISOR
    escalate(connection, basis, row, THE_SYSTEM, level, f"{percent} % of the legal limit", now)
    return f"legal limit at {percent}", ()


def contact(services: Any, connection: Connection, job: Job, now: datetime) -> Outcome:
    """Nobody has spoken with whoever complained in time: up to a lead, and to somebody else where there is one."""
    basis: Basis = services.complaints.basis
    row = _running(connection, job)
    if row is None or row["contacted_at"] is not None:
        return "contacted, or not running", ()
    row = change(connection, row, "warning", THE_SYSTEM, now, "", {"percent": 100, "clock": "contact"})
    row = escalate(connection, basis, row, THE_SYSTEM, max(LEAD, row["escalated"]), "no human contact in time", now)
    other = assigning.pick(connection, row["urgency"], {*row["accused"], row["handler"] or ""})
    if row["state"] in ("acknowledged", "triaged") and other is not None:
        assigning.assign(connection, row, THE_SYSTEM, other, now, "no human contact in time")
    return "escalated", ()


def contain(services: Any, connection: Connection, job: Job, now: datetime) -> Outcome:
    """Danger must be contained within hours: a supervisor hears if nobody has begun."""
    basis: Basis = services.complaints.basis
    row = _running(connection, job)
    if row is None or row["state"] not in ("received", "acknowledged", "triaged"):
        return "begun, or not running", ()
    escalate(connection, basis, row, THE_SYSTEM, SUPERVISOR, "not contained in time", now)
    return "escalated", ()


def unanswered(services: Any, connection: Connection, job: Job, now: datetime) -> Outcome:
    """A question that nobody answers does not hold a case up."""
    row = case(connection, job.facts["ref"], lock=True)
    if row["state"] != State.AWAITING_CUSTOMER.value or row["state_at"] != datetime.fromisoformat(job.facts["at"]):
        return "answered", ()
    move(connection, row, Verb.ANSWERED, THE_SYSTEM, now, "no answer in time")
    return "goes on without", ()


# -- afterwards


def resume(services: Any, connection: Connection, job: Job, now: datetime) -> Outcome:
    """The day before contact for collection may begin again, whoever complained is told so; else it does not begin."""
    basis: Basis = services.complaints.basis
    row = case(connection, job.facts["ref"], lock=True)
    on = date.fromisoformat(job.facts["on"])
    if row["state"] != State.CLOSED.value or row["resume_on"] != on:
        return "open again", ()
    outcome: str = "nobody to tell"
    woken: tuple[str, ...] = ()
    if row["customer_id"] is not None:
        outcome, woken = say(basis, connection, row, "utter_complaint_resume", now, {})
    change(connection, row, "resume_told", THE_SYSTEM, now, "", {"on": on.isoformat()}, resume_told_at=now)
    return outcome, woken


def survey(services: Any, connection: Connection, job: Job, now: datetime) -> Outcome:
    """One question after closing: one to five, solved or not."""
    basis: Basis = services.complaints.basis
    row = case(connection, job.facts["ref"])
    if row["state"] != State.CLOSED.value or _conversation(connection, row) is None:
        return "no survey", ()
    known = sa.select(complaint_surveys.c.ref).where(complaint_surveys.c.ref == row["ref"])
    if connection.execute(known).first() is not None:
        return "asked before", ()
    connection.execute(complaint_surveys.insert().values(ref=row["ref"], asked_at=now))
    return say(basis, connection, row, "utter_complaint_survey", now, {})


def _running(connection: Connection, job: Job) -> Row | None:
    """The case, locked, if this is still its clock and it runs."""
    row = case(connection, job.facts["ref"], lock=True)
    state = State(row["state"])
    if row["clock"] != job.facts["clock"] or state not in WORKING or row["paused_at"] is not None:
        return None
    return row


KINDS: dict[str, Handler] = {
    learning_warnings.WATCH: learning_warnings.weekly,
    TELL: tell,
    timing.WARNING: warning,
    timing.LEGAL: legal,
    timing.CONTACT: contact,
    timing.CONTAIN: contain,
    UNANSWERED: unanswered,
    RESUME: resume,
    SURVEY: survey,
}
