"""Wishes that need no story: another due day, and giving up penalty or fees."""

from __future__ import annotations

from typing import Any

from actions.ask import Ask
from actions.help.offers import ask_or_offer, assess, bring_person, loan_of, one_option, show
from actions.loans import loan_name
from bot.dialogue import help_answers
from bot.errors import BadInput
from bot.lending.arrangement import WAIVABLE
from bot.lending.authority import needed
from bot.lending.help_policy import Role
from bot.lending.intake import Assessment
from bot.lending.loan import Loan
from bot.lending.options import Option
from bot.lending.wishes import Kind, Wish
from bot.names import Entity, Intent, Slot


def due_day(ask: Ask, loan: Loan, data: dict[str, Any]) -> None:
    """Another day of the month: ask which, then show what it costs."""
    if ask.position(loan).overdue.total:
        ask.say("utter_help_due_day_overdue", level=2, overdue=ask.yuan(ask.position(loan).overdue.total))
        ask_or_offer(ask, loan, {**data, "task": Intent.CANNOT_REPAY.value})
        return
    day = None
    if ask.first(Entity.DATE) is not None or ask.slot(Slot.ASKED) == "help_due_day":
        day = help_answers.day_of_month(ask.text, ask.turn.understanding)
    if day is None:
        ask.say("utter_help_ask_due_day")
        ask.wait_for("help_due_day", Intent.CHANGE_DUE_DATE, data)
        return
    if day > 28:
        ask.say("utter_help_due_day_28")
        ask.wait_for("help_due_day", Intent.CHANGE_DUE_DATE, data)
        return
    answers = ask.services.arrangements.answers(loan.customer_id, ask.turn.now)
    assessed = assess(ask, loan, answers)
    try:
        drawn = ask.services.arrangements.draw(loan, Wish(Kind.DUE_DAY, day=day), ask.today)
    except BadInput as refused:
        if refused.code == "same_day":
            ask.say("utter_help_due_day_same", day=day)
            ask.wait_for("help_due_day", Intent.CHANGE_DUE_DATE, data)
        else:
            bring_person(ask, "utter_help_none")
        return
    role = needed(drawn.wish, loan, assessed.ground.standing, ask.services.arrangements.policy(ask.today), ask.today)
    show(ask, loan, (Option(drawn.wish, drawn, role, True),), assessed, data)


def due_day_said(ask: Ask, data: dict[str, Any]) -> None:
    """The answer to "which day"."""
    loan = loan_of(ask, data)
    if loan is not None:
        due_day(ask, loan, data)


def waiver(ask: Ask, loan: Loan, data: dict[str, Any]) -> None:
    """Penalty and fees that are owed: all of it, or the amount named."""
    now = ask.position(loan)
    owed = sum(now.overdue.part(component) for component in WAIVABLE)
    if not owed:
        ask.stop_waiting()
        ask.say("utter_help_waiver_nothing", level=2, loan_name=loan_name(ask, loan))
        return
    named = ask.first(Entity.AMOUNT)
    cents = min(owed, int(named)) if named is not None and int(named) > 0 else owed
    answers = ask.services.arrangements.answers(loan.customer_id, ask.turn.now)
    assessed = assess(ask, loan, answers)
    option = one_option(ask, loan, Wish(Kind.WAIVER, cents=cents), assessed)
    found = (option,) if option is not None else ()
    if option is not None and option.role is not Role.BOT:
        within_bot = _bot_share(ask, loan, assessed, cents)
        found = (option, within_bot) if within_bot is not None else found
    show(ask, loan, found, assessed, data)


def _bot_share(ask: Ask, loan: Loan, assessed: Assessment, cents: int) -> Option | None:
    """The part that can be given up at once, without a colleague."""
    limits = ask.services.arrangements.policy(ask.today).authority[Kind.WAIVER]
    most = next((limit.cents for limit in limits if limit.role is Role.BOT and limit.cents is not None), 0)
    if not most or most >= cents:
        return None
    option = one_option(ask, loan, Wish(Kind.WAIVER, cents=most), assessed)
    return option if option is not None and option.role is Role.BOT else None
