"""No phone, id or card number survives, however written; what a reader needs stays."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.nlu.numerals import DIGITS
from bot.nlu.redact import redact
from tests.nlu.written import personal_number

WORDS = st.sampled_from(["", "我的号码是", "电话", "，", " 请回电", "card no. ", "身份证:", "(", "\n"])
PERSONAL_RUN = re.compile(r"\d{11,}")


def folded(text: str) -> str:
    """Every digit-like character as an ASCII digit, with nothing between them that does not show."""
    signs = []
    for sign in text:
        value = DIGITS.get(sign, unicodedata.digit(sign, None))
        if value is not None:
            signs.append(str(value))
        elif not (sign.isspace() or unicodedata.category(sign) in ("Cf", "Pd", "Mn") or sign in ".·"):
            signs.append(sign)
    return "".join(signs)


@given(WORDS, personal_number(), WORDS)
@example("", "幺三八零零零零零零零一".replace("幺", "一"), "")
@example("", "1310 0200 300", "")
def test_redact_leaves_no_personal_number(before: str, number: str, after: str) -> None:
    assert not PERSONAL_RUN.search(folded(redact(before + number + after)))


@given(WORDS, personal_number(), WORDS)
def test_redact_is_idempotent_and_keeps_length(before: str, number: str, after: str) -> None:
    once = redact(before + number + after)
    assert redact(once) == once
    assert len(once) == len(before + number + after)


@given(st.text(max_size=200))
def test_redact_changes_nothing_but_digits(text: str) -> None:
    assert all(a == b or b == "\u25cf" for a, b in zip(text, redact(text), strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "三万五千",
        "我想还30000元",
        "¥1,234,567.89",
        "¥12,345,678,901.00",
        "12345.67 23456.78",
        "30000 50000 20000",
        "还 30000, 15号, 分12期",
        "2026-12-05 30000",
        "2026-12-05 到 2026-12-06",
        "2026/12/05",
        "20261205还",
        "12月5号还3万",
        "LN1004A 和 LN1004B",
        "尾号004A",
        "SQ-20261123-0042 和 TS-20261123-0001",
        "第1期 第2期 第3期",
        "一二三四五六七八九十",
        "10000-20000",
        "",
    ],
)
def test_redact_keeps_amounts_days_and_numbers_of_loans(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("电话13800000001", "电话●●●●●●●●●●●"),
        ("138 0000 0001", "●●● ●●●● ●●●●"),
        ("+86-138-0000-0001", "+●●-●●●-●●●●-●●●●"),
        ("13800000001,20号还30000", "●●●●●●●●●●●,20号还30000"),
        ("00000019900101001X", "●●●●●●●●●●●●●●●●●●"),
        ("6222 0200 0011 1122 223", "●●●● ●●●● ●●●● ●●●● ●●●"),
        ("010-12345678", "●●●-●●●●●●●●"),
        ("幺三八洞洞洞洞洞洞洞幺", "●●●●●●●●●●●"),
        ("1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣0️⃣0️⃣0️⃣0️⃣1️⃣", "●️⃣" * 11),
    ],
)
def test_redact_masks(text: str, expected: str) -> None:
    assert redact(text) == expected
