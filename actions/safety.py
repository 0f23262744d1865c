"""A borrower in despair: business stops, a person is called, contact to collect ends (requirements 3.2, rule 10)."""

from __future__ import annotations

from actions.ask import Ask, DaihouAction
from bot.names import Action, Intent


class ActionSafety(DaihouAction):
    """`self_harm`."""

    action = Action.SAFETY

    def answer(self, ask: Ask) -> None:
        ask.stop_waiting()
        kind = Intent.SELF_HARM.value
        called = ask.services.desk.calling.call(ask.turn, kind, "urgent", kind)
        ask.services.preferences.stop_contact(ask.turn)
        ask.services.preferences.pause_collection(ask.turn, reason=called.ref)
        ask.services.notifier.alert_supervisor(ask.turn, kind=kind, ref=called.ref)
        ask.say("utter_self_harm", ref=called.ref)
