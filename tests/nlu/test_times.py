"""Moments in people's words, seen from noon of Tuesday 24 November 2026 in Shanghai."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.times import read_moment

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("回电 2026-11-25 10:00", "2026-11-25 10:00"),
        ("明天下午3点", "2026-11-25 15:00"),
        ("3点", "2026-11-24 15:00"),  # service begins at nine: three is in the afternoon
        ("10点", "2026-11-25 10:00"),  # past today
        ("周五上午十点半", "2026-11-27 10:30"),
        ("今晚8点", "2026-11-24 20:00"),
        ("明早九点", "2026-11-25 09:00"),
        ("中午12点", "2026-11-25 12:00"),
        ("下週一 9點", "2026-11-30 09:00"),
        ("tomorrow 3pm", "2026-11-25 15:00"),
        ("11月28号下午两点给我打", "2026-11-28 14:00"),
        ("25点", None),
        ("下午", None),
        ("随便什么时候", None),
    ],
)
def test_moments(words: str, expected: str | None) -> None:
    found = read_moment(words, NOON, ZONE, time(9))
    assert (f"{found:%Y-%m-%d %H:%M}" if found else None) == expected


@given(st.text(max_size=40))
def test_any_text_is_read_without_trouble(words: str) -> None:
    found = read_moment(words, NOON, ZONE, time(9))
    assert found is None or found.tzinfo is not None
