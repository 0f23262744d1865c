"""Terms, counts, months, loans and persons' numbers, and how a message's values share its words."""

from __future__ import annotations

from typing import Any

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.names import Entity
from bot.nlu.entities import extract
from bot.nlu.normalise import normalise
from bot.nlu.redact import MASK
from bot.nlu.references import loan_numbers, read_ordinal, read_term, terms


def values(text: str) -> list[tuple[str, Any]]:
    return sorted(((kind.value, one.value) for kind, one in extract(normalise(text))), key=str)


@pytest.mark.parametrize(
    ("words", "months"),
    [("6期", 6), ("三个月", 3), ("半年", 6), ("一年半", 18), ("两年", 24), ("十二期", 12), ("36个月", 36), ("24 months", 24),
     ("2 years", 24), ("三万", None), ("第3期", None), ("", None)],
)  # fmt: skip
def test_read_term(words: str, months: int | None) -> None:
    assert read_term(words) == months


@pytest.mark.parametrize(
    ("words", "count"),
    [("第二个", 2), ("第3笔", 3), ("最后一笔", -1), ("另一笔", 0), ("另外那笔", 0), ("其他的那笔", 0), ("前面那个", 1), ("后者", -1),
     ("2", 2), ("two", 2), ("选3", 3), ("第一", 1), ("the second one", 2), ("the other one", 0), ("last loan", -1), ("no. 2", 2),
     ("第二个月", None), ("十", None)],
)  # fmt: skip
def test_read_ordinal(words: str, count: int | None) -> None:
    assert read_ordinal(normalise(words)) == count


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("如果我20号先还三万", [("amount", 3_000_000), ("date", "20号")]),
        ("LN1004A还剩多少", [("loan_number", "LN1004A")]),
        ("ln-1004b", [("loan_number", "LN1004B")]),
        ("尾号004A的那笔", [("loan_number", "004A")]),
        ("尾号是0001的那笔贷款", [("loan_number", "0001")]),
        ("loan ending in 004a", [("loan_number", "004A")]),
        ("004A", [("loan_number", "004A")]),
        ("尾号0001的银行卡", []),
        ("100k", [("amount", 10_000_000)]),
        ("第二个", [("ordinal", 2)]),
        ("另一笔呢", [("ordinal", 0)]),
        ("那笔三万的", [("amount", 3_000_000)]),
        ("那下个月呢", [("period", 1)]),
        ("上上个月还了多少", [("period", -2)]),
        ("下个月15号", [("date", "下个月15号")]),
        ("下个月还3万", [("amount", 3_000_000), ("period", 1)]),
        ("分12期还", [("term", 12)]),
        ("分六期", [("term", 6)]),
        ("3天后还", [("date", "3天后")]),
        ("三个月后还", [("date", "三个月后")]),
        ("装修贷那个", [("product", "装修贷")]),
        ("我的号码是138 0000 0001", [("phone", "138****0001")]),
        ("身份证后四位0011", [("id_tail", MASK * 4)]),
        ("SQ-20261123-0042到哪了", []),
        ("第3期", []),
        ("第二个月", []),
        ("别的办法", []),
        ("另一个手机号", []),
        ("你好", []),
        ("", []),
        # a lone number: the question it answers decides, so every reading is given
        ("2", [("amount", 200), ("ordinal", 2)]),
        ("15", [("amount", 1500)]),
        ("三", [("amount", 300), ("ordinal", 3)]),
    ],
)
def test_values_of_a_message(text: str, expected: list[tuple[str, Any]]) -> None:
    assert values(text) == expected


@given(st.text(max_size=60))
def test_extract_never_fails_and_lies_in_the_text(text: str) -> None:
    words = normalise(text)
    for kind, one in extract(words):
        assert 0 <= one.start < one.end <= len(words)
        assert kind in Entity


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_a_phone_number_is_nothing_else_and_masked(number: str) -> None:
    assert values(f"我的手机号{number}") == [("phone", f"{number[:3]}****{number[-4:]}")]


@given(
    st.integers(2, 36),
    st.sampled_from(
        ["分{}次还", "分成{}笔", "想分{}期", "延{}个月", "in {} payments", "over {} months", "{} instalments"]
    ),
)
def test_terms_round_trip(count: int, form: str) -> None:
    written = [str(count)] if form.isascii() else [str(count), cn2an.an2cn(count)]
    for words in written:
        assert [one.value for one in terms(normalise(form.format(words)))] == [count]


@pytest.mark.parametrize("words", ["还了四次", "分一次", "催了三次", "two payments failed", "do 2000 a day"])
def test_what_is_no_term(words: str) -> None:
    assert [one.value for one in terms(normalise(words)) if one.words != "a day"] == []


@pytest.mark.parametrize("words", ["could i do 2000 now", "will 3000 do", "am 1000 short"])
def test_english_words_before_a_number_are_no_loan(words: str) -> None:
    assert list(loan_numbers(normalise(words))) == []
