"""本期应还: what is due now or next, in a named month, or as a numbered instalment."""

from __future__ import annotations

import re
from datetime import date

from actions.ask import Ask
from actions.loans import loan_name
from bot.dialogue.phrases import phrases
from bot.lending.calendar import add_months
from bot.lending.loan import Amount, InstalmentState, Loan, Position, Status
from bot.names import Entity
from bot.nlu.values import read_month


def due(ask: Ask, loan: Loan, now: Position) -> None:
    """Overdue items first, then the instalment asked for, else the next one."""
    number = instalment_number(ask)
    month = month_asked(ask)
    if month is None and ask.first(Entity.DATE) is not None:
        ask.say("utter_date_unclear", quote=ask.first(Entity.DATE))  # never an answer about another day
        return
    if number is not None or month is not None:
        _named_instalment(ask, loan, now, number, month)
        return
    if now.status is Status.OVERDUE:
        _overdue(ask, loan, now)
    elif now.due is None:
        ask.say("utter_due_none", level=2, loan_name=loan_name(ask, loan))
    else:
        response = "utter_due_today" if now.status is Status.DUE_TODAY else "utter_due"
        ask.say(response, level=2, loan_name=loan_name(ask, loan), paying=paying(ask, loan), **instalment(ask, now.due))


def due_of_all(ask: Ask, held: list[tuple[Loan, Position]]) -> None:
    """All open loans together: what to pay today and each one's next day."""
    rows = []
    for loan, now in held:
        upcoming = now.due
        rows.append(
            [
                loan_name(ask, loan),
                ask.yuan(now.pay_now.total),
                ask.day(upcoming.due_on) if upcoming else "-",
                ask.yuan(upcoming.owed.total) if upcoming else "-",
            ]
        )
    columns = [ask.word("product"), ask.word("state_today"), ask.word("due_on"), ask.word("total")]
    ask.say(
        "utter_due_all",
        level=2,
        count=len(held),
        pay_now=ask.yuan(sum(now.pay_now.total for _, now in held)),
        card={"kind": "table", "title": "", "columns": columns, "rows": rows},
    )


def instalment(ask: Ask, state: InstalmentState) -> dict[str, object]:
    """The figures of one instalment as it is still owed."""
    return {
        "number": state.number,
        "due_on": ask.day(state.due_on),
        "due_total": ask.yuan(state.owed.total),
        "due_principal": ask.yuan(state.owed.principal),
        "due_interest": ask.yuan(state.owed.interest),
        "rest": rest_of(ask, state.owed),
    }


def rest_of(ask: Ask, amount: Amount) -> str:
    """What an instalment holds besides principal and interest: penalty and fees that an arrangement brought over."""
    rest = amount.fee + amount.penalty + amount.compound
    return ask.word("rest_part", cents=ask.yuan(rest)) if rest else ""


def paying(ask: Ask, loan: Loan) -> str:
    if loan.autopay_card:
        return ask.word("paying_autopay", tail=loan.autopay_card)
    return ask.word("paying_self")


def month_asked(ask: Ask) -> tuple[int, int] | None:
    """(year, month) named in the words: 「下个月」, 「12月5号」. None when no month is named."""
    period = ask.first(Entity.PERIOD)
    if period is not None:
        month = add_months(ask.today.replace(day=1), int(period))
        return month.year, month.month
    words = ask.first(Entity.DATE)
    return read_month(words, ask.today) if words else None


def instalment_number(ask: Ask) -> int | None:
    """The number in 「第3期」, None when none is named."""
    for pattern in phrases()["instalment_number"]:
        found = re.search(pattern, ask.text)
        if found:
            return int(found.group(1))
    return None


def find(loan: Loan, now: Position, number: int | None, month: tuple[int, int] | None) -> InstalmentState | None:
    """The instalment with that number, or the one due in that month."""
    for state in now.instalments:
        if state.number < 0:
            continue  # a prepayment between instalments
        if number is not None and state.number == number:
            return state
        if number is None and month == (state.due_on.year, state.due_on.month):
            return state
    return None


def _overdue(ask: Ask, loan: Loan, now: Position) -> None:
    late = [i for i in now.left if i.days_overdue > 0]
    if now.due is None:
        then = ask.word("then_nothing")
    elif now.due.due_on == ask.today:
        then = ask.word("then_due_today", total=ask.yuan(now.due.owed.total))
    else:
        then = ask.word("then_due", total=ask.yuan(now.due.owed.total), due_on=ask.day(now.due.due_on))
    switch = loan.product.principal_first_from_dpd
    order = (
        ask.word("paying_overdue_principal", days=switch)
        if switch and now.days_overdue >= switch
        else ask.word("paying_overdue")
    )
    ask.say(
        "utter_due_overdue",
        level=2,
        loan_name=loan_name(ask, loan),
        overdue_total=ask.yuan(now.overdue.total),
        overdue_count=len(late),
        overdue_principal=ask.yuan(now.overdue.principal),
        overdue_interest=ask.yuan(now.overdue.interest),
        extra=ask.yuan(now.overdue.penalty + now.overdue.compound),
        then_due=then,
        paying=order,
    )


def _named_instalment(ask: Ask, loan: Loan, now: Position, number: int | None, month: tuple[int, int] | None) -> None:
    state = find(loan, now, number, month)
    name = loan_name(ask, loan)
    if state is None and month is not None:
        first = date(month[0], month[1], 1)
        ask.say(
            "utter_due_month_none",
            level=2,
            loan_name=name,
            month=f"{first.year}-{first.month:02d}",
            last_due=ask.day(loan.plan[-1].due_on),
        )
        return
    if state is None:
        ask.say("utter_due_number_none", level=2, loan_name=name, number=number, periods=loan.terms.periods)
        return
    if state.is_paid:
        told = ask.word("month_paid")
    elif state.days_overdue:
        told = ask.word("month_overdue", total=ask.yuan(state.owed.total))
    else:
        told = ask.word("month_open")
    planned = {
        "number": state.number,
        "due_on": ask.day(state.due_on),
        "due_total": ask.yuan(state.planned.total),
        "due_principal": ask.yuan(state.planned.principal),
        "due_interest": ask.yuan(state.planned.interest),
        "rest": rest_of(ask, state.planned),
    }
    ask.say("utter_due_month", level=2, loan_name=name, state=told, **planned)
    if state.is_paid and now.due is not None and number is None:
        ask.say("utter_due", level=2, loan_name=name, paying=paying(ask, loan), **instalment(ask, now.due))
