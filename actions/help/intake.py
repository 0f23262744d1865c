"""The questions: one at a time, each may be skipped, nothing already known is asked again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from actions.ask import Ask
from bot.dialogue import help_answers
from bot.dialogue.turn import Button
from bot.lending.help_policy import Lasting
from bot.lending.intake import LARGEST, MONEY, Answers
from bot.names import Entity, Intent

TRIES = 2  # of one question; then it is left out rather than asked a third time
CHOICES = {"lasting": ("lasting_1", "lasting_3", "lasting_6"), "other_debts": ("none_word",)}


def put_next(ask: Ask, answers: Answers, task: Intent, data: dict[str, Any]) -> bool:
    """Ask the next open question; False when there is none."""
    question = answers.next_question
    if question is None:
        return False
    _put(ask, question, task, data)
    return True


def _put(ask: Ask, question: str, task: Intent, data: dict[str, Any]) -> None:
    words = [ask.word(key) for key in CHOICES.get(question, ())][:2]
    words.append(ask.word("help_enough" if question == "reason" else "help_skip"))
    ask.say(f"utter_help_ask_{question}", buttons=[Button(one, one) for one in words])
    ask.wait_for(help_answers.PREFIX + question, task, data)


def ask_again(ask: Ask, asked: str, task: Intent, data: dict[str, Any]) -> None:
    """The open question once more, after an interruption."""
    _put(ask, asked.removeprefix(help_answers.PREFIX), task, data)


def take(ask: Ask, question: str, answers: Answers, data: dict[str, Any]) -> Answers | None:
    """The answers with this one; None when it could not be used and was asked again."""
    text, understanding = ask.text, ask.turn.understanding
    answers = _mentioned(ask, answers)
    if help_answers.says(text, "skip"):
        return answers.skip(question)
    if question in MONEY:
        return _take_money(ask, question, answers, data)
    value: Any = None
    if question == "reason":
        value = ask.first(Entity.REASON) or "OTHER"
    elif question == "since":
        value = understanding.text[:60]
    elif question == "lasting":
        found = help_answers.lasting(text, understanding)
        value = found.value if found is not None else Lasting.UNKNOWN.value
    elif question == "day":
        value = help_answers.day_of_month(text, understanding)
    elif question == "household":
        value = help_answers.household(text)
    return answers.skip(question) if value is None else answers.with_answer(question, value)


def _take_money(ask: Ask, question: str, answers: Answers, data: dict[str, Any]) -> Answers | None:
    said = help_answers.money(ask.text, ask.turn.understanding, question)
    if said.cents is not None and 0 <= said.cents <= LARGEST:
        if said.per != "month":
            ask.say("utter_help_per_month", per=ask.word(f"per_{said.per}"), cents=ask.yuan(said.cents))
        return answers.with_answer(question, said.cents)
    tries = int(data.get("tries", 0)) + 1
    if tries >= TRIES:
        ask.say("utter_help_skipped")
        data.pop("tries", None)
        return answers.skip(question)
    data["tries"] = tries
    ask.say("utter_help_amount_unclear" if said.why == "unclear" else "utter_help_amount_range")
    ask.wait_for(help_answers.PREFIX + question, Intent(data["task"]), data)
    return None


def _mentioned(ask: Ask, answers: Answers) -> Answers:
    """What a message tells besides the answer: a reason, how long. Never asked again then."""
    reason = ask.first(Entity.REASON)
    if reason is not None and answers.reason in (None, "OTHER"):
        answers = answers.with_answer("reason", reason)
    return answers


def first_story(ask: Ask, answers: Answers) -> Answers:
    """What the very first message told: 「被裁了，这个月还不上，只能还800」."""
    answers = _mentioned(ask, answers)
    amount = ask.first(Entity.AMOUNT)
    if amount is not None and help_answers.says(ask.text, "only") and 0 < int(amount) <= LARGEST:
        answers = answers.with_answer("can_pay", int(amount))
    return answers


def corrected(ask: Ask, answers: Answers) -> Answers | None:
    """A figure of the budget put right: 「收入是8000」, 「每月最多800」; None when the amount cannot be used."""
    figure = help_answers.topic_of(ask.text) or "can_pay"
    said = help_answers.money(ask.text, ask.turn.understanding, figure)
    if said.cents is None or not 0 <= said.cents <= LARGEST:
        ask.say("utter_help_amount_range")
        return None
    changed = answers.with_answer(figure, said.cents)
    return changed if figure == "can_pay" else replace(changed, can_pay=None)
