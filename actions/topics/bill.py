"""账单明细: why is it this amount."""

from __future__ import annotations

from actions.ask import Ask
from actions.loans import loan_name
from actions.topics.due import find, instalment_number, month_asked
from bot.lending.loan import InstalmentState, Loan, Method, Position, Status
from bot.lending.money import round_cents
from bot.lending.schedule import interest_by_days, monthly_rate


def bill_detail(ask: Ask, loan: Loan, now: Position) -> None:
    """The parts of the instalment asked for; of all overdue ones when something is overdue."""
    number, month = instalment_number(ask), month_asked(ask)
    chosen = find(loan, now, number, month) if number or month else now.due
    if now.status is Status.OVERDUE and not (number or month):
        _overdue(ask, loan, now)
    elif chosen is None:
        ask.say("utter_due_none", level=2, loan_name=loan_name(ask, loan))
    else:
        ask.say(
            "utter_bill_detail",
            level=2,
            loan_name=loan_name(ask, loan),
            number=chosen.number,
            due_on=ask.day(chosen.due_on),
            due_total=ask.yuan(chosen.planned.total),
            due_principal=ask.yuan(chosen.planned.principal),
            due_interest=ask.yuan(chosen.planned.interest),
            interest_why=_why(ask, loan, chosen),
            rest_line=_rest(ask, chosen),
        )


def _rest(ask: Ask, chosen: InstalmentState) -> str:
    rest = chosen.planned.fee + chosen.planned.penalty + chosen.planned.compound
    return "\n" + ask.word("rest_bill", cents=ask.yuan(rest)) if rest else ""


def _why(ask: Ask, loan: Loan, state: InstalmentState) -> str:
    """The formula of an instalment's interest, with its figures. Said only where it gives the very figure: an instalment of
    an arrangement may hold interest of other days."""
    index = next(i for i, line in enumerate(loan.plan) if line.number == state.number)
    line, terms = loan.plan[index], loan.terms
    base = loan.plan[index - 1].balance if index else loan.plan[0].balance + loan.plan[0].principal
    if terms.method is Method.FLAT:
        assert terms.flat_monthly_rate is not None
        computed = round_cents(terms.principal * terms.flat_monthly_rate)
        words = ask.word("interest_flat", base=ask.yuan(terms.principal), rate=ask.percent(terms.flat_monthly_rate))
    else:
        assert terms.annual_rate is not None
        rate = ask.percent(terms.annual_rate)
        if line.days is None:
            computed = round_cents(base * monthly_rate(terms.annual_rate))
            words = ask.word("interest_month", base=ask.yuan(base), rate=rate)
        else:
            computed = interest_by_days(base, terms.annual_rate, line.days, terms.day_count)
            basis = terms.day_count.value[-3:]
            words = ask.word("interest_days", base=ask.yuan(base), rate=rate, days=line.days, basis=basis)
    return words if computed == line.interest == state.planned.interest else ask.word("interest_arranged")


def _overdue(ask: Ask, loan: Loan, now: Position) -> None:
    rows = []
    for state in (i for i in now.left if i.days_overdue):
        owed = state.owed
        rows.append(
            [
                str(state.number),
                ask.day(state.due_on),
                str(state.days_overdue),
                ask.yuan(owed.principal),
                ask.yuan(owed.interest),
                ask.yuan(owed.penalty),
                ask.yuan(owed.compound),
                ask.yuan(owed.total),
            ]
        )
    columns = [
        ask.word(key)
        for key in ("number", "due_on", "days_late", "principal", "interest", "penalty", "compound", "total")
    ]
    ask.say(
        "utter_bill_detail_overdue",
        level=2,
        loan_name=loan_name(ask, loan),
        overdue_total=ask.yuan(now.overdue.total),
        penalty_rate=penalty_rate(ask, loan),
        per_day=ask.yuan(now.penalty_per_day),
        card={"kind": "table", "title": loan_name(ask, loan), "columns": columns, "rows": rows},
    )


def penalty_rate(ask: Ask, loan: Loan) -> str:
    """The annual penalty rate: contract rate times the product's factor."""
    return ask.percent(
        (loan.terms.annual_rate or 12 * (loan.terms.flat_monthly_rate or 0)) * loan.product.penalty_factor
    )
