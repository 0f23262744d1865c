"""What holds for every loan, every payment and every day (the invariants of requirements section 2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.lending.calendar import add_months
from bot.lending.loan import Component, Entry, EntryKind, Loan, Method, Position, Status
from bot.lending.position import position
from bot.lending.prepayment import quote_prepayment
from bot.lending.replay import standing
from bot.lending.settlement import quote_settlement
from tests.lending.loans import PRODUCT, lend, noon, pay

Payments = list[tuple[int, int]]  # (days after disbursement, cents)
many = settings(max_examples=60, deadline=None)


@st.composite
def loans(draw: st.DrawFn, methods: tuple[Method, ...] = tuple(Method)) -> Loan:
    method = draw(st.sampled_from(methods))
    lent = draw(st.dates(date(2023, 1, 1), date(2026, 12, 31)))
    periods = 1 if method is Method.BULLET else draw(st.integers(1, 36))
    product = replace(
        PRODUCT,
        principal_first_from_dpd=draw(st.sampled_from([None, 30, 91])),
        grace_days=draw(st.sampled_from([0, 0, 3])),
        penalty_after_grace=draw(st.booleans()),
    )
    percent = Decimal(draw(st.integers(0, 2400))) / 10_000
    return lend(
        f"{draw(st.integers(100_000, 100_000_000)) / 100:.2f}",
        None if method is Method.FLAT else str(percent),
        periods,
        method=method,
        on=lent,
        first_due=add_months(lent, draw(st.integers(1, 3)) if method is Method.BULLET else 1),
        flat=str(percent / 12) if method is Method.FLAT else None,
        product=product,
    )


def payments(most: int = 6) -> st.SearchStrategy[Payments]:
    return st.lists(st.tuples(st.integers(0, 600), st.integers(1, 20_000_000)), min_size=1, max_size=most)


def paid(loan: Loan, made: Payments, ids: list[int] | None = None) -> Loan:
    for number, (after, amount) in zip(ids or range(len(made)), made, strict=True):
        loan = pay(loan, amount, loan.terms.disbursed_on + timedelta(days=after), f"P{number}")
    return loan


def days_to_look_at(loan: Loan, made: Payments) -> list[date]:
    start = loan.terms.disbursed_on
    ends = {0, 45, 400, 800, 1300, *(after + k for after, _ in made for k in (-1, 0, 1, 30))}
    return [start + timedelta(days=after) for after in sorted(ends) if after >= 0]


# -- plans


@many
@given(loans())
def test_plan_pays_back_exactly_what_was_lent(loan: Loan) -> None:
    assert sum(line.principal for line in loan.plan) == loan.terms.principal
    assert loan.plan[-1].balance == 0
    assert all(line.principal >= 0 and line.interest >= 0 and line.balance >= 0 for line in loan.plan)
    assert [line.number for line in loan.plan] == list(range(1, loan.terms.periods + 1))
    assert sorted({line.due_on for line in loan.plan}) == [line.due_on for line in loan.plan]


@many
@given(loans((Method.ANNUITY,)))
def test_annuity_instalments_are_equal_but_for_rounding_in_the_last(loan: Loan) -> None:
    plan, count = loan.plan, loan.terms.periods
    assert len({line.total for line in plan[:-1]}) <= 1
    growth = (1 + (loan.terms.annual_rate or 0) / 12) ** count
    assert abs(plan[-1].total - plan[0].total) <= count * growth + 1


@many
@given(loans((Method.ANNUITY,)))
def test_equal_principal_costs_no_more_interest_than_an_annuity(loan: Loan) -> None:
    terms = replace(loan.terms, method=Method.EQUAL_PRINCIPAL)
    other = lend(
        f"{terms.principal / 100:.2f}",
        str(terms.annual_rate),
        terms.periods,
        method=Method.EQUAL_PRINCIPAL,
        on=terms.disbursed_on,
    )
    rounding = terms.periods  # half a cent a line, on either side
    assert sum(line.interest for line in other.plan) <= sum(line.interest for line in loan.plan) + rounding


# -- payments and the ledger


@many
@given(loans(), payments())
def test_every_cent_of_a_payment_is_applied_or_held(loan: Loan, made: Payments) -> None:
    loan = paid(loan, made)
    for number, (_, amount) in enumerate(made):
        mine = [entry for entry in standing(loan.entries) if entry.payment_id == f"P{number}"]
        assert -sum(entry.cents for entry in mine if entry.kind is not EntryKind.CHARGE) == amount
    assert [entry.seq for entry in loan.entries] == list(range(1, len(loan.entries) + 1))


@many
@given(loans(), payments(5), st.randoms(use_true_random=False))
def test_order_of_arrival_changes_no_figure(loan: Loan, made: Payments, random: object) -> None:
    shuffled = list(enumerate(made))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    in_order = sorted(enumerate(made), key=lambda one: one[1][0])
    one = paid(loan, [p for _, p in in_order], [n for n, _ in in_order])
    other = paid(loan, [p for _, p in shuffled], [n for n, _ in shuffled])
    for on in days_to_look_at(loan, made):
        assert position(one, on) == position(other, on)


@many
@given(loans(), payments(3), st.integers(0, 400), st.integers(2, 10**7), st.integers(1, 99))
def test_one_payment_or_two_on_a_day_are_the_same(
    loan: Loan, made: Payments, after: int, amount: int, share: int
) -> None:
    part = max(1, amount * share // 100)
    assume(part < amount)
    whole = paid(loan, [*made, (after, amount)])
    split = paid(loan, [*made, (after, part), (after, amount - part)])
    for on in days_to_look_at(loan, [*made, (after, amount)]):
        assert position(whole, on) == position(split, on)


@many
@given(loans(), payments())
def test_balances_are_rebuilt_from_the_ledger_alone(loan: Loan, made: Payments) -> None:
    """Sums of the ledger's rows, reckoned without the replay, on the day of the last booking."""
    loan = paid(loan, sorted(made))
    on = max(entry.on for entry in loan.entries)
    now = position(loan, on)
    sums = dict.fromkeys(Component, 0)
    held = 0
    for entry in loan.entries:
        if entry.kind is EntryKind.HOLD:
            held -= entry.cents
        elif entry.component is not None:
            sums[entry.component] += entry.cents
    assert sums[Component.PRINCIPAL] == now.principal
    assert held == now.unapplied
    planned = sum(line.interest for line in loan.plan)
    assert planned + sums[Component.INTEREST] == sum(one.owed.interest for one in now.instalments)
    for component in (Component.PENALTY, Component.COMPOUND):
        assert sums[component] == sum(getattr(one.owed, component.value) for one in now.instalments)


@many
@given(loans(), payments(), st.lists(st.integers(0, 700), max_size=5))
def test_no_figure_depends_on_a_nightly_job(loan: Loan, made: Payments, nights: list[int]) -> None:
    """A job that books what accrued, on some nights or none, changes no position."""
    loan = paid(loan, made)
    booked = loan
    for after in nights:
        on = loan.terms.disbursed_on + timedelta(days=after)
        for one in position(booked, on).instalments:
            for component in (Component.PENALTY, Component.COMPOUND):
                seq = len(booked.entries) + 1
                owed = getattr(one.owed, component.value)
                entry = Entry(seq, EntryKind.CHARGE, on, noon(on), owed, component, one.number)
                booked = replace(booked, entries=(*booked.entries, entry))
    for on in days_to_look_at(loan, made):
        assert position(booked, on) == position(loan, on)


@many
@given(loans(), payments())
def test_position_adds_up_on_any_day(loan: Loan, made: Payments) -> None:
    loan = paid(loan, made)
    for on in days_to_look_at(loan, made):
        check(loan, position(loan, on))


def check(loan: Loan, now: Position) -> None:
    for one in now.instalments:
        assert min(one.owed.fee, one.owed.penalty, one.owed.compound, one.owed.interest, one.owed.principal) >= 0
        assert one.planned.principal == one.paid.principal + one.owed.principal
        assert one.planned.interest == one.paid.interest + one.owed.interest
        assert (one.owed.total == 0) == one.is_paid
        assert (one.days_overdue > 0) == (one.due_on < now.on and not one.is_paid)
        accrued = sum(part.cents for part in one.accruals)
        assert accrued == one.paid.penalty + one.paid.compound + one.owed.penalty + one.owed.compound
        assert one.due_on <= now.on or one.paid.total == accrued == 0  # nothing is applied before its day
    assert now.overdue.total == sum(one.owed.total for one in now.instalments if one.days_overdue)
    assert (now.status is Status.OVERDUE) == (now.days_overdue > 0) == (now.overdue.total > 0)
    assert (now.status is Status.SETTLED) == (not now.left)
    assert now.unapplied == 0 or now.pay_now.total == 0  # credit is never held while something is due
    assert now.principal == sum(one.owed.principal for one in now.instalments)


@many
@given(loans(), payments(), st.integers(0, 900))
def test_a_day_more_never_makes_overdue_items_cheaper(loan: Loan, made: Payments, after: int) -> None:
    loan = paid(loan, made)
    last = max(entry.on for entry in loan.entries)
    on = last + timedelta(days=after)
    today, tomorrow = position(loan, on), position(loan, on + timedelta(days=1))
    assume(today.unapplied == 0)
    assert tomorrow.overdue.total >= today.pay_now.total
    if today.pay_now == today.overdue:  # nothing becomes late tonight
        before, after_it = today.overdue, tomorrow.overdue
        grown = after_it.penalty + after_it.compound - before.penalty - before.compound
        segments = sum(len(one.accruals) for one in tomorrow.instalments)
        assert abs(grown - today.penalty_per_day) <= segments + 1  # half a cent each, before and after


# -- quotes


@many
@given(loans(), payments(), st.integers(0, 900), st.integers(0, 60))
def test_settlement_adds_up(loan: Loan, made: Payments, after: int, ahead: int) -> None:
    loan = paid(loan, made)
    today = loan.terms.disbursed_on + timedelta(days=after)
    on = today + timedelta(days=ahead)
    assume(position(loan, today).left)
    assume(not loan.plan[-1].due_on < on)
    quote = quote_settlement(loan, on, today)
    assert quote.total == (quote.overdue.total + quote.principal_not_due + quote.interest + quote.fee - quote.unapplied)
    assert min(quote.total, quote.unapplied, quote.interest, quote.fee, quote.interest_saved) >= 0
    assert quote.interest_days <= 92


@many
@given(loans((Method.ANNUITY, Method.EQUAL_PRINCIPAL)), st.integers(0, 900), st.integers(1, 99))
def test_prepayment_variants_pay_back_the_rest(loan: Loan, after: int, share: int) -> None:
    on = loan.terms.disbursed_on + timedelta(days=after)
    now = position(loan, on)
    not_due = sum(one.owed.principal for one in now.instalments if one.due_on > on)
    amount = not_due * share // 100
    assume(0 < amount < not_due)
    quote = quote_prepayment(loan, on, amount, on)
    shorter, lower = quote.variants
    coming = [one for one in now.instalments if one.due_on > on]
    for one in quote.variants:
        assert sum(line.principal for line in one.plan) == not_due - amount
        assert one.plan[-1].balance == 0
        assert [line.number for line in one.plan] == [line.number for line in coming[: one.count]]
        assert one.interest == sum(line.interest for line in one.plan)
    assert lower.count == len(coming)
    assert shorter.count <= lower.count
    assert lower.instalment <= coming[0].planned.total
    assert shorter.interest_saved >= lower.interest_saved - lower.count  # half a cent a line on either side
