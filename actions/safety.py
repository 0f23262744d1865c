"""A borrower in despair: business stops, a person is called, contact to collect ends (requirements 3.2, rule 10)."""

from __future__ import annotations

from actions.ask import Ask, DaihouAction
from actions.handover import call_person
from bot.names import Action, Intent


class ActionSafety(DaihouAction):
    """`self_harm`."""

    action = Action.SAFETY

    def answer(self, ask: Ask) -> None:
        ask.stop_waiting()
        request = call_person(ask, Intent.SELF_HARM.value, "urgent")
        ask.services.preferences.stop_contact(ask.turn)
        ask.services.preferences.pause_collection(ask.turn, reason=request.ref)
        ask.services.notifier.alert_supervisor(ask.turn, kind=Intent.SELF_HARM.value, ref=request.ref)
        ask.say("utter_self_harm", ref=request.ref)
