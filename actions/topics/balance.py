"""欠款总额: what is still owed in all."""

from __future__ import annotations

from actions.ask import Ask
from actions.loans import loan_name
from bot.lending.loan import Loan, Position, Status


def balance(ask: Ask, loan: Loan, now: Position) -> None:
    """Principal left, and what the plan still asks for."""
    to_come = [i for i in now.left if i.days_overdue == 0]
    values = {
        "loan_name": loan_name(ask, loan),
        "principal": ask.yuan(now.principal),
        "count": len(to_come),
        "left_total": ask.yuan(sum(i.owed.total for i in to_come)),
        "last_due": ask.day(loan.plan[-1].due_on),
    }
    if now.status is Status.OVERDUE:
        ask.say(
            "utter_balance_overdue",
            level=2,
            overdue_total=ask.yuan(now.overdue.total),
            extra=ask.yuan(now.overdue.penalty + now.overdue.compound),
            **values,
        )
    else:
        ask.say("utter_balance", level=2, **values)


def balance_of_all(ask: Ask, held: list[tuple[Loan, Position]]) -> None:
    """All open loans together, with a line each."""
    rows = [[loan_name(ask, loan), ask.yuan(now.principal), ask.yuan(now.pay_now.total)] for loan, now in held]
    ask.say(
        "utter_balance_all",
        level=2,
        count=len(held),
        principal=ask.yuan(sum(now.principal for _, now in held)),
        pay_now=ask.yuan(sum(now.pay_now.total for _, now in held)),
        card={
            "kind": "table",
            "title": "",
            "columns": [ask.word("product"), ask.word("principal"), ask.word("state_today")],
            "rows": rows,
        },
    )
