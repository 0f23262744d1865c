"""Not understood, or not our business: which of two readings, then never twice in a row without offering a person."""

from __future__ import annotations

from actions.ask import Ask, DaihouAction
from actions.handover import hand_over
from bot.dialogue.readings import label, offered
from bot.dialogue.turn import Button
from bot.names import Action, Intent, Slot

FALLBACKS_BEFORE_PERSON = 2  # then one is offered (requirements 3.2, rule 2); who is still not understood gets one
LIKELY = 0.4  # of the best two readings together, before they are worth a question


class ActionFallback(DaihouAction):
    """`nlu_fallback` and `out_of_scope`."""

    action = Action.FALLBACK

    def answer(self, ask: Ask) -> None:
        in_a_row = int(ask.slot(Slot.FALLBACKS) or 0) + 1
        ask.remember(Slot.FALLBACKS, in_a_row)
        readings = _two_readings(ask)
        ask.turn.decide("fallback", in_a_row=in_a_row, readings=list(readings))
        if in_a_row > FALLBACKS_BEFORE_PERSON:
            hand_over(ask, "not_understood")
        elif in_a_row == FALLBACKS_BEFORE_PERSON:
            ask.say("utter_fallback_person")
        elif readings:
            _ask_which(ask, *readings)
        else:
            ask.say("utter_out_of_scope" if ask.intent is Intent.OUT_OF_SCOPE else "utter_fallback")


def _two_readings(ask: Ask) -> tuple[str, ...]:
    """The two likeliest intents when the model hesitates between them; empty when it has no idea."""
    best = ask.turn.understanding.ranking[:2]
    if ask.intent is not Intent.FALLBACK or len(best) < 2 or not all(offered(intent) for intent, _ in best):
        return ()
    return tuple(intent for intent, _ in best) if sum(chance for _, chance in best) >= LIKELY else ()


def _ask_which(ask: Ask, first: str, second: str) -> None:
    language = ask.turn.language
    names = [label(first, language), label(second, language)]
    neither = ask.word("neither")
    ask.say(
        "utter_which_reading",
        first=names[0],
        second=names[1],
        buttons=[*(Button(name, name) for name in names), Button(neither, neither)],
    )
    ask.wait_for("reading", Intent(first), {"readings": [first, second], "meant": ask.turn.understanding.as_json()})
