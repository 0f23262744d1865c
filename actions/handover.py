"""「人工」: a person is asked for, at any moment, and nothing said so far is lost."""

from __future__ import annotations

from actions.ask import Ask, DaihouAction
from bot.names import Action
from bot.services.requests import Request

HAND_OVER = "hand_over"


def call_person(ask: Ask, kind: str, urgency: str) -> Request:
    """The open record of a handover, made if there is none."""
    for request in ask.services.requests.open_for(ask.turn):
        if request.kind == kind:
            found: Request = request
            return found
    now = ask.turn.now.astimezone(ask.services.settings.timezone)
    by = ask.services.service_times(ask.today).answer_by(now, urgency)
    made: Request = ask.services.requests.record(
        ask.turn, kind=kind, prefix="RG", by=by, words=ask.turn.understanding.text
    )
    ask.turn.handover = kind
    ask.turn.decide("handover", reason=kind, ref=made.ref)
    return made


class ActionHandOver(DaihouAction):
    """`talk_to_human`. An open question stays open and can be answered later."""

    action = Action.HAND_OVER

    def answer(self, ask: Ask) -> None:
        already = any(request.kind == HAND_OVER for request in ask.services.requests.open_for(ask.turn))
        request = call_person(ask, HAND_OVER, "person")
        if not already:
            ask.services.notifier.alert_supervisor(ask.turn, kind=HAND_OVER, ref=request.ref)
        times = ask.services.service_times(ask.today)
        local = ask.local(ask.turn.now)
        key = "hand_over_open" if times.is_open(local) else "hand_over_closed"
        when = ask.word(key, hours=times.hours, by=ask.moment(request.by), hotline=ask.services.settings.hotline)
        ask.say("utter_hand_over_again" if already else "utter_hand_over", ref=request.ref, when=when)
