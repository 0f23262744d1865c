"""Deferral, extension, interest-only period, instalments (L10–L14)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bot.errors import BadInput
from bot.lending.previews import Deferral, Deferring, deferral, extension, in_instalments, interest_only_period
from tests.lending import schedules
from tests.lending.loans import cents, dues, lend
from tests.lending.test_schedule import rows, table

BALANCE, RATE = cents("61076.64"), Decimal("0.072")  # L01 after #6
INSTALMENT = cents("10394.28")
AFTER = dues(6, date(2026, 11, 10))


def deferred(kind: Deferring) -> Deferral:
    return deferral(kind, BALANCE, RATE, 3, AFTER, INSTALMENT, first=7)


def test_deferral_with_interest_only() -> None:
    preview = deferred(Deferring.INTEREST_ONLY)
    assert preview.meanwhile == (cents("366.46"),) * 3
    assert (preview.plan[0].total, preview.extra_interest) == (cents("10394.27"), cents("1099.38"))


def test_deferral_capitalised() -> None:
    preview = deferred(Deferring.CAPITALISED)
    assert (preview.balance, preview.meanwhile, preview.with_first) == (cents("62182.63"), (0, 0, 0), 0)
    assert (preview.plan[0].total, preview.plan[-1].total) == (cents("10582.50"), cents("10582.49"))
    paid = sum(line.total for line in preview.plan)
    assert preview.extra_interest == paid - sum(line.total for line in deferred(Deferring.WAIVED).plan)


def test_deferral_collected_later() -> None:
    preview = deferred(Deferring.COLLECTED_LATER)
    assert preview.with_first == preview.extra_interest == cents("1099.38")
    assert preview.with_first + preview.plan[0].total == cents("11493.66")


def test_deferral_waived() -> None:
    preview = deferred(Deferring.WAIVED)
    assert (preview.plan[0].total, preview.extra_interest) == (cents("10394.27"), 0)


def test_deferral_keeps_numbers_and_due_days() -> None:
    for kind in Deferring:
        assert [(line.number, line.due_on) for line in deferred(kind).plan] == list(enumerate(AFTER, start=7))


def test_extension_lowers_the_instalment() -> None:
    plan = extension(BALANCE, RATE, dues(12), first=7)
    assert (plan[0].total, plan[-1].total) == (cents("5290.40"), cents("5290.37"))
    assert sum(line.interest for line in plan) == cents("2408.13")
    assert round(100 * (1 - Decimal(plan[0].total) / cents("10394.28")), 2) == Decimal("49.10")


def test_interest_only_period_then_annuity() -> None:
    plan = interest_only_period(cents("80000"), Decimal("0.09"), 6, dues(24))
    assert [line.total for line in plan[:6]] == [60_000] * 6
    assert (plan[6].total, plan[-1].total, len(plan)) == (cents("4767.81"), cents("4767.87"), 24)
    assert sum(line.interest for line in plan) == cents("9420.64")
    assert sum(line.interest for line in lend("80000", "0.09", 24).plan) == cents("7714.70")


def test_frozen_total_in_instalments_without_interest() -> None:
    assert rows(in_instalments(cents("8436.17"), Decimal(0), dues(6), 60)) == table(schedules.L13)


@pytest.mark.parametrize(
    ("annual", "instalment", "last", "interest"),
    [("0", "1442.39", "1442.20", "0"), ("0.036", "1578.25", "1578.32", "8151.86")],
)
def test_frozen_total_in_sixty_instalments(annual: str, instalment: str, last: str, interest: str) -> None:
    plan = in_instalments(cents("86543.21"), Decimal(annual), dues(60), 60)
    assert (plan[0].total, plan[-1].total) == (cents(instalment), cents(last))
    assert sum(line.interest for line in plan) == cents(interest)


@pytest.mark.parametrize("count", [0, 61])
def test_instalments_beyond_the_limit_are_refused(count: int) -> None:
    with pytest.raises(BadInput) as refused:
        in_instalments(cents("86543.21"), Decimal(0), dues(count), 60)
    assert refused.value.code == "count"


def test_previews_refuse_months_that_make_no_sense() -> None:
    with pytest.raises(BadInput):
        deferral(Deferring.WAIVED, BALANCE, RATE, 0, AFTER, INSTALMENT)
    for months in (0, 6):
        with pytest.raises(BadInput):
            interest_only_period(BALANCE, RATE, months, AFTER)
