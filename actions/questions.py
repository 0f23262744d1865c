"""The questions that a task may ask, so that an interrupted one can be asked again."""

from __future__ import annotations

from typing import Any

from actions.ask import Ask
from bot.names import Intent, Slot

QUESTIONS = {"amount": "utter_ask_amount", "date": "utter_ask_date"}


def put(ask: Ask, asked: str, task: Intent, data: dict[str, Any]) -> None:
    """Ask for `asked` and wait for it."""
    ask.say(QUESTIONS[asked])
    ask.wait_for(asked, task, data)


def ask_again(ask: Ask, asked: str, task: str, data: dict[str, Any] | None) -> None:
    """After an interruption: back to the open question, with what was gathered so far."""
    data = dict(data or {})
    ask.say("utter_back_to_question")
    if asked == "loan":
        from actions.loans import ask_which  # here: loans ask questions too

        ask_which(ask, Intent(task), data)
        return
    put(ask, asked, Intent(task), data)
    ask.remember(Slot.TASK_DATA, data)
