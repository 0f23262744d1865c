"""「人工」: a person is asked for, at any moment, and nothing said so far is lost."""

from __future__ import annotations

from actions.ask import Ask, DaihouAction
from bot.dialogue.turn import Button
from bot.lending.masking import mask_phone
from bot.names import Action, Intent, Slot
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
