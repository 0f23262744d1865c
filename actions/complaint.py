"""投诉: recorded with the first word, acknowledged at once; what is said next is added. Nothing is asked that is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from sqlalchemy.engine import Connection

from actions.ask import Ask
from bot.dialogue import complaint_words
from bot.errors import Changed, Conflict
from bot.lending.complaint_clock import last_day
from bot.names import Entity, Intent, Slot
from bot.services.complaints import following, people
from bot.services.complaints.lodgement import NEW, PREFIX, REOPENED, Decision, Lodging

COMPLAINTS = (Intent.COMPLAINT, Intent.COLLECTIONS_COMPLAINT, Intent.DISPUTE_CHARGE)
DANGER = "P0"
STORY = 24  # signs from which a complaint has said something by itself
TOLD = "told"

__all__ = ["COMPLAINTS", "PREFIX", "add", "by_third_party", "later", "lodge"]


def by_third_party(ask: Ask) -> bool:
    """Somebody who is not the borrower and complains: a complaint like any other, without a word about any debt."""
    return complaint_words.complains(ask.text)


def later(ask: Ask, write: Callable[[Connection], Any]) -> None:
    """Have `write` carried out with the turn; a case that has moved on meanwhile has the turn run again on what is true then."""

    def carried_out(connection: Connection) -> None:
        try:
            write(connection)
        except Conflict:
            raise Changed from None

    ask.turn.later(carried_out)


def lodge(ask: Ask, wish: Intent) -> None:
    """Open a case, or add to the one it belongs to; with the turn."""
    lodging = _lodging(ask, wish)
    decision: Decision = ask.services.complaints.intake.decide(lodging, ask.turn.now)
    ask.turn.later(lambda c: ask.services.complaints.intake.record(c, lodging, decision, ask.turn.now))
    ask.turn.decide(
        "complaint_lodged",
        ref=decision.ref,
        outcome=decision.kind,
        l1=decision.reading.l1,
        urgency=str(decision.reading.urgency),
    )
    if decision.kind == NEW:
        kind = wish if wish in COMPLAINTS else Intent.COLLECTIONS_COMPLAINT
        ask.services.requests.keep(
            ask.turn, decision.ref, kind=kind.value, by=decision.clocks.told_by, words=lodging.words
        )
    topic = wish if wish in COMPLAINTS else Intent.COLLECTIONS_COMPLAINT
    ask.remember(Slot.TOPIC, topic.value)
    ask.stop_waiting()
    _acknowledge(ask, topic, lodging, decision)


def add(ask: Ask) -> bool:
    """Words that belong to the complaint just spoken of; False when it is not there or not open any more."""
    data = ask.slot(Slot.TASK_DATA) or {}
    services, speaker = ask.services.complaints, ask.turn.speaker
    with services.basis.database.read() as connection:
        rows = services.borrower.of(connection, speaker.customer_id, speaker.session_id, ask.turn.now)
    row = next((one for one in rows if one["ref"] == data.get("ref")), rows[0] if rows else None)
    if row is None or row["state"] in ("closed", "withdrawn"):
        return False
    phone = None if row["customer_id"] else complaint_words.phone(ask.text)

    def write(connection: Connection) -> None:
        services.borrower.add(
            connection, row, ask.turn.understanding.text, speaker.channel, ask.turn.now, ask.turn.turn_id
        )
        if phone:
            people.keep(connection, row["ref"], phone=str(phone))

    later(ask, write)
    ask.turn.decide("complaint_added", ref=row["ref"])
    ask.say("utter_complaint_added", ref=row["ref"], by=_day(ask, row["told_by"]))
    ask.wait_for(complaint_words.WORDS, Intent.COMPLAINT, {"ref": row["ref"]})
    return True


def _lodging(ask: Ask, wish: Intent) -> Lodging:
    turn, speaker = ask.turn, ask.turn.speaker
    third = speaker.customer_id is None and (wish is Intent.THIRD_PARTY or complaint_words.third_party(ask.text))
    known = "borrower" if speaker.customer_id else "unknown"
    loan = _loan(ask)
    return Lodging(
        words=turn.understanding.text,
        channel=speaker.channel,
        language=turn.language,
        sender=f"customer:{speaker.customer_id}" if speaker.customer_id else f"session:{speaker.session_id}",
        received_at=turn.accepted_at or turn.now,
        complainant="third_party" if third else known,
        customer_id=speaker.customer_id,
        loan_id=loan,
        session_id=speaker.session_id,
        conversation_id=turn.conversation_id,
        message_id=turn.turn_id,
    )


def _loan(ask: Ask) -> str | None:
    """The loan it is about, as far as that is known: named, or the only one."""
    if ask.turn.speaker.customer_id is None:
        return None
    own = {loan.loan_id for loan in ask.loans}
    named = ask.first(Entity.LOAN_NUMBER)
    if named in own:
        return str(named)
    return next(iter(own)) if len(own) == 1 else None


def _acknowledge(ask: Ask, wish: Intent, lodging: Lodging, decision: Decision) -> None:
    basis = ask.services.complaints.basis
    policy = basis.policy(ask.turn.now)
    values: dict[str, Any] = {
        "ref": decision.ref,
        "who": _who(ask, decision),
        "by": _day(ask, decision.clocks.told_by),
        "contact_by": _moment(ask, decision.clocks.contact_by),
        "legal_by": ask.day(decision.clocks.legal_by),
        "legal_days": policy.legal_days[0],
        "link": following.address(basis, decision.ref, decision.link_id),
        "link_days": policy.link_days,
        "regulator": policy.regulator,
    }
    if decision.kind == REOPENED:
        ask.say("utter_complaint_reopened", **values)
    elif decision.kind != NEW:
        ask.say("utter_complaint_flooded" if decision.flooded else "utter_complaint_again", **values)
    else:
        third = lodging.complainant == "third_party"
        opening = "_third_party" if third else "_collection" if wish is Intent.COLLECTIONS_COMPLAINT else ""
        pause = "" if lodging.customer_id else "_third_party" if third else "_anonymous"
        if str(decision.reading.urgency) == DANGER:
            ask.say("utter_complaint_danger", **values)
        ask.say(
            "utter_complaint_lodged",
            opening=ask.word(f"complaint_opening{opening}"),
            pause=ask.word(f"complaint_pause{pause}"),
            **values,
        )
    if decision.kind == NEW and len(lodging.words) < STORY:
        ask.say("utter_complaint_more")
    if decision.kind == NEW and lodging.customer_id is None:
        ask.say("utter_complaint_reach")
    ask.wait_for(complaint_words.WORDS, Intent.COMPLAINT, {"ref": decision.ref})


def _who(ask: Ask, decision: Decision) -> str:
    """The colleague who has it, by name, or the team."""
    from bot.services.complaints.assigning import name_of

    with ask.services.complaints.basis.database.read() as connection:
        name = name_of(connection, decision.handler)
    return ask.word("complaint_handler", name=name) if name else ask.word("complaint_team")


def _day(ask: Ask, at: datetime) -> str:
    """The last day before a moment: 24:00 of a day is named by that day."""
    return ask.day(last_day(at, ask.services.settings.timezone))


def _moment(ask: Ask, at: datetime) -> str:
    return _day(ask, at) if ask.local(at).time() == time() else ask.moment(at)
