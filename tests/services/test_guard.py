"""The composer guard: rules by example, and words that only look like them."""

from __future__ import annotations

import pytest

from bot.nlu.mood import mood, vulnerable
from bot.services.desk.guard import check


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("您好，您本期应还¥2,300.00，2026年12月5日到期。", ()),
        ("再不还我们就起诉你，到时候坐牢", ("threat",)),
        ("我們會起訴您", ("threat",)),
        ("We will sue you and the police will come", ("threat",)),
        ("我们不会起诉您，请放心", ()),
        ("如果有人威胁说要抓您，请告诉我们", ()),
        ("会把你拉进黑名单", ("forbidden",)),
        ("可以先借一笔来还", ("forbidden",)),
        ("没有所谓的黑名单", ()),
        ("请加我微信谈", ("forbidden",)),
        ("我会通知你单位的", ("third_party",)),
        ("我们绝不会联系您的家人", ()),
        ("I will call your boss tomorrow", ("third_party",)),
        ("今晚11点给您打电话", ("contact_hours",)),
        ("明天上午10点给您打电话", ()),
        ("保证能通过审批", ("promise_of_result",)),
        ("审批结果会在这里告诉您", ()),
        ("你怎么这么烦", ("rude",)),
        ("请把卡号6222021234567890123发我", ("card_number",)),
        ("13800000001", ("card_number",)),
        ("编号 RG-20261124-0001 已登记", ()),
        ("通知你公司，不还就坐牢", ("threat", "third_party")),
    ],
)
def test_rules(text: str, rules: tuple[str, ...]) -> None:
    assert tuple(found.rule for found in check(text)) == rules


def test_a_card_is_never_repeated() -> None:
    assert check("6222021234567890123")[0].words == ""


@pytest.mark.parametrize(
    ("text", "degree"),
    [
        ("本期应还多少", 0),
        ("你们太差了，说了好几遍", 1),
        ("你们就是骗子，受够了", 2),
        ("你們這什麼垃圾客服", 2),
        ("this is ridiculous", 2),
        ("I am disappointed", 1),
        ("我怕遇到骗子，这个短信是你们发的吗", 0),
    ],
)
def test_mood(text: str, degree: int) -> None:
    assert mood(text) == degree


@pytest.mark.parametrize(
    ("text", "reasons", "codes"),
    [
        ("我残疾了，坐轮椅", (), ("DISABILITY",)),
        ("我今年七十岁了", (), ("ELDERLY",)),
        ("家里揭不开锅", (), ("LOW_INCOME",)),
        ("工资晚发", ("ADMIN_ERROR_CASHFLOW",), ()),
        ("我失业了", ("JOB_LOSS",), ("JOB_LOSS",)),
        ("本期应还多少", (), ()),
    ],
)
def test_vulnerable(text: str, reasons: tuple[str, ...], codes: tuple[str, ...]) -> None:
    assert vulnerable(text, reasons) == codes
