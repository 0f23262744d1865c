"""Where a message goes that answers a question of repayment help."""

from __future__ import annotations

from typing import Any

from actions.ask import Ask
from actions.help import agree, choosing, direct, intake, offers, promise
from bot.dialogue import help_answers
from bot.lending.intake import PAY_DAY_QUESTIONS
from bot.lending.intake import QUESTIONS as ALL
from bot.names import Intent

QUESTIONS = tuple(help_answers.PREFIX + one for one in {*ALL, *PAY_DAY_QUESTIONS})


def take(ask: Ask, asked: str, data: dict[str, Any]) -> None:
    """The answer to `asked`."""
    if asked in QUESTIONS:
        offers.answered(ask, asked, data)
    elif asked == "help_choice":
        choosing.chosen(ask, data)
    elif asked == "help_due_day":
        direct.due_day_said(ask, data)
    elif asked == "help_consent":
        agree.consented(ask, data)
    elif asked == "help_sign":
        agree.instead_of_code(ask, data)
    elif asked == "help_withdraw":
        agree.withdrawal_answered(ask, data)
    elif asked == "help_promise_day":
        promise.day_said(ask, data)
    else:
        promise.confirmed(ask, data)


def ask_again(ask: Ask, asked: str, task: Intent, data: dict[str, Any]) -> None:
    """The open question once more, after an interruption."""
    if asked in QUESTIONS:
        intake.ask_again(ask, asked, task, data)
        return
    ask.say(
        {
            "help_choice": "utter_help_choose_again",
            "help_due_day": "utter_help_ask_due_day",
            "help_consent": "utter_help_say_agree",
            "help_sign": "utter_help_code_again",
            "help_withdraw": "utter_help_withdraw_again",
            "help_promise_day": "utter_promise_ask_day",
        }.get(asked, "utter_promise_again")
    )
    ask.wait_for(asked, task, data)
