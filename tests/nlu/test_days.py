"""Days as people name them, seen from Monday, 23 November 2026."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.days import bare_day, dates, read_date, read_date_or_reason, read_month
from bot.nlu.normalise import normalise
from tests.nlu.written import day

TODAY = date(2026, 11, 23)
CARRIERS = ["{}", "我{}还", "改成{}可以吗", "不对,是{}", "pay on {} please", "{}还清要多少"]


@given(day(), st.sampled_from(CARRIERS), st.dates(date(2020, 1, 1), date(2099, 1, 1)))
def test_dates_round_trip(written: tuple[str, date], carrier: str, today: date) -> None:
    words, on = written
    found = list(dates(normalise(carrier.format(words))))
    assert [read_date(one.value, today) for one in found] == [on]


@given(st.integers(1, 31), st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_day_of_month_is_the_next_one_today_included(number: int, today: date) -> None:
    on = read_date(f"{number}号", today)
    assert on is not None
    assert on.day == number
    assert on >= today
    assert not [one for one in range((on - today).days) if (today + timedelta(one)).day == number]


@given(st.sampled_from("一二三四五六日"), st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_weekdays(name: str, today: date) -> None:
    number = "一二三四五六日".index(name)
    coming, next_week = read_date(f"周{name}", today), read_date(f"下周{name}", today)
    assert coming is not None
    assert next_week is not None
    assert coming.weekday() == next_week.weekday() == number
    assert 0 <= (coming - today).days < 7
    assert (next_week - timedelta(days=number)) - (today - timedelta(days=today.weekday())) == timedelta(days=7)


@given(st.text(max_size=40))
def test_dates_never_fail(text: str) -> None:
    for one in dates(normalise(text)):
        read_date_or_reason(one.value, TODAY)
        read_month(one.value, TODAY)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("今天", "2026-11-23"),
        ("明天", "2026-11-24"),
        ("明早", "2026-11-24"),
        ("后天", "2026-11-25"),
        ("大后天", "2026-11-26"),
        ("昨天", "2026-11-22"),
        ("下周五", "2026-12-04"),
        ("这周日", "2026-11-29"),
        ("周五", "2026-11-27"),
        ("周一", "2026-11-23"),
        ("下下周一", "2026-12-07"),
        ("上周五", "2026-11-20"),
        ("礼拜五", "2026-11-27"),
        ("下个星期一", "2026-11-30"),
        ("月底", "2026-11-30"),
        ("月初", "2026-12-01"),
        ("下个月底", "2026-12-31"),
        ("12月底", "2026-12-31"),
        ("年底", "2026-12-31"),
        ("下个月15号", "2026-12-15"),
        ("这个月30号", "2026-11-30"),
        ("12月5号", "2026-12-05"),
        ("12月5", "2026-12-05"),
        ("十二月五号", "2026-12-05"),
        ("12.5号", "2026-12-05"),
        ("12/5", "2026-12-05"),
        ("12-05", "2026-12-05"),
        ("1月5号", "2027-01-05"),
        ("10月5号", "2026-10-05"),
        ("明年1月5号", "2027-01-05"),
        ("2026-12-05", "2026-12-05"),
        ("20号", "2026-12-20"),
        ("23号", "2026-11-23"),
        ("十五号", "2026-12-15"),
        ("廿五号", "2026-11-25"),
        ("31号", "2026-12-31"),
        ("二零二六年十二月五日", "2026-12-05"),
        ("二〇二六年十二月五日", "2026-12-05"),
        ("三天后", "2026-11-26"),
        ("两周后", "2026-12-07"),
        ("半个月后", "2026-12-08"),
        ("一个月后", "2026-12-23"),
        ("2月29号", "2028-02-29"),
        ("现在", "2026-11-23"),
        ("15", "2026-12-15"),
        ("next friday", "2026-12-04"),
        ("this sunday", "2026-11-29"),
        ("friday", "2026-11-27"),
        ("Dec 5", "2026-12-05"),
        ("5th of December", "2026-12-05"),
        ("December 5th", "2026-12-05"),
        ("the 20th", "2026-12-20"),
        ("tomorrow", "2026-11-24"),
        ("day after tomorrow", "2026-11-25"),
        ("in 3 days", "2026-11-26"),
        ("end of the month", "2026-11-30"),
    ],
)
def test_read_date(words: str, expected: str) -> None:
    assert read_date(normalise(words), TODAY) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("2月30号", "no_such_day"),
        ("2026-02-30", "no_such_day"),
        ("下个月32号", "no_such_day"),
        ("13月5号", "no_such_day"),
        ("32号", "no_such_day"),
        ("0号", "no_such_day"),
        ("12月", "month_only"),
        ("hello", "not_a_date"),
        ("", "not_a_date"),
        ("到底", "not_a_date"),
    ],
)
def test_read_date_says_why_not(words: str, reason: str) -> None:
    assert read_date_or_reason(normalise(words), TODAY) == (None, reason)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("12月", (2026, 12)),
        ("十月份", (2026, 10)),
        ("1月", (2027, 1)),
        ("3月", (2027, 3)),
        ("8月", (2026, 8)),
        ("去年10月", (2025, 10)),
        ("2027年2月", (2027, 2)),
        ("december", (2026, 12)),
        ("12月5号", (2026, 12)),
        ("13月", None),
    ],
)
def test_read_month(words: str, expected: tuple[int, int] | None) -> None:
    assert read_month(normalise(words), TODAY) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("如果我20号先还三万", ["20号"]),
        ("下个月15号还清要多少", ["下个月15号"]),
        ("推到月底行吗", ["月底"]),
        ("周一到周五", ["周一", "周五"]),
        ("10月那笔是哪天还的", ["10月"]),
        ("pay on 5 december", ["5 december"]),
        ("what about december", ["about december"]),
        ("到底要还多少", []),
        ("下个月3万行吗", []),
        ("12月5期", ["12月"]),
        ("第3期要还多少", []),
        ("还有三个月", []),
        ("每周五", []),
        ("一周三次", []),
        ("3日内还清", []),
        ("七日年化", []),
        ("先还1/2", []),
        ("10-15天", []),
        ("过两天还", []),
        ("周转不开", []),
        ("SQ-20261123-0042", []),
        ("i may pay", []),
        ("the second one", []),
        ("5.20", []),
    ],
)
def test_dates_in_messages(text: str, words: list[str]) -> None:
    assert [one.value for one in sorted(dates(normalise(text)), key=lambda one: one.start)] == words


@pytest.mark.parametrize(
    ("text", "day"),
    [("15", "15"), ("二十", "二十"), ("20吧", "20"), ("32", None), ("0", None), ("15号", None), ("500", None)],
)
def test_bare_day(text: str, day: str | None) -> None:
    assert bare_day(normalise(text)) == day
    if day is not None:
        assert read_date(day, TODAY) is not None
