"""What holds for every arrangement over random loans, payments and days, and for taking one back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from bot.errors import BadInput
from bot.lending.arrangement import draw_up, entries, in_force
from bot.lending.loan import Component, EntryKind, Loan, Status
from bot.lending.position import position
from bot.lending.replay import standing, version_in_force
from bot.lending.settlement import carried_not_due
from bot.lending.wishes import RESCHEDULING, Deferring, Kind, Wish
from bot.lending.withdrawal import withdraw
from tests.lending.loans import noon, pay
from tests.lending.test_properties import Payments, loans, many, paid, payments


@st.composite
def wishes(draw: st.DrawFn) -> Wish:
    kind = draw(st.sampled_from([*RESCHEDULING, Kind.PENALTY_STOP, Kind.WAIVER]))
    return Wish(
        kind,
        day=draw(st.integers(1, 28)),
        days=draw(st.integers(1, 7)),
        months=draw(st.integers(1, 3)),
        count=draw(st.integers(1, 60)),
        how=draw(st.sampled_from(list(Deferring))),
        cents=draw(st.integers(1, 5_000)),
        stops_penalty=draw(st.booleans()),
    )


def arranged(loan: Loan, wish: Wish, on: date) -> Loan:
    drawn = draw_up(loan, wish, on, 60)
    version = loan.plan_version + 1
    return in_force(loan, drawn, entries(loan, drawn, noon(on), version, "HX"), version)


def owed_in_all(loan: Loan, on: date) -> dict[Component, int]:
    """Every component but running interest, overdue or carried into what is to come."""
    now = position(loan, on)
    carried = carried_not_due(loan, on)
    kinds = (Component.FEE, Component.PENALTY, Component.COMPOUND)
    return {kind: now.pay_now.part(kind) + carried.part(kind) for kind in kinds} | {Component.PRINCIPAL: now.principal}


@many
@given(
    loans(), payments(3), st.lists(st.tuples(wishes(), st.integers(0, 90)), min_size=1, max_size=3), st.integers(0, 500)
)
def test_arrangements_conserve_what_is_owed_and_can_be_paid_off(
    loan: Loan, made: Payments, wanted: list[tuple[Wish, int]], after: int
) -> None:
    on = loan.terms.disbursed_on + timedelta(days=after)
    loan = paid(loan, [(min(day, after), amount) for day, amount in made])
    agreed, refusals = 0, set[str]()
    for wish, wait in wanted:
        on += timedelta(days=wait)
        try:
            changed = arranged(loan, wish, on)
        except BadInput as error:
            refusals.add(error.code)
            continue
        agreed += 1
        before, then = owed_in_all(loan, on), owed_in_all(changed, on)
        given_up = draw_up(loan, wish, on, 60).waived_total
        assert sum(before.values()) - given_up == sum(then.values())
        assert before[Component.PRINCIPAL] == then[Component.PRINCIPAL]
        assert all(cents >= 0 for cents in then.values())
        loan = changed
    assert "not_conserved" not in refusals
    assume(agreed)
    end = max(line.due_on for line in loan.plan) + timedelta(days=3)
    total = position(loan, max(end, on)).overdue.total
    if total:
        loan = pay(loan, total, max(end, on), "the end")
    done = position(loan, max(end, on))
    assert done.status is Status.SETTLED
    assert done.principal == 0


@many
@given(loans(), payments(3), wishes(), st.integers(1, 300), st.integers(0, 3), payments(3))
def test_withdrawal_leaves_nothing_of_an_arrangement(
    loan: Loan, made: Payments, wish: Wish, after: int, kept: int, between: Payments
) -> None:
    """Principal, plan and every payment are as if it had never been; only the days between cost no penalty."""
    on = loan.terms.disbursed_on + timedelta(days=after)
    loan = paid(loan, [(min(day, after), amount) for day, amount in made])
    try:
        agreed = arranged(loan, wish, on)
    except BadInput:
        assume(False)
    own = [entry for entry in agreed.entries if entry.seq > loan.last_seq]
    assume(bool(own))
    meanwhile = [(after + min(day, kept), amount) for day, amount in between[:3]]
    held = with_payments(agreed, meanwhile)
    back_on = on + timedelta(days=kept)
    entries = withdraw(held, own[0].seq, back_on, noon(back_on), own[0].note)
    assert version_in_force((*held.entries, *entries)) == loan.plan_version
    back = replace(loan, entries=(*held.entries, *entries), earlier=((held.plan_version, held.plan),))
    never = with_payments(loan, meanwhile)
    then, without = position(back, back_on), position(never, back_on)
    paid_in = credited(back)
    assert paid_in == credited(never)
    segments = 2 * len(loan.plan)
    owed, apart = (now.overdue.total + now.principal - now.overdue.principal - now.unapplied for now in (then, without))
    assert (
        owed <= apart + segments
    )  # never worse for the borrower, but for the rounding of segments that a stop divides
    assert all(one.owed.part(part) >= 0 for one in then.instalments for part in Component)
    if kept == 0:
        assert then == replace(without, on=back_on)


def with_payments(loan: Loan, made: Payments) -> Loan:
    for index, (day, amount) in enumerate(made):
        loan = pay(loan, amount, loan.terms.disbursed_on + timedelta(days=day), f"W{index}")
    return loan


def credited(loan: Loan) -> int:
    """Everything that payments brought in, applied or held."""
    kinds = (EntryKind.PAY, EntryKind.HOLD)
    return sum(-entry.cents for entry in standing(loan.entries) if entry.payment_id and entry.kind in kinds)
