"""What is known of a borrower when a complaint is read; nothing is asked that is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.complaints.classify import Facts, Reading, classify
from bot.lending.loan import Status
from bot.lending.position import position
from bot.services.complaints.basis import Basis
from bot.services.complaints.lodgement import Lodging

REGULATOR = "regulator"  # the channel of what an authority handed over


def reading_of(basis: Basis, lodging: Lodging, now: datetime) -> Reading:
    """The classification of what comes in, with the facts of the loan it is about. Takes milliseconds: before a transaction."""
    third = lodging.complainant == "third_party"
    facts = Facts(third_party=third) if third else loan_facts(basis, lodging.customer_id, lodging.loan_id, now)
    facts = replace(facts, from_regulator=lodging.channel == REGULATOR)
    return classify(lodging.words, facts=facts)


def loan_facts(basis: Basis, customer_id: str | None, loan_id: str | None, now: datetime) -> Facts:
    """Of the loan named, else of the only one, else of the one that is most overdue."""
    if customer_id is None:
        return Facts()
    today = basis.today(now)
    held = [(position(loan, today), loan) for loan in basis.loans.loans(customer_id)]
    named = [one for one in held if one[1].loan_id == loan_id] or held
    if not named:
        return Facts()
    state, loan = max(named, key=lambda one: one[0].days_overdue)
    return Facts(
        product=loan.product.product_id,
        days_overdue=state.days_overdue,
        settled=all(one.status is Status.SETTLED for one, _ in named),
        instalment_cents=state.due.planned.total if state.due is not None else None,
    )
