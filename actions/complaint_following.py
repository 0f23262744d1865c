"""投诉进度: where a complaint stands, and what whoever made it can do with it: read the decision, accept, review, withdraw, rate it."""

from __future__ import annotations

from typing import Any

from actions import complaint
from actions.ask import Ask
from bot.dialogue import complaint_words
from bot.dialogue.turn import Button
from bot.lending.complaint_clock import end_of, last_day
from bot.lending.complaint_states import FINISHED, WORKING, State
from bot.names import Intent, Slot
from bot.services.complaints import following, pause

Row = dict[str, Any]
PROVEN = 2


def follow(ask: Ask) -> bool:
    """Answer a message about a complaint that is there; False when there is none at all and nothing was said about one."""
    services, speaker = ask.services.complaints, ask.turn.speaker
    said, named = complaint_words.verb(ask.text), complaint_words.number(ask.text)
    with services.basis.database.read() as connection:
        rows = services.borrower.of(connection, speaker.customer_id, speaker.session_id, ask.turn.now)
        if named is not None:
            row = services.borrower.named(connection, named, speaker.customer_id, speaker.session_id)
            rows = [row] if row is not None else []
        survey = services.borrower.open_survey(connection, speaker.customer_id, speaker.session_id)
    if said == "survey" and survey is not None:
        return _rate(ask, survey)
    if named is not None and not rows:
        ask.say("utter_complaint_not_yours", ref=named)
        return True
    if not rows:
        return _without(ask, said)
    ask.remember(Slot.TOPIC, Intent.COMPLAINT.value)
    if said in VERBS:
        return VERBS[said](ask, _fitting(rows, said))
    if len(rows) > 1:
        _list(ask, rows)
        return True
    _status(ask, rows[0])
    return True


def ask_to_withdraw(ask: Ask, ref: str) -> None:
    """Withdrawing ends a right's clock: it is confirmed in so many words."""
    buttons = [
        Button(ask.word("complaint_withdraw"), ask.word("complaint_withdraw_say", ref=ref)),
        Button(ask.word("complaint_keep"), ask.word("complaint_keep")),
    ]
    ask.say("utter_complaint_withdraw_sure", ref=ref, buttons=buttons)


def _without(ask: Ask, said: str | None) -> bool:
    """Nobody's complaint is here: dissatisfaction with a result is one."""
    if said == "review":
        complaint.lodge(ask, Intent.COMPLAINT)
        return True
    if ask.services.requests.open_for(ask.turn) and said is None:
        return False
    ask.say("utter_complaint_none")
    return True


def _fitting(rows: list[Row], said: str) -> Row:
    """The case that the verb can be meant for; the newest where none fits, so that its state is explained."""
    states = {"accept": ("notified",), "review": ("notified", "closed"), "letter": ("notified", "accepted", "closed")}
    if said in states:
        return next((row for row in rows if row["state"] in states[said]), rows[0])
    return next((row for row in rows if State(row["state"]) not in FINISHED), rows[0])


def _status(ask: Ask, row: Row) -> None:
    level = 1 if ask.turn.speaker.customer_id else 0
    buttons = _choices(ask, row) if row["state"] == State.NOTIFIED.value and ask.turn.speaker.level >= PROVEN else None
    values = {"ref": row["ref"], "state": ask.word(f"complaint_state_{row['state']}"), "next": _next(ask, row)}
    ask.say("utter_complaint_status", level=level, buttons=buttons, **values)
    if row["question"] and row["state"] == State.AWAITING_CUSTOMER.value:
        ask.say("utter_complaint_question", level=level, ref=row["ref"], question=row["question"])
    if row["state"] not in ("closed", "withdrawn"):
        ask.wait_for(complaint_words.WORDS, Intent.COMPLAINT, {"ref": row["ref"]})


def _choices(ask: Ask, row: Row) -> list[Button]:
    keys = ("complaint_letter", "complaint_accept", *(() if row["reviews"] else ("complaint_review",)))
    return [Button(ask.word(key), ask.word(f"{key}_say", ref=row["ref"])) for key in keys]


def _next(ask: Ask, row: Row) -> str:
    """What happens next and by when."""
    zone = ask.services.settings.timezone
    state = State(row["state"])
    values = {
        "by": ask.day(last_day(row["told_by"], zone)),
        "legal_by": ask.day(row["legal_by"]),
        "review_until": ask.day(row["review_until"]) if row["review_until"] else "",
        "regulator": ask.services.complaints.basis.policy(ask.turn.now).regulator,
    }
    if state in (State.DISPUTED, State.REVIEW):
        return ask.word("complaint_next_review", **values)
    if state in (State.AWAITING_EXTERNAL,):
        return ask.word("complaint_next_awaiting_external", **values)
    if state in WORKING:
        if ask.turn.now >= min(row["told_by"], end_of(row["legal_by"], zone)):
            return ask.word("complaint_next_late", **values)
        waits = "awaiting_customer" if state is State.AWAITING_CUSTOMER else "working"
        return ask.word(f"complaint_next_{waits}", **values)
    return ask.word(f"complaint_next_{state.value}", **values)


def _list(ask: Ask, rows: list[Row]) -> None:
    zone = ask.services.settings.timezone
    columns = [ask.word(key) for key in ("ref", "complaint_state", "complaint_received", "complaint_by")]
    cells = [
        [
            row["ref"],
            ask.word(f"complaint_state_{row['state']}"),
            ask.day(ask.local(row["received_at"]).date()),
            ask.day(last_day(row["told_by"], zone)) if State(row["state"]) in WORKING else "-",
        ]
        for row in rows
    ]
    ask.say(
        "utter_complaint_statuses",
        level=1 if ask.turn.speaker.customer_id else 0,
        count=len(rows),
        card={"kind": "table", "title": "", "columns": columns, "rows": cells},
    )


# -- what can be done with it


def _proven(ask: Ask) -> bool:
    """A decision is read and answered by whoever is proven; the session that complained anonymously is that person."""
    if ask.turn.speaker.customer_id is None or ask.turn.speaker.level >= PROVEN:
        return True
    ask.say("utter_complaint_log_in")
    ask.ask_to_log_in()
    return False


def _not_now(ask: Ask, row: Row) -> bool:
    state = ask.word(f"complaint_state_{row['state']}")
    ask.say("utter_complaint_not_now", ref=row["ref"], state=state, next=_next(ask, row))
    return True


def _accept(ask: Ask, row: Row) -> bool:
    if row["state"] != State.NOTIFIED.value:
        return _not_now(ask, row)
    if not _proven(ask):
        return True
    services = ask.services.complaints
    complaint.later(ask, lambda c: services.borrower.accept(c, row, ask.turn.now))
    ask.turn.decide("complaint_accepted", ref=row["ref"])
    until = ask.day(row["review_until"])
    regulator = services.basis.policy(ask.turn.now).regulator
    ask.say("utter_complaint_accepted", ref=row["ref"], review_until=until, regulator=regulator)
    return True


def _review(ask: Ask, row: Row) -> bool:
    services = ask.services.complaints
    regulator = services.basis.policy(ask.turn.now).regulator
    if row["reviews"] and row["state"] in ("notified", "closed", "accepted"):
        ask.say("utter_complaint_reviewed_already", ref=row["ref"], regulator=regulator)
        return True
    today = services.basis.today(ask.turn.now)
    late = row["review_until"] is not None and today > row["review_until"]
    if row["state"] not in ("notified", "closed") or late:
        return _not_now(ask, row)
    if not _proven(ask):
        return True
    words = ask.turn.understanding.text
    complaint.later(ask, lambda c: services.borrower.dispute(c, row, words, ask.turn.now))
    ask.turn.decide("complaint_disputed", ref=row["ref"])
    until = services.borrower.review_by(ask.turn.now)
    ask.say("utter_complaint_disputed", ref=row["ref"], by=ask.day(until), regulator=regulator)
    return True


def _letter(ask: Ask, row: Row) -> bool:
    if row["letter_id"] is None:
        return _not_now(ask, row)
    if not _proven(ask):
        return True
    basis, session = ask.services.complaints.basis, ask.turn.speaker.session_id
    link, pdf = (following.letter_address(basis, row["ref"], session, kind) for kind in ("html", "pdf"))
    level = PROVEN if row["customer_id"] else 0
    buttons = _choices(ask, row)[1:] if row["state"] == State.NOTIFIED.value else None
    ask.say("utter_complaint_letter_link", level=level, ref=row["ref"], link=link, pdf=pdf, buttons=buttons)
    return True


def _withdraw(ask: Ask, row: Row) -> bool:
    if State(row["state"]) in FINISHED:
        return _not_now(ask, row)
    ask_to_withdraw(ask, row["ref"])
    return True


def _confirm(ask: Ask, row: Row) -> bool:
    if State(row["state"]) in FINISHED:
        return _not_now(ask, row)
    services = ask.services.complaints
    complaint.later(ask, lambda c: services.borrower.withdraw(c, row, ask.turn.now))
    ask.turn.decide("complaint_withdrawn", ref=row["ref"])
    ask.stop_waiting()
    resume = ask.day(pause.after_withdrawal(services.basis, ask.turn.now))
    regulator = services.basis.policy(ask.turn.now).regulator
    ask.say("utter_complaint_withdrawn", ref=row["ref"], resume_on=resume, regulator=regulator)
    return True


def _rate(ask: Ask, survey: Any) -> bool:
    given = complaint_words.score(ask.text)
    if given is None:
        return False
    score, comment = given
    services = ask.services.complaints
    complaint.later(
        ask, lambda c: services.borrower.answer_survey(c, survey["ref"], score, None, comment, ask.turn.now)
    )
    ask.say("utter_complaint_survey_thanks", ref=survey["ref"])
    return True


VERBS = {
    "accept": _accept,
    "review": _review,
    "letter": _letter,
    "withdraw": _withdraw,
    "confirm": _confirm,
}
