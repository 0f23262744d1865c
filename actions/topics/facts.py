"""借款信息 and 息费规则: what was agreed, and how it is charged."""

from __future__ import annotations

from decimal import Decimal

from actions.ask import Ask
from actions.loans import loan_name
from actions.topics.bill import penalty_rate
from bot.lending.apr import apr
from bot.lending.calendar import add_months
from bot.lending.loan import Loan, Method, Position


def loan_info(ask: Ask, loan: Loan, now: Position) -> None:
    """The contract in a card."""
    terms = loan.terms
    rate = (
        [ask.word("flat_rate"), ask.percent(terms.flat_monthly_rate)]
        if terms.flat_monthly_rate is not None
        else [ask.word("rate"), ask.percent(terms.annual_rate or Decimal(0))]
    )
    rows = [
        [ask.word("loan_no"), "*" * max(0, len(loan.loan_id) - 4) + loan.loan_id[-4:]],
        [ask.word("product"), loan.product.name],
        [ask.word("amount_lent"), ask.yuan(terms.principal)],
        [ask.word("method"), ask.word(f"method_{terms.method.value}")],
        rate,
        [ask.word("periods"), str(terms.periods)],
        [ask.word("disbursed_on"), ask.day(terms.disbursed_on)],
        [ask.word("last_due"), ask.day(loan.plan[-1].due_on)],
        [
            ask.word("autopay"),
            ask.word("autopay_on", tail=loan.autopay_card) if loan.autopay_card else ask.word("autopay_off"),
        ],
    ]
    ask.say(
        "utter_loan_info",
        level=2,
        loan_name=loan_name(ask, loan),
        card={"kind": "facts", "title": loan_name(ask, loan), "rows": rows},
    )


def rate_and_fee(ask: Ask, loan: Loan, now: Position) -> None:
    """The rate, how interest comes about, penalty and the rule for early repayment."""
    terms, name = loan.terms, loan_name(ask, loan)
    if terms.method is Method.FLAT:
        flows = [-terms.principal, *(line.total for line in loan.plan)]
        simple, _ = apr(flows)
        assert terms.flat_monthly_rate is not None
        ask.say(
            "utter_rate_fee_flat",
            level=2,
            loan_name=name,
            flat_rate=ask.percent(terms.flat_monthly_rate),
            fee_each=ask.yuan(loan.plan[0].interest),
            apr=ask.percent(simple),
            prepay_rule=prepay_rule(ask, loan),
        )
        return
    assert terms.annual_rate is not None
    by_days = loan.plan[0].days is not None
    charged = ask.word("charged_days", basis=terms.day_count.value[-3:]) if by_days else ask.word("charged_month")
    ask.say(
        "utter_rate_fee",
        level=2,
        loan_name=name,
        rate=ask.percent(terms.annual_rate),
        method=ask.word(f"method_{terms.method.value}"),
        how_charged=charged,
        penalty_factor=str(loan.product.penalty_factor),
        penalty_rate=penalty_rate(ask, loan),
        prepay_rule=prepay_rule(ask, loan),
    )


def prepay_rule(ask: Ask, loan: Loan) -> str:
    """The product's rule for early repayment as it applies from today on."""
    rule = ask.word("prepay_fee_none")
    for step in loan.product.prepay_fee:
        until = add_months(loan.terms.disbursed_on, step.months)
        if ask.today < until and step.rate:
            rule = ask.word("prepay_fee_until", until=ask.day(until), rate=ask.percent(step.rate))
            break
    return ask.word("prepay_flat", fee=rule) if loan.terms.method is Method.FLAT else rule
