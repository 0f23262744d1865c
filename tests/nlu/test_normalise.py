"""One form for many spellings; nothing that matters is lost."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.nlu.normalise import mended, normalise
from bot.nlu.numerals import DIGITS

SIGNS = st.characters()
CHAT = st.text(
    st.one_of(st.sampled_from("我还欠多少钱這個月帳单号0123456789，,.。…！!１２３ \u200b\u202e"), SIGNS), max_size=80
)


def digits(text: str) -> list[str]:
    return [str(unicodedata.digit(sign)) for sign in text if unicodedata.digit(sign, None) is not None]


@given(CHAT)
@example("檔案")
@example("三万…15号")
@example("İ")
@example("ﷺ" * 300)
@example("５００，２００")
def test_normalise_is_idempotent(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(CHAT)
@example("1...5")
@example("１１１１１１")
def test_normalise_loses_no_digit(text: str) -> None:
    assert digits(unicodedata.normalize("NFKC", text)) == digits(normalise(text))


@given(st.text(st.sampled_from("".join(DIGITS) + "0123456789 ，,"), max_size=30))
def test_normalise_loses_no_chinese_numeral(text: str) -> None:
    count = sum(sign in DIGITS or sign.isdigit() for sign in unicodedata.normalize("NFKC", text))
    assert sum(sign in DIGITS or sign.isdigit() for sign in normalise(text)) == count


@given(CHAT.map(lambda text: "\u200b/" + text))
def test_normalise_leaves_no_command(text: str) -> None:
    assert not normalise(text).startswith("/")


@given(CHAT)
def test_normalise_leaves_nothing_invisible(text: str) -> None:
    assert all(unicodedata.category(sign) not in ("Cc", "Cf", "Cs") for sign in normalise(text))


def test_mending_ends() -> None:
    wrong = mended()
    assert not [(one, right) for one, right in wrong.items() if any(other in right for other in wrong)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("這個月要還多少錢", "这个月要还多少钱"),
        ("帳單幾號出", "账单几号出"),
        ("ＬＮ１００４Ａ", "ln1004a"),
        ("￥１，２３４．５６", "¥1, 234.56"),
        ("¥1,234.56", "¥1,234.56"),
        ("三千，五百", "三千,五百"),
        ("500，200", "500, 200"),
        ("30000...15号", "30000。15号"),
        ("转\u200b人\u202e工", "转人工"),
        ("转 人 工", "转人工"),
        ("人工！！！！", "人工!"),
        ("啊啊啊啊", "啊"),
        ("一三八零零零零零零零一", "一三八零零零零零零零一"),
        ("壹万贰仟元整", "一万二千元整"),
        ("大陆", "大陆"),
        ("陆续收拾", "陆续收拾"),
        ("迟缴会怎样", "逾期会怎样"),
        ("仲有幾多未還", "还有多少未还"),
        ("  a \t b\n", "a b"),
        ('/query_balance{"a": 1}', 'query_balance{"a": 1}'),
        ("\u200b/\u202e／ /greet", "greet"),
        ("5/12", "5/12"),
        ("", ""),
        ("\u200b\u202e", ""),
        ("资料查询", "资料查询"),
        ("資料查詢", "资料查询"),
    ],
)
def test_normalise(text: str, expected: str) -> None:
    assert normalise(text) == expected


def test_normalise_reads_both_ends_of_a_very_long_message() -> None:
    long = normalise("开头" + "。，" * 8000 + "结尾")
    assert len(long) <= 4001
    assert long.startswith("开头")
    assert long.endswith("结尾")
