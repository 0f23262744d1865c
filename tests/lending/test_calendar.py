from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lending.calendar import add_months, days, due_dates, next_day_of_month
from bot.lending.loan import DayCount

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("first", "anchor", "expected"),
    [
        (date(2026, 2, 28), 31, ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30", "2026-07-31"]),
        (date(2028, 1, 30), None, ["2028-01-30", "2028-02-29", "2028-03-30"]),
        (date(2028, 2, 29), None, ["2028-02-29", "2028-03-29"]),
        (date(2026, 11, 5), None, ["2026-11-05", "2026-12-05", "2027-01-05"]),
    ],
)
def test_due_dates_keep_their_day_and_clip_to_the_month(first: date, anchor: int | None, expected: list[str]) -> None:
    assert [day.isoformat() for day in due_dates(first, len(expected), anchor)] == expected


@pytest.mark.parametrize(
    ("start", "end", "act", "thirty"),
    [
        (date(2026, 3, 10), date(2026, 6, 10), 92, 90),
        (date(2026, 1, 31), date(2026, 2, 28), 28, 28),
        (date(2026, 2, 28), date(2026, 3, 31), 31, 32),  # the trap of section 2
        (date(2026, 3, 31), date(2026, 4, 30), 30, 30),
        (date(2026, 5, 5), date(2026, 5, 5), 0, 0),
    ],
)
def test_days_count_the_head_and_not_the_tail(start: date, end: date, act: int, thirty: int) -> None:
    assert days(start, end, DayCount.ACT_360) == days(start, end, DayCount.ACT_365) == act
    assert days(start, end, DayCount.E30_360) == thirty


@pytest.mark.parametrize(
    ("day", "today", "expected"),
    [
        (20, date(2026, 11, 23), date(2026, 12, 20)),
        (23, date(2026, 11, 23), date(2026, 11, 23)),  # today included
        (24, date(2026, 11, 23), date(2026, 11, 24)),
        (5, date(2026, 12, 31), date(2027, 1, 5)),
        (30, date(2026, 1, 31), date(2026, 3, 30)),  # February has none
        (31, date(2026, 4, 1), date(2026, 5, 31)),
        (29, date(2028, 2, 1), date(2028, 2, 29)),
        (0, date(2026, 1, 1), None),
        (32, date(2026, 1, 1), None),
    ],
)
def test_next_day_of_month_is_the_next_one_that_exists(day: int, today: date, expected: date | None) -> None:
    assert next_day_of_month(day, today) == expected


@given(DAYS, st.integers(1, 31))
def test_next_day_of_month_is_never_skipped(today: date, day: int) -> None:
    found = next_day_of_month(day, today)
    assert found is not None
    assert found >= today
    assert found.day == day
    assert all((today + timedelta(days=k)).day != day for k in range((found - today).days))


@given(DAYS, st.integers(-240, 240), st.integers(-240, 240))
def test_add_months_with_an_anchor_can_be_split(day: date, one: int, other: int) -> None:
    assert add_months(add_months(day, one, day.day), other, day.day) == add_months(day, one + other)
