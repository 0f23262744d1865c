"""「人工」: a person is asked for, at any moment, and nothing said so far is lost."""

from __future__ import annotations

from actions.ask import Ask, DaihouAction
from bot.dialogue.turn import Button
from bot.lending.masking import mask_phone
from bot.names import Action, Intent, Slot
from bot.nlu.times import read_moment
from bot.services.desk.calling import Called

HAND_OVER = "hand_over"
COMPLAINTS = (Intent.COMPLAINT, Intent.COLLECTIONS_COMPLAINT, Intent.DISPUTE_CHARGE)
HARDSHIP = (
    Intent.CANNOT_REPAY,
    Intent.NEGOTIATE_PLAN,
    Intent.REQUEST_EXTENSION,
    Intent.REQUEST_INSTALMENT,
    Intent.REQUEST_WAIVER,
)


class ActionHandOver(DaihouAction):
    """`talk_to_human`. An open question stays open and can be answered later."""

    action = Action.HAND_OVER

    def answer(self, ask: Ask) -> None:
        hand_over(ask, _reason(ask))


def hand_over(ask: Ask, reason: str) -> None:
    """Call a person and say what happens next: the place and the time, or the hour of a callback, or when it is answered."""
    called: Called = ask.services.desk.calling.call(ask.turn, reason)
    if not called.again and not called.waits:
        ask.services.notifier.alert_supervisor(ask.turn, kind=HAND_OVER, ref=called.ref)
    queue = ask.services.desk.queue
    if called.waits:
        ask.say(
            "utter_queue_joined",
            ref=called.ref,
            position=called.outlook.position,
            hours=ask.services.service_times(ask.today).hours,
            time=queue.time_words(called.outlook.estimate, ask.turn.language, at_once=called.outlook.at_once),
            buttons=queue.choices(ask.turn.language),
        )
        return
    ask.say(
        "utter_hand_over_again" if called.again else "utter_hand_over",
        ref=called.ref,
        when=_when(ask, called),
        buttons=_other_times(ask, called),
    )


def book_callback(ask: Ask) -> bool:
    """A call at the hour that was named, or the next; False for whoever has proven nothing or has no phone with us."""
    customer_id = ask.turn.speaker.customer_id
    phone = ask.services.loans.customer(customer_id).phone if customer_id else None
    if phone is None:
        return False
    basis = ask.services.desk.basis
    hours = ask.services.service_times(ask.today)
    wanted = read_moment(ask.turn.text, ask.turn.now, basis.zone, hours.opens)
    made = ask.services.desk.calling.call_back(ask.turn, wanted)
    if isinstance(made, Called):
        assert made.slot is not None
        window = basis.window(made.slot, ask.turn.language)
        ask.say("utter_callback_booked", window=window, phone=mask_phone(phone), ref=made.ref)
        return True
    response = "utter_callback_ask" if wanted is None else "utter_callback_taken"
    buttons = [basis.slot_button(at, ask.turn.language) for at in made]
    ask.say(response, phone=mask_phone(phone), hours=hours.hours, buttons=buttons)
    return True


def _when(ask: Ask, called: Called) -> str:
    hours = ask.services.service_times(ask.today).hours
    hotline = ask.services.settings.hotline
    now = ask.word(f"hand_over_{called.outlook.way}", hours=hours)
    if called.slot is not None:
        phone = mask_phone(ask.services.loans.customer(ask.turn.speaker.customer_id).phone or "")
        window = ask.services.desk.basis.window(called.slot, ask.turn.language)
        return now + ask.word("hand_over_call", window=window, phone=phone, hotline=hotline)
    key = "hand_over_by" if ask.turn.speaker.customer_id else "hand_over_by_anonymous"
    return now + ask.word(key, by=ask.moment(called.by), hotline=hotline)


def _other_times(ask: Ask, called: Called) -> list[Button]:
    """Another hour for the call; nothing to choose where no call is due."""
    if called.slot is None:
        return []
    words = ask.word("other_time")
    return [Button(words, words)]


def _reason(ask: Ask) -> str:
    """Why a person is wanted, by what was talked about: a complaint and hardship have queues of their own."""
    talked = {str(ask.slot(Slot.TOPIC) or ""), str(ask.slot(Slot.TASK) or "")}
    if talked & {intent.value for intent in COMPLAINTS}:
        return "complaint"
    if talked & {intent.value for intent in HARDSHIP}:
        return "help"
    return HAND_OVER
