"""Which script an answer is written in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.script import ENGLISH, SIMPLIFIED, TRADITIONAL, detect


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我还欠多少", SIMPLIFIED),
        ("我還欠多少", TRADITIONAL),
        ("轉人工", TRADITIONAL),
        ("第二個", TRADITIONAL),
        ("台幣", TRADITIONAL),
        ("我要還30000 yuan", TRADITIONAL),
        ("how much do I owe", ENGLISH),
        ("agent", ENGLISH),
        ("HELLO", ENGLISH),
    ],
)
@pytest.mark.parametrize("previous", [SIMPLIFIED, TRADITIONAL, ENGLISH])
def test_detect_by_its_own_signs(text: str, expected: str, previous: str) -> None:
    assert detect(text, previous) == expected


@pytest.mark.parametrize("text", ["15", "3w", "1.2w", "LN1004A", "ok", "😀", "", "SQ-20261123-0042", "20th"])
@pytest.mark.parametrize("previous", [SIMPLIFIED, TRADITIONAL, ENGLISH])
def test_detect_keeps_what_was(text: str, previous: str) -> None:
    assert detect(text, previous) == previous


@pytest.mark.parametrize("text", ["你好", "后天", "征信", "一万", "台"])
def test_detect_keeps_a_chinese_script_where_both_are_written_alike(text: str) -> None:
    assert detect(text, TRADITIONAL) == TRADITIONAL
    assert detect(text, SIMPLIFIED) == SIMPLIFIED
    assert detect(text, ENGLISH) == SIMPLIFIED


@given(st.text(max_size=80))
def test_detect_always_answers(text: str) -> None:
    assert detect(text) in (SIMPLIFIED, TRADITIONAL, ENGLISH)
