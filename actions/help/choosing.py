"""The answer to a comparison: one option, none of them, or another figure."""

from __future__ import annotations

from typing import Any

from actions.ask import Ask
from actions.help import agree, intake, wording
from actions.help.offers import assess, bring_person, loan_of, offer
from bot.dialogue import help_answers
from bot.errors import BadInput
from bot.lending.help_policy import Role
from bot.lending.loan import Loan
from bot.lending.wishes import Kind, Wish
from bot.names import Intent


def chosen(ask: Ask, data: dict[str, Any]) -> None:
    """The answer to the comparison."""
    loan = loan_of(ask, data)
    if loan is None:
        return
    index = help_answers.choice(ask.text, ask.turn.understanding)
    offered = [Wish.from_json(one) for one in data.get("offered", [])]
    if index is not None and index < len(offered):
        _take(ask, loan, offered[index], data)
        return
    if help_answers.says(ask.text, "none_fits") or help_answers.says(ask.text, "decline"):
        _none_fits(ask, loan, data)
        return
    if help_answers.correction(ask.text, ask.turn.understanding):
        answers = intake.corrected(ask, ask.services.arrangements.answers(loan.customer_id, ask.turn.now))
        if answers is not None:
            ask.services.arrangements.keep_answers(ask.turn, answers)
            offer(ask, loan, answers, data)
            return
    ask.say("utter_help_choose_again")
    ask.wait_for("help_choice", Intent(data["task"]), data)


def _none_fits(ask: Ask, loan: Loan, data: dict[str, Any]) -> None:
    """Ask what could be paid, if that was never said; then a person."""
    answers = ask.services.arrangements.answers(loan.customer_id, ask.turn.now)
    if answers.can_pay is None and not data.get("asked_can_pay"):
        data["asked_can_pay"] = True
        ask.say("utter_help_ask_can_pay")
        ask.wait_for("help_can_pay", Intent(data["task"]), data)
        return
    bring_person(ask, "utter_help_person")


def _take(ask: Ask, loan: Loan, wish: Wish, data: dict[str, Any]) -> None:
    """One option was chosen: within the bot's authority it is disclosed, else filed for a colleague."""
    arrangements = ask.services.arrangements
    answers = arrangements.answers(loan.customer_id, ask.turn.now)
    assessed = assess(ask, loan, answers)
    if wish.kind is Kind.PROMISE:
        from actions.help.promise import confirm  # here: promises offer options too

        confirm(ask, loan, wish, data)
        return
    try:
        drawn = arrangements.draw(loan, wish, ask.today)
    except BadInput:
        ask.say("utter_help_no_longer")
        offer(ask, loan, answers, data)
        return
    ask.stop_waiting()
    by = ask.services.service_times(ask.today).answer_by(ask.local(ask.turn.now), "request")
    made = arrangements.file(ask.turn, loan, drawn, assessed, answers, by)
    if made.authority is Role.BOT:
        agree.disclose(ask, made, drawn, loan)
        return
    ask.say(
        "utter_help_pending",
        level=2,
        ref=made.ref,
        title=wording.title(ask, wish),
        summary=wording.total(ask, drawn),
        by=ask.moment(by),
        card={
            "kind": "upload",
            "title": ask.word("upload_title"),
            "note": ask.word("upload_note"),
            "button": ask.word("upload_button"),
            "ref": made.ref,
        },
    )
