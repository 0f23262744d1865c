"""Wishes that a colleague must carry out: recorded now with a number, a next step and a time. Nothing is pretended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from actions import complaint, complaint_following
from actions.ask import Ask, DaihouAction
from actions.faq import answered_by_item
from actions.handover import book_callback
from actions.help.offers import HELP, begin
from bot.names import Action, Intent, Slot
from bot.services.requests import Request


@dataclass(frozen=True)
class Kind:
    """How one wish is recorded: number prefix, how soon a person answers, whether contact to collect is paused."""

    prefix: str = "SQ"
    urgency: str = "request"
    pauses_collection: bool = False
    faq_first: bool = True  # a matched FAQ item answers; False: the wish itself must be recorded


KINDS: dict[Intent, Kind] = {
    Intent.CANNOT_REPAY: Kind(faq_first=False),
    Intent.NEGOTIATE_PLAN: Kind(),
    Intent.REQUEST_EXTENSION: Kind(),
    Intent.REQUEST_INSTALMENT: Kind(),
    Intent.REQUEST_WAIVER: Kind(),
    Intent.PROMISE_TO_PAY: Kind(),
    Intent.CHANGE_DUE_DATE: Kind(),
    Intent.CHANGE_REPAYMENT_METHOD: Kind(),
    Intent.REFUND: Kind(),
    Intent.CHANGE_BANK_CARD: Kind(),
    Intent.AUTOPAY: Kind(),
    Intent.SETTLEMENT_CERTIFICATE: Kind(),
    Intent.CONTRACT_COPY: Kind(),
    Intent.CHANGE_CONTACT_INFO: Kind(),
    Intent.CLOSE_ACCOUNT: Kind(),
    Intent.ACCOUNT_FROZEN: Kind(),
    Intent.PAYMENT_NOT_REFLECTED: Kind(),
    Intent.PAYMENT_FAILED: Kind(),
    Intent.NOT_MY_LOAN: Kind(pauses_collection=True, faq_first=False),
    Intent.PRIVACY_REQUEST: Kind(),
    Intent.FEEDBACK: Kind(),
    Intent.REQUEST_CALLBACK: Kind(urgency="person"),
    Intent.COMPLAINT: Kind("TS", "complaint", pauses_collection=True),
    Intent.COLLECTIONS_COMPLAINT: Kind("TS", "complaint", pauses_collection=True, faq_first=False),
    Intent.DISPUTE_CHARGE: Kind("TS", "complaint", pauses_collection=True),
    Intent.THIRD_PARTY: Kind(faq_first=False),
    Intent.STOP_CONTACT: Kind(),
}
ONE_OPEN_ONLY = frozenset(KINDS) - {Intent.FEEDBACK, Intent.PROMISE_TO_PAY, Intent.THIRD_PARTY}


class ActionRecordRequest(DaihouAction):
    """Every intent of `KINDS`."""

    action = Action.RECORD_REQUEST

    def answer(self, ask: Ask) -> None:
        if ask.intent in HELP and _helped(ask):
            return
        if ask.intent is Intent.REQUEST_CALLBACK and book_callback(ask):
            return
        if KINDS[ask.intent].faq_first and answered_by_item(ask):
            return
        if ask.intent is Intent.STOP_CONTACT:
            stop_contact(ask)
        else:
            record_request(ask, ask.intent)


def _helped(ask: Ask) -> bool:
    """Help with repaying is worked out here and now for a proven borrower; anybody else's wish is recorded and never lost."""
    if answered_by_item(ask) if KINDS[ask.intent].faq_first else False:
        return True
    if ask.may("amount"):
        if not ask.loans:
            ask.say("utter_no_loan", level=1)
        else:
            begin(ask, ask.intent)
        return True
    record_request(ask, ask.intent)
    ask.ask_to_log_in()
    return True


def record_request(ask: Ask, wish: Intent) -> None:
    """Record the wish, or point to the record of it that is still open."""
    kind = KINDS[wish]
    if wish in complaint.COMPLAINTS or (wish is Intent.THIRD_PARTY and complaint.by_third_party(ask)):
        complaint.lodge(ask, wish)
        return
    open_already = _open(ask, wish) if wish in ONE_OPEN_ONLY else None
    if open_already is not None:
        ask.services.requests.add_note(ask.turn, open_already.ref, ask.turn.understanding.text)
        ask.say(
            "utter_already_recorded",
            ref=open_already.ref,
            recorded_on=ask.day(ask.local(open_already.recorded_at).date()),
            step=step(ask, open_already.by),
        )
        return
    times = ask.services.service_times(ask.today)
    by = times.answer_by(ask.local(ask.turn.now), kind.urgency)
    request = ask.services.requests.record(
        ask.turn, kind=wish.value, prefix=kind.prefix, by=by, words=ask.turn.understanding.text
    )
    if kind.pauses_collection:
        ask.services.preferences.pause_collection(ask.turn, reason=request.ref)
    ask.remember(Slot.TOPIC, wish.value)
    ask.stop_waiting()
    ask.say(
        f"utter_recorded_{wish.value}",
        ref=request.ref,
        step=step(ask, by),
        by=ask.moment(by),
        hours=times.hours,
        quote=ask.turn.understanding.text[:60],
        latest=_latest_payment(ask, wish),
    )


def stop_contact(ask: Ask) -> None:
    """Takes effect with this turn for whoever is known; recorded for whoever is not."""
    known = ask.turn.speaker.customer_id is not None
    by = ask.services.service_times(ask.today).answer_by(ask.local(ask.turn.now), "request")
    request = _open(ask, Intent.STOP_CONTACT) or ask.services.requests.record(
        ask.turn, kind=Intent.STOP_CONTACT.value, prefix="SQ", by=by, words=ask.turn.understanding.text
    )
    ask.services.preferences.stop_contact(ask.turn)
    ask.remember(Slot.TOPIC, Intent.STOP_CONTACT.value)
    ask.say("utter_stop_contact" if known else "utter_stop_contact_anonymous", ref=request.ref)


def add_note(ask: Ask) -> bool:
    """A datum said right after something was recorded belongs to that record; False when nothing was."""
    topic = ask.slot(Slot.TOPIC)
    if ask.intent is not Intent.INFORM or not topic or "/" in topic or Intent(topic) not in KINDS:
        return False
    if Intent(topic) in complaint.COMPLAINTS:
        return complaint.add(ask)
    request = _open(ask, Intent(topic))
    if request is None:
        return False
    ask.services.requests.add_note(ask.turn, request.ref, ask.turn.understanding.text)
    ask.say("utter_note_added", ref=request.ref)
    return True


def withdraw_latest(ask: Ask) -> bool:
    """Take back the latest open request of this conversation; False when there is none."""
    requests = ask.services.requests.open_for(ask.turn)
    if not requests:
        return False
    if requests[0].ref.startswith(complaint.PREFIX):
        complaint_following.ask_to_withdraw(ask, requests[0].ref)
        return True
    ask.services.requests.withdraw(ask.turn, requests[0].ref)
    ask.say("utter_withdrawn", ref=requests[0].ref)
    return True


def step(ask: Ask, by: datetime) -> str:
    """What happens next and by when, in words; an anonymous session is told that nobody can reach it yet."""
    known = ask.turn.speaker.customer_id is not None
    return ask.word("step_known" if known else "step_anonymous", by=ask.moment(by))


def _open(ask: Ask, wish: Intent) -> Request | None:
    matching = [request for request in ask.services.requests.open_for(ask.turn) if request.kind == wish.value]
    return matching[0] if matching else None


def _latest_payment(ask: Ask, wish: Intent) -> str:
    """For "paid but not shown": the latest payment on the books, where this session may see it."""
    if wish is not Intent.PAYMENT_NOT_REFLECTED or not ask.may("payment"):
        return ""
    payments: list[Any] = [p for loan in ask.loans for p in ask.services.loans.payments(loan.loan_id)[:1]]
    if not payments:
        return ""
    latest = max(payments, key=lambda payment: payment.at)
    return ask.word("latest_payment", paid_on=ask.day(ask.local(latest.at).date()), paid_cents=ask.yuan(latest.cents))
