"""Messages that only make sense after others: a bare value, yes, no, 「那下个月呢」, 「不对，是15号」."""

from __future__ import annotations

from actions import complaint
from actions.account import TOPICS, answer_topic
from actions.ask import Ask, DaihouAction
from actions.help import answers as help_given
from actions.help.agree import signed
from actions.help.offers import HELP, begin
from actions.help.order import order
from actions.loans import choose
from actions.prepayment import quote
from actions.questions import ask_again, put
from actions.requests import add_note
from bot.dialogue import help_answers
from bot.dialogue.complaint_words import WORDS
from bot.dialogue.context import LAPSING
from bot.names import Action, Entity, Intent, Slot

PREPAYMENT = (Intent.EARLY_REPAYMENT, Intent.EARLY_REPAYMENT_FEE)


class ActionContinue(DaihouAction):
    """`inform`, `affirm`, `deny`."""

    action = Action.CONTINUE

    def answer(self, ask: Ask) -> None:
        asked, task = ask.slot(Slot.ASKED), ask.slot(Slot.TASK)
        if ask.turn.signed is not None:
            signed(ask, ask.turn.signed)
            return
        if asked == "also" and ask.intent is Intent.DENY:
            ask.stop_waiting()
            ask.say("utter_also_declined")
            return
        if asked == "help_order" and order(ask, dict(ask.slot(Slot.TASK_DATA) or {})):
            return
        if asked == WORDS and ask.intent is not Intent.DENY and complaint.add(ask):
            return
        if asked and task and asked not in LAPSING:
            self._answer_to_question(ask, str(asked), Intent(task))
            return
        topic = ask.slot(Slot.TOPIC)
        if topic and self._has_reference(ask) and self._again(ask, str(topic)):
            return
        if add_note(ask):
            return
        if ask.intent is Intent.AFFIRM:
            ask.say("utter_affirm_nothing")
        elif ask.intent is Intent.DENY:
            ask.say("utter_deny_nothing")
        else:
            ask.say("utter_inform_unclear", quote=ask.turn.understanding.text[:40])

    def _answer_to_question(self, ask: Ask, asked: str, task: Intent) -> None:
        data = dict(ask.slot(Slot.TASK_DATA) or {})
        if asked.startswith(help_answers.PREFIX):
            help_given.take(ask, asked, data)
        elif ask.intent is Intent.DENY and not self._has_reference(ask):
            ask.stop_waiting()
            ask.say("utter_cancelled")
        elif task in PREPAYMENT:
            self._prepayment(ask, asked, task, data)
        elif asked == "loan" and task in HELP:
            begin(ask, task, data)
        elif asked == "loan":
            answer_topic(ask, task)
        else:
            ask_again(ask, asked, task.value, data)

    def _prepayment(self, ask: Ask, asked: str, task: Intent, data: dict[str, object]) -> None:
        data.setdefault("topic", task.value)
        if asked == "loan" and not choose(ask, task, data):
            return
        if asked == "amount" and ask.first(Entity.AMOUNT) is None and not (ask.says("full") or ask.first(Entity.DATE)):
            ask.say("utter_amount_unclear")
            put(ask, "amount", task, data)
            return
        if asked == "amount" and ask.first(Entity.AMOUNT) is None and not ask.says("full"):
            data["amount"] = "ask"
        quote(ask, data)

    def _has_reference(self, ask: Ask) -> bool:
        kinds = (Entity.DATE, Entity.PERIOD, Entity.ORDINAL, Entity.LOAN_NUMBER, Entity.AMOUNT, Entity.TERM)
        return any(ask.first(kind) is not None for kind in kinds)

    def _again(self, ask: Ask, topic: str) -> bool:
        """The last topic once more, for what is named now; False when it cannot be read that way."""
        if "/" in topic:
            return False
        intent = Intent(topic)
        if intent in PREPAYMENT:
            data = dict(ask.slot(Slot.TASK_DATA) or {})
            data.setdefault("topic", intent.value)
            quote(ask, data)
            return True
        if intent in TOPICS:
            named = ask.first(Entity.DATE) is not None or ask.first(Entity.PERIOD) is not None
            answer_topic(ask, Intent.QUERY_DUE if named and intent is Intent.QUERY_BALANCE else intent)
            return True
        return False
