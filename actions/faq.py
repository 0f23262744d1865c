"""Answers that need no account: FAQ items inside an intent, and the general word on a subject."""

from __future__ import annotations

from actions.ask import Ask, DaihouAction
from bot.names import Action, Intent, Slot

GENERAL = {
    Intent.QUERY_LIMIT: "utter_query_limit",
    Intent.QUERY_OFFERS: "utter_query_offers",
    Intent.VERIFY_CONTACT: "utter_verify_contact",
    Intent.NEW_LOAN: "utter_new_loan",
    Intent.MONEY_GUIDANCE: "utter_money_guidance",
    Intent.CREDIT_REPORT: "utter_credit_report",
}


def answered_by_item(ask: Ask) -> bool:
    """Say the FAQ item that the message was matched to inside its intent; False when there is none."""
    understanding = ask.turn.understanding
    if understanding.item is None:
        return False
    ask.say(f"utter_{understanding.intent}/{understanding.item}")
    ask.remember(Slot.TOPIC, f"{understanding.intent}/{understanding.item}")
    return True


class ActionAnswerFaq(DaihouAction):
    """Subjects without an account answer."""

    action = Action.ANSWER_FAQ

    def answer(self, ask: Ask) -> None:
        if not answered_by_item(ask):
            ask.say(GENERAL[ask.intent])
            ask.remember(Slot.TOPIC, ask.intent.value)
