"""Typing slips: made as people make them, and mended where the words of our trade allow it."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.mending import mend
from bot.nlu.normalise import normalise
from bot.nlu.slips import with_slips
from bot.nlu.words import lexicon

SENTENCES = st.text(
    alphabet="我你的花呗借款还账单怎么提前分期逾期了吗能不can i pay 0123456789，。", min_size=1, max_size=40
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("提钱还款", "提前还款"), ("题前结请要手续废吗", "提前结清要手续费吗"), ("还宽失败", "还款失败"), ("我要转人功", "我要转人工"),
     ("借贝额度", "借呗额度"), ("严期还款", "延期还款"), ("有逾其吗", "有逾期吗"), ("崔收电话", "催收电话")],
)  # fmt: skip
def test_slips_in_words_of_the_trade_are_mended(written: str, meant: str) -> None:
    assert normalise(written) == meant


@pytest.mark.parametrize(
    "right",
    ["还宽限几天吗", "戒备", "分七期", "华北的客户", "我在还", "结婚请客", "换块手表", "一起一落", "这期还", "话费"],
)
def test_what_is_right_is_left_alone(right: str) -> None:
    assert mend(right) == right


@given(st.text(max_size=60))
def test_mending_ends_and_keeps_the_length(text: str) -> None:
    once = mend(text)
    assert len(once) == len(text)
    assert mend(once) == once


def test_no_word_of_the_lexicon_is_taken_for_another() -> None:
    assert [word for word in lexicon() if mend(word) != word] == []


@given(SENTENCES, st.integers(0, 1000))
def test_slips_are_repeatable_and_leave_digits_alone(text: str, seed: int) -> None:
    slipped = with_slips(text, Random(seed))
    assert slipped == with_slips(text, Random(seed))
    assert [sign for sign in slipped if sign.isdigit()] == [sign for sign in text if sign.isdigit()]


def test_a_message_of_words_gets_a_slip() -> None:
    changed = sum(with_slips("我想提前还款怎么操作", Random(seed)) != "我想提前还款怎么操作" for seed in range(50))
    assert changed >= 48
