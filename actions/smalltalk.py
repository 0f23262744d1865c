"""Greetings, thanks, help, cancel and repeat."""

from __future__ import annotations

from actions.account import TOPICS, answer_topic
from actions.ask import Ask, DaihouAction
from actions.help.agree import drop_offer
from actions.help.agree import withdraw as withdraw_plan
from actions.requests import withdraw_latest
from bot.names import Action, Intent, Slot

SAID = {
    Intent.GREET: "utter_greet",
    Intent.GOODBYE: "utter_goodbye",
    Intent.THANK: "utter_thank",
    Intent.ASK_CAPABILITIES: "utter_capabilities",
    Intent.BOT_CHALLENGE: "utter_bot_challenge",
    Intent.CHITCHAT: "utter_chitchat",
    Intent.ABUSE: "utter_abuse",
}


class ActionSmallTalk(DaihouAction):
    """What needs no account and no record."""

    action = Action.SMALL_TALK

    def answer(self, ask: Ask) -> None:
        if ask.intent is Intent.CANCEL:
            self._cancel(ask)
        elif ask.intent is Intent.REPEAT:
            self._repeat(ask)
        else:
            ask.say(SAID[ask.intent])

    def _cancel(self, ask: Ask) -> None:
        if ask.says_help("withdraw") and not ask.says("withdraw") and withdraw_plan(ask):
            return
        if ask.says("withdraw") and (withdraw_plan(ask) or withdraw_latest(ask)):
            return
        waiting = ask.slot(Slot.ASKED)
        if waiting in ("help_consent", "help_sign") and drop_offer(ask):
            return
        ask.say("utter_cancelled" if waiting else "utter_nothing_to_cancel")
        ask.stop_waiting()

    def _repeat(self, ask: Ask) -> None:
        """Say the last subject again, from the store, at the level the session has now."""
        topic = ask.slot(Slot.TOPIC)
        if ask.slot(Slot.ASKED):
            return  # the open question is asked again at the end of the turn
        if topic and "/" in topic:
            ask.say(f"utter_{topic}")
        elif topic and Intent(topic) in TOPICS:
            answer_topic(ask, Intent(topic))
        else:
            ask.say("utter_nothing_to_repeat")
