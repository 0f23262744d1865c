"""还款计划 and 还款记录: every instalment, every payment."""

from __future__ import annotations

from actions.ask import Ask
from actions.loans import loan_name
from bot.lending.loan import Component, InstalmentState, Loan, Position

SHOWN = 12  # payments in one card


def schedule(ask: Ask, loan: Loan, now: Position) -> None:
    """The whole plan with each instalment's state."""
    rows = [
        [
            str(i.number) if i.number > 0 else ask.word("prepaid_line"),
            ask.day(i.due_on),
            ask.yuan(i.planned.total),
            ask.yuan(i.planned.principal),
            ask.yuan(i.planned.interest),
            ask.word(_state(ask, i)),
        ]
        for i in now.instalments
    ]
    columns = [ask.word(key) for key in ("number", "due_on", "total", "principal", "interest", "state")]
    left, periods = now.left, sum(1 for i in now.instalments if i.number > 0)
    ask.say(
        "utter_schedule",
        level=2,
        loan_name=loan_name(ask, loan),
        periods=periods,
        paid_count=periods - len(left),
        count=len(left),
        left_total=ask.yuan(sum(i.owed.total for i in left)),
        card={"kind": "table", "title": loan_name(ask, loan), "columns": columns, "rows": rows},
    )


def _state(ask: Ask, state: InstalmentState) -> str:
    if state.is_paid:
        return "state_paid"
    if state.days_overdue:
        return "state_overdue"
    if state.due_on == ask.today:
        return "state_today"
    return "state_part" if state.paid.total else "state_open"


def payment_history(ask: Ask, loan: Loan, now: Position) -> None:
    """The latest payments with what each went to; asked "is it paid", the latest one in words first."""
    payments = ask.services.loans.payments(loan.loan_id)
    name = loan_name(ask, loan)
    if not payments:
        ask.say("utter_payment_history_none", level=2, loan_name=name)
        return
    if ask.says("paid_question"):
        ask.say(
            "utter_paid_this_month",
            level=2,
            loan_name=name,
            paid_on=_day(ask, payments[0].at),
            paid_cents=ask.yuan(payments[0].cents),
        )
    rows = [[_day(ask, p.at), ask.yuan(p.cents), _applied(ask, p)] for p in payments[:SHOWN]]
    ask.say(
        "utter_payment_history",
        level=2,
        loan_name=name,
        count=len(payments),
        paid_total=ask.yuan(sum(p.cents for p in payments)),
        card={
            "kind": "table",
            "title": name,
            "columns": [ask.word("paid_on"), ask.word("paid_cents"), ask.word("paid_for")],
            "rows": rows,
        },
    )


def _day(ask: Ask, at: object) -> str:
    return ask.day(at.astimezone(ask.services.settings.timezone).date())  # type: ignore[attr-defined]


def _applied(ask: Ask, payment: object) -> str:
    parts = [
        f"{ask.word(c.value)} {ask.yuan(getattr(payment.parts, c.value))}"  # type: ignore[attr-defined]
        for c in reversed(Component)
        if getattr(payment.parts, c.value)
    ]  # type: ignore[attr-defined]
    if payment.held:  # type: ignore[attr-defined]
        parts.append(f"{ask.word('held')} {ask.yuan(payment.held)}")  # type: ignore[attr-defined]
    return " · ".join(parts)
