"""Not understood, or not our business: never twice in a row without offering a person."""

from __future__ import annotations

from actions.ask import Ask, DaihouAction
from bot.names import Action, Intent, Slot

FALLBACKS_BEFORE_PERSON = 2  # requirements 3.2, rule 2


class ActionFallback(DaihouAction):
    """`nlu_fallback` and `out_of_scope`."""

    action = Action.FALLBACK

    def answer(self, ask: Ask) -> None:
        in_a_row = int(ask.slot(Slot.FALLBACKS) or 0) + 1
        ask.remember(Slot.FALLBACKS, in_a_row)
        ask.turn.decide("fallback", in_a_row=in_a_row)
        if in_a_row >= FALLBACKS_BEFORE_PERSON:
            ask.say("utter_fallback_person")
        else:
            ask.say("utter_out_of_scope" if ask.intent is Intent.OUT_OF_SCOPE else "utter_fallback")
