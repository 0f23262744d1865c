"""Amounts in every written form, exact to the cent."""

from __future__ import annotations

from decimal import Decimal

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.amounts import amounts, read_amount
from bot.nlu.normalise import normalise
from bot.nlu.numerals import read_number
from tests.nlu.written import amount

CARRIERS = [
    "{}",
    "不对，{}",
    "先还{}",
    "我想提前还{}可以吗",
    "那笔{}的",
    "还{},20号还",
    "还了{}还显示欠款",
    "20号先还{}会怎样",
    "{}分6期",
]


@given(amount(), st.sampled_from(CARRIERS))
def test_amounts_round_trip(written: tuple[str, int], carrier: str) -> None:
    words, cents = written
    text = normalise(carrier.format(words))
    assert [one.value for one in amounts(text) if one.value != 2000] == [cents] or cents == 2000


@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from(["一个月", "一期", "两年", "三个月", "六期"]))
def test_a_short_amount_before_a_count_is_read_whole(thousands: int, hundreds: int, count: str) -> None:
    words = f"{cn2an.an2cn(thousands)}千{cn2an.an2cn(hundreds)}{count}"
    assert [one.value for one in amounts(normalise(words))] == [(thousands * 1000 + hundreds * 100) * 100]


@given(st.integers(1, 9), st.integers(1, 9))
def test_small_change_round_trip(tenths: int, cents: int) -> None:
    for words in (f"{cn2an.an2cn(tenths)}毛{cn2an.an2cn(cents)}", f"0.{tenths}{cents}元", f"{tenths}角{cents}分"):
        assert [one.value for one in amounts(normalise(f"还差{words}"))] == [tenths * 10 + cents], words


@given(st.integers(0, 99), st.integers(0, 99), st.sampled_from(["扣了{}", "{}是什么钱", "退我{}吧"]))
def test_an_amount_with_cents_needs_no_unit(yuan: int, cents: int, carrier: str) -> None:
    assert [one.value for one in amounts(normalise(carrier.format(f"{yuan}.{cents:02d}")))] == [yuan * 100 + cents]


@given(st.integers(0, 10**15))
def test_read_number_reads_what_cn2an_writes(number: int) -> None:
    assert read_number(cn2an.an2cn(number)) == number
    assert read_number(cn2an.an2cn(number, "up")) == number


@given(st.integers(1, 99_999_999))
def test_read_number_agrees_with_cn2an_on_short_forms(number: int) -> None:
    short = cn2an.an2cn(number)
    assert read_number(short) == Decimal(str(cn2an.cn2an(short, "smart")))


@given(st.text(max_size=40))
def test_amounts_never_fail_and_lie_in_the_text(text: str) -> None:
    for one in amounts(normalise(text)):
        assert isinstance(one.value, int)
        assert normalise(text)[one.start : one.end] == one.words


@pytest.mark.parametrize(
    ("words", "yuan"),
    [
        ("三千五", "3500"),
        ("两千二", "2200"),
        ("十五万三", "153000"),
        ("1.2万", "12000"),
        ("3w", "30000"),
        ("3W5", "35000"),
        ("3万5", "35000"),
        ("1万2千", "12000"),
        ("12万3千4百", "123400"),
        ("五百块", "500"),
        ("五块三", "5.3"),
        ("12块8毛5", "12.85"),
        ("五毛", "0.5"),
        ("一万五千三百二十元五角六分", "15320.56"),
        ("¥1,234.56", "1234.56"),
        ("￥1,234.56", "1234.56"),
        ("1,234.56元", "1234.56"),
        ("30000 yuan", "30000"),
        ("3 万", "30000"),
        ("壹万贰仟元整", "12000"),
        ("一千零五十", "1050"),
        ("三百五", "350"),
        ("一百零五", "105"),
        ("三个亿", "300000000"),
        ("十", "10"),
        ("两", "2"),
        ("0", "0"),
        ("-500", "-500"),
        ("负五百", "-500"),
        ("1000000000000000", "1000000000000000"),
        ("0.005元", "0.01"),
    ],
)
def test_read_amount(words: str, yuan: str) -> None:
    assert read_amount(normalise(words)) == int(Decimal(yuan) * 100)


@pytest.mark.parametrize(
    "words", ["", "万", "百", "三五", "3,5", "abc", "一百三千", "三三百", "10000000000000000", "1e5", "12.3.4"]
)
def test_read_amount_refuses(words: str) -> None:
    assert read_amount(normalise(words)) is None


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("先还三万六期", [3_000_000]),
        ("我想还五千二十号", [500_000]),
        ("还3万5号", [3_000_000]),
        ("10000分6期", [1_000_000]),
        ("提前还款五十万", [50_000_000]),
        ("30000，15号", [3_000_000]),
        ("500，200", [50_000, 20_000]),
        ("借一万一天多少利息", [1_000_000]),
        ("5383是怎么算的", [538_300]),
        ("月供三千多", [300_000]),
        ("先还0元", [0]),
        ("我要还负五百元", [-50_000]),
        ("¥1,234.56和五百块", [123_456, 50_000]),
        ("prepay 30000 on the 20th", [3_000_000]),
        ("三万吧", [3_000_000]),
        ("15", [1500]),
        ("三百天", []),
        ("第三百笔", []),
        ("打12378投诉", []),
        ("验证码是482913", []),
        ("尾号0001的卡", []),
        ("13800000001", []),
        ("2026年", []),
        ("LN1004A", []),
        ("SQ-20261123-0042", []),
        ("4001开头的电话", []),
        ("信用分750分", []),
        ("万一还不上", []),
        ("千万别打电话", []),
        ("十万火急", []),
        ("百分之三十", []),
        ("两三千", []),
        ("三千二一个月", [320_000]),
        ("月供一万八两年", [1_800_000]),
        ("四万六期", [4_000_000]),
        ("少了六毛六", [66]),
        ("多扣12.50", [1_250]),
        ("年化9.85", []),
        ("打9.50折", []),
        ("they want 1500 rmb a month", [150_000]),
        ("will 2500 do", [250_000]),
        ("10:30", []),
        ("300%", []),
        ("不对,5万", [5_000_000]),
        ("不对，3000", [300_000]),
        ("金额:5万", [5_000_000]),
        ("尾号:5000", []),
    ],
)
def test_amounts_in_messages(text: str, cents: list[int]) -> None:
    assert [one.value for one in amounts(normalise(text))] == cents
