"""The questions that a task may ask, so that an interrupted one can be asked again."""

from __future__ import annotations

from typing import Any

from actions.ask import Ask
from bot.dialogue import help_answers
from bot.dialogue.readings import label
from bot.dialogue.turn import Button
from bot.names import Intent, Slot

COMPLAINING = (Intent.COMPLAINT, Intent.COLLECTIONS_COMPLAINT, Intent.COMPLAINT_STATUS)
QUESTIONS = {"amount": "utter_ask_amount", "date": "utter_ask_date"}


def put(ask: Ask, asked: str, task: Intent, data: dict[str, Any]) -> None:
    """Ask for `asked` and wait for it."""
    ask.say(QUESTIONS[asked])
    ask.wait_for(asked, task, data)


def ask_again(ask: Ask, asked: str, task: str, data: dict[str, Any] | None) -> None:
    """After an interruption: back to the open question, with what was gathered so far."""
    data = dict(data or {})
    ask.say("utter_back_to_question")
    if asked.startswith(help_answers.PREFIX):
        from actions.help.answers import ask_again as ask_for_help_again  # here: help asks questions too

        ask_for_help_again(ask, asked, Intent(task), data)
        return
    if asked == "loan":
        from actions.loans import ask_which  # here: loans ask questions too

        ask_which(ask, Intent(task), data)
        return
    put(ask, asked, Intent(task), data)
    ask.remember(Slot.TASK_DATA, data)


def offer_second(ask: Ask) -> None:
    """Offer the second wish of a message once the first is served and nothing else is asked.

    While a question, a login or a person comes first it is kept in mind; a person sees the whole message anyway.
    """
    also = ask.turn.understanding.also
    if also is not None and not _same_matter(ask.intent, Intent(also.intent)):
        ask.remember(Slot.ALSO, also.as_json())
    kept = ask.slot(Slot.ALSO)
    if kept is None or ask.slot(Slot.ASKED) not in (None, "help_order") or ask.turn.login_wanted is not None:
        return
    ask.remember(Slot.ALSO, None)
    if ask.turn.handover is not None or _same_matter(ask.intent, Intent(kept["intent"])):
        return
    ask.say(
        "utter_also",
        reading=label(kept["intent"], ask.turn.language),
        buttons=[Button(ask.word("go_on"), ask.word("go_on")), Button(ask.word("not_now"), ask.word("not_now"))],
    )
    ask.wait_for("also", Intent(kept["intent"]), {"meant": kept})


def _same_matter(first: Intent, second: Intent) -> bool:
    """Two words for help with repaying (「工资降了，想协商」), or for a complaint (「投诉催收」), are one wish."""
    from actions.help.offers import HELP  # here: help asks questions too

    return first is second or any(first in group and second in group for group in (HELP, COMPLAINING))
