"""逾期情况 and 逾期后果: since when, how much, what each day costs, in factual words."""

from __future__ import annotations

from actions.ask import Ask
from actions.loans import loan_name
from actions.topics.bill import penalty_rate
from actions.topics.pay import next_due
from bot.lending.loan import Loan, Position, Status


def overdue_status(ask: Ask, loan: Loan, now: Position) -> None:
    """Whether, since when, how much, and what one more day adds."""
    name = loan_name(ask, loan)
    if now.status is not Status.OVERDUE or now.overdue_since is None:
        ask.say("utter_overdue_none", level=2, loan_name=name, next_due=next_due(ask, now))
        return
    late = [i for i in now.left if i.days_overdue]
    ask.say(
        "utter_overdue_status",
        level=2,
        loan_name=name,
        overdue_since=ask.day(now.overdue_since),
        days_overdue=now.days_overdue,
        overdue_count=len(late),
        overdue_total=ask.yuan(now.overdue.total),
        overdue_principal=ask.yuan(now.overdue.principal),
        overdue_interest=ask.yuan(now.overdue.interest),
        penalty=ask.yuan(now.overdue.penalty),
        compound=ask.yuan(now.overdue.compound),
        per_day=ask.yuan(now.penalty_per_day),
    )


def overdue_consequence(ask: Ask, loan: Loan, now: Position) -> None:
    """The three facts, with this loan's own rate and what a day costs now."""
    late = now.status is Status.OVERDUE
    cost = ask.word("cost_line", per_day=ask.yuan(now.penalty_per_day)) if late else ask.word("cost_line_none")
    ask.say(
        "utter_overdue_consequence",
        level=2,
        penalty_factor=str(loan.product.penalty_factor),
        penalty_rate=penalty_rate(ask, loan),
        cost_line=cost,
    )
