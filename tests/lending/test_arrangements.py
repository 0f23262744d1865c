"""Arrangements: golden schedules, what they cost, what the ledger says afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from bot.errors import BadInput
from bot.lending.arrangement import draw_up, entries, in_force
from bot.lending.loan import Component, Entry, EntryKind, Loan, Method, Status
from bot.lending.position import position
from bot.lending.settlement import quote_settlement
from bot.lending.wishes import Deferring, Kind, Wish
from tests.lending.loans import cents, lend, noon, pay

MOST = 60
TODAY = date(2026, 7, 15)  # L01 after its sixth instalment (10 July)


def six_paid(**more: object) -> Loan:
    loan = lend("120000", "0.072", 12, **more)  # type: ignore[arg-type]
    for line in loan.plan[:6]:
        loan = pay(loan, line.total, line.due_on)
    return loan


def agree(loan: Loan, wish: Wish, on: date = TODAY) -> Loan:
    drawn = draw_up(loan, wish, on, MOST)
    version = max([loan.plan_version, *(number for number, _ in loan.earlier)]) + 1
    return in_force(loan, drawn, entries(loan, drawn, noon(on), version, "HX"), version)


def sums(loan: Loan, wish: Wish, on: date = TODAY) -> list[int]:
    return [amount for _, amount in draw_up(loan, wish, on, MOST).asks]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (Deferring.INTEREST_ONLY, ["366.46"] * 3 + ["10394.27"] * 5),
        (Deferring.CAPITALISED, ["0"] * 3 + ["10582.50"] * 5 + ["10582.49"]),
        (Deferring.COLLECTED_LATER, ["0"] * 3 + ["11493.66"] + ["10394.28"] * 4),
        (Deferring.WAIVED, ["0"] * 3 + ["10394.27"] * 5),
    ],
)
def test_deferral_is_golden_l10(how: Deferring, expected: list[str]) -> None:
    made = sums(six_paid(), Wish(Kind.DEFERRAL, months=3, how=how))
    assert made[: len(expected)] == [cents(one) for one in expected]
    assert len(made) == 9


def test_extension_is_golden_l11() -> None:
    made = sums(six_paid(), Wish(Kind.EXTENSION, count=6))
    assert made == [cents("5290.40")] * 11 + [cents("5290.37")]


def test_interest_only_period_is_golden_l12() -> None:
    loan = lend("80000", "0.09", 24, on=TODAY)
    made = sums(loan, Wish(Kind.INTEREST_ONLY, months=6))
    assert made == [cents("600.00")] * 6 + [cents("4767.81")] * 17 + [cents("4767.87")]


def test_overdue_split_is_golden_l13_on_top_of_the_plan() -> None:
    loan = lend("120000", "0.072", 12)
    before = draw_up(loan, Wish(Kind.OVERDUE_SPLIT, count=6), date(2026, 3, 20), MOST)
    overdue = position(loan, date(2026, 3, 20)).overdue.total
    extra = [amount - cents("10394.28") for _, amount in before.asks[:6]]
    assert sum(extra) == overdue
    assert len(set(extra[:5])) == 1
    assert before.total == before.today


def test_personal_plan_of_sixty_has_equal_instalments() -> None:
    loan = lend("86543.21", "0.036", 12, on=TODAY)
    made = sums(loan, Wish(Kind.PERSONAL_PLAN, count=60))
    assert made == [cents("1578.25")] * 59 + [cents("1578.32")]  # golden L14 at 3.6 %


def test_personal_plan_takes_in_everything_overdue() -> None:
    loan, on = lend("120000", "0.072", 12), date(2026, 5, 17)
    now = position(loan, on)
    drawn = draw_up(loan, Wish(Kind.PERSONAL_PLAN, count=24), on, MOST)
    assert sum(line.principal for line in drawn.new_lines) == now.principal
    carried = sum(line.carried.total for line in drawn.new_lines)
    assert carried == now.overdue.total - now.overdue.principal
    after = agree(loan, Wish(Kind.PERSONAL_PLAN, count=24), on)
    then = position(after, on)
    assert then.status is Status.CURRENT
    assert then.overdue.total == 0
    assert then.principal == now.principal


def test_due_day_moves_and_costs_the_days_between() -> None:
    drawn = draw_up(six_paid(), Wish(Kind.DUE_DAY, day=25), TODAY, MOST)
    assert [day for day, _ in drawn.asks[:2]] == [date(2026, 8, 25), date(2026, 9, 25)]
    assert drawn.asks[0][1] - cents("10394.28") == cents("183.23")  # 61 076.64 × 7.2 % × 15 / 360
    assert drawn.total - drawn.today == cents("183.23")


def test_grace_moves_one_instalment_for_nothing() -> None:
    drawn = draw_up(six_paid(), Wish(Kind.GRACE, days=7), TODAY, MOST)
    assert [day for day, _ in drawn.asks[:2]] == [date(2026, 8, 17), date(2026, 9, 10)]
    assert drawn.total == drawn.today


def test_waiver_takes_penalty_first_and_lowers_the_inflow() -> None:
    loan, on = lend("120000", "0.072", 12), date(2026, 3, 20)
    plain = draw_up(loan, Wish(Kind.PENALTY_STOP), on, MOST)
    drawn = draw_up(loan, Wish(Kind.WAIVER, cents=5000), on, MOST)
    assert drawn.waived_total == 5000
    assert {component for component, _, _ in drawn.waived} == {Component.PENALTY}
    assert plain.owed - drawn.owed == 5000
    after = agree(loan, Wish(Kind.WAIVER, cents=5000), on)
    assert position(loan, on).overdue.total - position(after, on).overdue.total == 5000


def test_penalty_stop_stops_and_nothing_is_forgotten() -> None:
    loan, on = lend("120000", "0.072", 12), date(2026, 3, 20)
    stopped = agree(loan, Wish(Kind.PENALTY_STOP), on)
    assert position(stopped, date(2026, 3, 25)).overdue.total == position(loan, on).overdue.total
    assert position(stopped, date(2026, 3, 25)).penalty_per_day == 0


def test_penalty_stop_for_a_time_ends_by_itself() -> None:
    loan, on = lend("120000", "0.072", 12), date(2026, 3, 20)
    stopped = agree(loan, Wish(Kind.PENALTY_STOP, months=1), on)
    frozen = position(loan, on).overdue
    assert position(stopped, date(2026, 4, 9)).overdue == frozen
    assert position(stopped, date(2026, 4, 21)).penalty_per_day > 0
    assert position(stopped, date(2026, 4, 20)).overdue.penalty == frozen.penalty


def test_open_fee_stays_owed_where_only_the_day_moves() -> None:
    charged = charge(six_paid(), 2000)
    for wish in (Wish(Kind.GRACE, days=3), Wish(Kind.DUE_DAY, day=15)):
        drawn = draw_up(charged, wish, TODAY, MOST)
        assert drawn.asks[0] == (TODAY, 2000)
        assert position(agree(charged, wish), TODAY).overdue.fee == 2000


def test_second_arrangement_takes_carried_fees_along_once() -> None:
    once = agree(charge(six_paid(), 2000), Wish(Kind.EXTENSION, count=6))
    assert position(once, TODAY).overdue.total == 0
    twice = agree(once, Wish(Kind.PERSONAL_PLAN, count=24))
    assert position(twice, TODAY).overdue.total == 0
    assert sum(line.carried.fee for line in twice.plan) == 2000
    order = agree(twice, Wish(Kind.SETTLEMENT, on=TODAY))
    settled = pay(order, draw_up(twice, Wish(Kind.SETTLEMENT, on=TODAY), TODAY, MOST).total, TODAY)
    assert position(settled, TODAY).status is Status.SETTLED
    assert position(settled, TODAY).unapplied == 0


def charge(loan: Loan, fee: int, on: date = TODAY) -> Loan:
    entry = Entry(loan.last_seq + 1, EntryKind.CHARGE, on, noon(on), fee, Component.FEE)
    return replace(loan, entries=(*loan.entries, entry))


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (Wish(Kind.DUE_DAY, day=10), "same_day"),
        (Wish(Kind.GRACE, days=40), "days"),
        (Wish(Kind.EXTENSION), "count"),
        (Wish(Kind.INTEREST_ONLY, months=6), "months"),
        (Wish(Kind.OVERDUE_SPLIT, count=3), "not_overdue"),
        (Wish(Kind.PENALTY_STOP), "not_overdue"),
        (Wish(Kind.WAIVER, cents=1), "too_much"),
        (Wish(Kind.PROMISE), "not_positive"),
    ],
)
def test_what_cannot_be_arranged_says_why(wish: Wish, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        draw_up(six_paid(), wish, TODAY, MOST)
    assert refused.value.code == code


def test_settlement_order_is_golden_l09() -> None:
    on = date(2026, 7, 23)
    loan = six_paid(product=replace(lend("1", "0", 1).product))
    drawn = draw_up(loan, Wish(Kind.SETTLEMENT, on=on), on, MOST)
    assert drawn.asks == ((on, cents("61846.21")),)
    after = agree(loan, Wish(Kind.SETTLEMENT, on=on), on)
    settled = pay(after, cents("61846.21"), on)
    assert position(settled, on).status is Status.SETTLED
    assert position(settled, on).unapplied == 0


@pytest.mark.parametrize(("variant", "expected"), [("shorter", "270.68"), ("lower", "5288.76")])
def test_prepayment_order_is_golden_l08(variant: str, expected: str) -> None:
    on = date(2026, 7, 10)
    loan = agree(six_paid(), Wish(Kind.PREPAYMENT, cents=cents("30000"), on=on, variant=variant), on)
    loan = pay(loan, cents("30300.00"), on, "early")
    now = position(loan, on)
    assert now.principal == cents("31076.64")
    assert now.pay_now.total == 0
    assert now.instalments[-1].owed.total == cents(expected)


def test_settling_in_the_middle_of_put_off_months_costs_the_days_used() -> None:
    loan = agree(six_paid(), Wish(Kind.DEFERRAL, months=3, how=Deferring.CAPITALISED))
    day = date(2026, 9, 20)  # August and September are put off; interest runs from 10 July
    quote = quote_settlement(loan, day, day)
    assert quote.interest_from == date(2026, 7, 10)
    assert quote.carried.total == 0
    later = date(2026, 10, 20)  # all three have passed: their interest is owed as agreed
    assert quote_settlement(loan, later, later).carried.interest == cents("1105.99")
    assert quote_settlement(loan, later, later).interest_from == date(2026, 10, 10)


def test_rate_of_the_unchanged_plan_is_the_contract_rate() -> None:
    drawn = draw_up(six_paid(), Wish(Kind.EXTENSION, count=6), date(2026, 7, 10), MOST)
    assert abs(drawn.rate - Decimal("0.072")) < Decimal("0.0001")


@pytest.mark.parametrize("method", list(Method))
def test_every_method_can_be_extended_and_planned(method: Method) -> None:
    loan = lend(
        "30000",
        None if method is Method.FLAT else "0.108",
        1 if method is Method.BULLET else 6,
        method=method,
        flat="0.006" if method is Method.FLAT else None,
        first_due=date(2026, 4, 10) if method is Method.BULLET else None,
    )
    on = date(2026, 1, 20)
    for wish in (
        Wish(Kind.EXTENSION, count=3),
        Wish(Kind.PERSONAL_PLAN, count=12),
        Wish(Kind.DEFERRAL, months=1, how=Deferring.INTEREST_ONLY),
        Wish(Kind.DEFERRAL, months=2, how=Deferring.CAPITALISED),
        Wish(Kind.DUE_DAY, day=20),
        Wish(Kind.GRACE, days=5),
    ):
        after = agree(loan, wish, on)
        for line in after.plan:
            after = pay(after, line.total, line.due_on) if line.total else after
        end = position(after, after.plan[-1].due_on)
        assert end.status is Status.SETTLED, wish
        assert end.unapplied == 0
