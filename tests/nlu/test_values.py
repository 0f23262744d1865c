"""Values in people's words, as tables and as round trips over generated forms."""

from __future__ import annotations

from datetime import date, timedelta

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.names import Entity
from bot.nlu.entities import extract
from bot.nlu.normalise import normalise
from bot.nlu.values import amounts, dates, read_amount, read_date, read_date_or_reason

TODAY = date(2026, 11, 23)  # a Monday


@pytest.mark.parametrize(
    ("words", "cents"),
    [("三千五", 350_000), ("1.2万", 1_200_000), ("3w", 3_000_000), ("五百块", 50_000), ("¥1,234.56", 123_456),
     ("两千二", 220_000), ("十五万三", 15_300_000), ("30000", 3_000_000), ("一百零五元", 10_500), ("三块五", 350),
     ("２０００元", 200_000), ("五萬", 5_000_000), ("-500", -50_000), ("0", 0)],
)  # fmt: skip
def test_amount_in_words(words: str, cents: int) -> None:
    assert [found.value for found in amounts(normalise(words))] == [cents]


@pytest.mark.parametrize(
    "words", ["第3期是多少", "还12期", "15号", "我的手机13800000001", "12月5号", "万一还不上", "千万别"]
)
def test_what_is_no_amount(words: str) -> None:
    assert list(amounts(normalise(words))) == []


@given(st.integers(min_value=1, max_value=99_999_999))
def test_amount_round_trip_in_chinese_digits(yuan: int) -> None:
    assert read_amount(cn2an.an2cn(yuan) + "元") == yuan * 100


@given(st.integers(min_value=0, max_value=10**9), st.integers(min_value=0, max_value=99))
def test_amount_round_trip_in_arabic_digits(whole: int, part: int) -> None:
    assert read_amount(f"¥{whole:,}.{part:02d}") == whole * 100 + part


@pytest.mark.parametrize(
    ("words", "day"),
    [("今天", "2026-11-23"), ("后天", "2026-11-25"), ("下周五", "2026-12-04"), ("这周日", "2026-11-29"), ("周一", "2026-11-23"),
     ("月底", "2026-11-30"), ("下个月15号", "2026-12-15"), ("12月5号", "2026-12-05"), ("2026-12-05", "2026-12-05"),
     ("20号", "2026-12-20"), ("23号", "2026-11-23"), ("十五号", "2026-12-15"), ("31号", "2026-12-31"), ("3天后", "2026-11-26"),
     ("next friday", "2026-12-04"), ("dec 5", "2026-12-05"), ("the 20th", "2026-12-20"), ("1月5号", "2027-01-05")],
)  # fmt: skip
def test_day_in_words(words: str, day: str) -> None:
    found = list(dates(normalise(words)))
    assert [read_date(one.value, TODAY) for one in found] == [date.fromisoformat(day)]


@pytest.mark.parametrize("words", ["2月30号", "13月1号", "35号", "4月31日"])
def test_no_such_day_is_said(words: str) -> None:
    assert read_date_or_reason(words, TODAY) == (None, "no_such_day")


@given(
    st.integers(min_value=0, max_value=600),
    st.sampled_from(["{0.year}-{0.month}-{0.day}", "{0.year}年{0.month}月{0.day}日"]),
)
def test_day_round_trip(ahead: int, form: str) -> None:
    day = TODAY + timedelta(days=ahead)
    assert read_date(form.format(day), TODAY) == day


@given(st.dates(min_value=date(2020, 1, 1), max_value=date(2040, 1, 1)), st.integers(min_value=1, max_value=28))
def test_day_of_month_is_the_next_one_today_included(today: date, day: int) -> None:
    read = read_date(f"{day}号", today)
    assert read is not None
    assert read >= today
    assert read.day == day
    assert (read - today).days <= 31


@pytest.mark.parametrize(
    ("words", "kind", "value"),
    [("第二个", Entity.ORDINAL, 2), ("另一笔呢", Entity.ORDINAL, 0), ("最后一笔", Entity.ORDINAL, -1), ("2", Entity.ORDINAL, 2),
     ("LN1004A那笔", Entity.LOAN_NUMBER, "LN1004A"), ("尾号004B", Entity.LOAN_NUMBER, "004B"), ("下个月要还多少", Entity.PERIOD, 1),
     ("上个月的", Entity.PERIOD, -1), ("分12期", Entity.TERM, 12), ("延半年", Entity.TERM, 6), ("花呗怎么还", Entity.PRODUCT, "花呗")],
)  # fmt: skip
def test_reference(words: str, kind: Entity, value: object) -> None:
    assert value in [found.value for entity, found in extract(normalise(words)) if entity is kind]
