"""怎么还款, 自动扣款, 最低还款: by what means, with this loan's next due day."""

from __future__ import annotations

from actions.ask import Ask
from actions.loans import loan_name
from bot.lending.loan import Loan, Position, Status


def next_due(ask: Ask, now: Position) -> str:
    """One sentence part on what comes next, empty when nothing does."""
    if now.due is None:
        return ""
    return ask.word("next_due", total=ask.yuan(now.due.owed.total), due_on=ask.day(now.due.due_on))


def due_line(ask: Ask, now: Position) -> str:
    if now.status is Status.OVERDUE:
        return ask.word("overdue_line", total=ask.yuan(now.overdue.total))
    if now.due is None:
        return ""
    return ask.word("due_line", total=ask.yuan(now.due.owed.total), due_on=ask.day(now.due.due_on))


def how_to_repay(ask: Ask, loan: Loan, now: Position) -> None:
    ask.say("utter_how_to_repay", level=2, due_line=due_line(ask, now))


def autopay(ask: Ask, loan: Loan, now: Position) -> None:
    if loan.autopay_card:
        ask.say(
            "utter_autopay_on",
            level=2,
            loan_name=loan_name(ask, loan),
            card_tail=loan.autopay_card,
            next_due=next_due(ask, now),
        )
    else:
        ask.say("utter_autopay_off", level=2, loan_name=loan_name(ask, loan), next_due=next_due(ask, now))


def minimum_payment(ask: Ask, loan: Loan, now: Position) -> None:
    ask.say("utter_minimum_payment", level=2, due_line=due_line(ask, now))
