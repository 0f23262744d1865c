"""What the jobs do: reminders of promises, the question after a broken one, offers that lapse, the nightly checks.

A kind of job is one entry of `KINDS`: a function of the connection, the job and the moment, run in one transaction with
the mark that the job is done. It gives its outcome (a word for the record) and the sessions to wake.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.dialogue import format as fmt
from bot.lending.contact import ContactType
from bot.lending.promises import BROKEN, OPEN, PARTIAL
from bot.services import nightly
from bot.services.channels import last_notice
from bot.services.complaints.learning_warnings import WATCH
from bot.services.notices import current_conversation, language_of, say_to
from bot.services.promises import REMINDER, Promise, promise
from bot.store import jobs
from bot.store.clock import business_date
from bot.store.conversation_schema import conversations
from bot.store.help_schema import promises
from bot.store.jobs import Job

FOLLOW_UP, NIGHTLY, NOTICE = nightly.FOLLOW_UP, "nightly", nightly.NOTICE
ACCRUAL = "accrual"
WITH_PERSON = timedelta(minutes=5)  # while a person is awaited or speaks, nothing of the engine interrupts
ACCRUED_TOGETHER = 100  # loans in one transaction
NIGHT_AT = time(0, 30)
MONDAY = 0  # early warning of complaints looks at the week that ended
Outcome = tuple[str, tuple[str, ...]]
Handler = Callable[[Any, Connection, Job, datetime], Outcome]


class Postponed(Exception):
    """Not now: the job is due again at `until`."""

    def __init__(self, until: datetime, why: str) -> None:
        super().__init__(why)
        self.until, self.why = until, why


def remind(services: Any, connection: Connection, job: Job, now: datetime) -> Outcome:
    """The day before and on the day, at ten: a kind reminder of an open promise."""
    made = _promise(connection, job)
    if made.status != OPEN:
        return "not open any more", ()
    if business_date(now, services.settings.timezone) > made.by_day:
        return "too late", ()
    _must_be_allowed(services, connection, made.customer_id, ContactType.PROMISE_REMINDER, now)
    return "reminded", _say_of(services, connection, made, "utter_promise_reminder", now)


def follow_up(services: Any, connection: Connection, job: Job, now: datetime) -> Outcome:
    """After a promise was not kept: one question whether help is needed, with a way on."""
    made = _promise(connection, job)
    if made.status not in (BROKEN, PARTIAL):
        return "not broken", ()
    _must_be_allowed(services, connection, made.customer_id, ContactType.SERVICE_NOTICE, now)
    return "asked", _say_of(services, connection, made, "utter_promise_broken", now)


def notice(services: Any, connection: Connection, job: Job, now: datetime) -> Outcome:
    """A decision or an end that the borrower is told: the response and its values are in the job."""
    _must_be_allowed(services, connection, job.facts["customer_id"], ContactType.SERVICE_NOTICE, now)
    values = dict(job.facts.get("values", {}))
    return "told", _say(services, connection, job.facts["customer_id"], job.facts["response"], now, **values)


def night(services: Any, connection: Connection, job: Job, now: datetime) -> Outcome:
    """Promises judged, arrangements checked, offers lapsed; the next night is queued first."""
    queue_night(services, connection, now)
    today = business_date(now, services.settings.timezone)
    done = nightly.run(services, connection, today, now)
    late = nightly.overdue_loans(connection, today)
    for start in range(0, len(late), ACCRUED_TOGETHER):
        batch = late[start : start + ACCRUED_TOGETHER]
        jobs.put(connection, ACCRUAL, f"{today} {batch[0]}", now, {"loans": batch})
    if today.weekday() == MONDAY:
        jobs.put(connection, WATCH, today.isoformat(), now, {})
    return str(done), ()


def accrual(services: Any, connection: Connection, job: Job, now: datetime) -> Outcome:
    """Penalty of some overdue loans, booked to date. A batch is small, so that no borrower waits for its transaction."""
    today = business_date(now, services.settings.timezone)
    return f"booked {nightly.accrue_loans(connection, job.facts['loans'], today, now)}", ()


def last(services: Any, connection: Connection, job: Job, now: datetime) -> Outcome:
    """One neutral text message, where no channel could bring a reply."""
    outcome, woken, again = last_notice.send(services, connection, job, now)
    if again is not None:
        raise Postponed(again, "quiet hours")
    return outcome, woken


KINDS: dict[str, Handler] = {
    REMINDER: remind,
    FOLLOW_UP: follow_up,
    NOTICE: notice,
    NIGHTLY: night,
    ACCRUAL: accrual,
    last_notice.LAST_NOTICE: last,
}


def queue_night(services: Any, connection: Connection, now: datetime) -> None:
    """The nightly checks after `now`; queued once however often this is called."""
    zone = services.settings.timezone
    local = now.astimezone(zone)
    due = datetime.combine(local.date(), NIGHT_AT, zone)
    if due <= local:
        due += timedelta(days=1)
    jobs.put(connection, NIGHTLY, due.date().isoformat(), due, {})


def _must_be_allowed(services: Any, connection: Connection, customer_id: str, kind: ContactType, now: datetime) -> None:
    """Raises Postponed while a person speaks and in quiet hours, Denied otherwise."""
    owner = connection.execute(
        sa.select(conversations.c.owner).where(conversations.c.customer_id == customer_id)
    ).scalar()
    if owner not in (None, "bot"):
        raise Postponed(now + WITH_PERSON, "with_person")
    verdict = services.contact.allow(connection, customer_id, kind, "conversation", now)
    if verdict.allowed:
        return
    if verdict.reason in ("quiet_hours", "wished_quiet"):
        raise Postponed(services.contact.next_allowed(connection, customer_id, now, verdict.reason), verdict.reason)
    raise Denied(verdict.reason)


class Denied(Exception):
    """The policy does not allow this contact; the job ends with the reason."""


def _promise(connection: Connection, job: Job) -> Promise:
    """What a job about a promise is about: such rows are never removed."""
    return promise(connection.execute(sa.select(promises).where(promises.c.ref == job.facts["ref"])).mappings().one())


def _say_of(services: Any, connection: Connection, made: Promise, response: str, now: datetime) -> tuple[str, ...]:
    values = {"cents": fmt.yuan(made.cents), "by_day": made.by_day, "ref": made.ref}
    return _say(services, connection, made.customer_id, response, now, **values)


def _say(
    services: Any, connection: Connection, customer_id: str, response: str, now: datetime, **values: Any
) -> tuple[str, ...]:
    conversation_id = current_conversation(connection, customer_id)
    if conversation_id is None:
        return ()
    language = language_of(connection, conversation_id)
    settings = services.settings
    said = {key: fmt.day(value, language) if hasattr(value, "isoformat") else value for key, value in values.items()}
    common = {"lender_name": settings.lender_name, "hotline": settings.hotline}
    message = services.speech.say(response, language, {**common, **said}, level=2)
    return say_to(connection, customer_id, message, now)
