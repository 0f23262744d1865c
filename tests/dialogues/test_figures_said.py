"""What each demo borrower is told, to the cent, in both scripts, against figures worked out in `figures.py`."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.dialogues.conftest import Demo
from tests.dialogues.figures import LN1001, LN1002, LN1004A, LN1007, annuity, cents, late, yuan

pytestmark = pytest.mark.slow


async def test_c1001_due_and_breakdown(demo: Demo) -> None:
    wang = demo.borrower("C1001")
    part, interest, _ = LN1001[10]
    said = await wang.say("本期应还多少")
    assert "2026年12月5日" in said
    assert yuan(part + interest) in said
    assert "0001" in said
    assert yuan(interest) in await wang.say("为什么是这个金额")
    assert yuan(LN1001[9][2]) in await wang.say("我还欠多少钱")


async def test_c1001_prepayment_on_the_20th_takes_december_as_paid(demo: Demo) -> None:
    wang = demo.borrower("C1001")
    said = await wang.say("如果我20号先还三万")
    interest = cents(3_000_000 * Fraction("0.072") * 15 / 360)
    assert "2026年12月20日" in said
    assert yuan(3_000_000 + interest + 30_000) in said
    left = LN1001[10][2] - 3_000_000
    shorter = annuity(left, "0.072", 13, LN1001[0][0] + LN1001[0][1])
    lower = annuity(left, "0.072", 13)
    assert f"还剩 {len(shorter)} 期" in said
    assert yuan(shorter[-1][0] + shorter[-1][1]) in said
    assert yuan(lower[0][0] + lower[0][1]) in said


async def test_c1001_correction_redoes_the_quote_with_the_other_day(demo: Demo) -> None:
    wang = demo.borrower("C1001")
    await wang.say("如果我20号先还三万")
    said = await wang.say("不对,是15号")
    assert "2026年12月15日" in said
    assert yuan(3_000_000 + cents(3_000_000 * Fraction("0.072") * 10 / 360) + 30_000) in said


async def test_c1001_settlement_today(demo: Demo) -> None:
    left = LN1001[9][2]
    total = left + cents(left * Fraction("0.072") * 18 / 360) + cents(Fraction(left, 100))
    assert yuan(total) in await demo.borrower("C1001").say("提前结清要多少钱")


async def test_c1002_overdue_with_penalty_and_compound(demo: Demo) -> None:
    li = demo.borrower("C1002")
    owed = 0
    for number, days in ((7, 49), (8, 18)):
        line = LN1002[number - 1]
        owed += line[0] + line[1] + sum(late(line, "0.1495", days))
    for words in ("我逾期了吗", "本期应还多少", "为什么这么多"):
        assert yuan(owed) in await li.say(words), words
    assert "2026年10月6日" in await li.say("我逾期几天了")


async def test_c1003_in_traditional_script_with_her_name_untouched(demo: Demo) -> None:
    chen = demo.borrower("C1003")
    said = await chen.say("這個月要還多少")
    assert "應還" in said
    assert yuan(277_777 + cents(Fraction(6_666_676) * Fraction("0.06") / 12)) in said
    assert "一共 36 期" in await chen.say("還款計劃表")


async def test_c1004_is_asked_once_which_loan_and_it_is_remembered(demo: Demo) -> None:
    zhao = demo.borrower("C1004")
    assert "2 笔借款" in await zhao.say("下次什么时候还款")
    assert yuan(3_110_400) in await zhao.say("第二个")
    assert yuan(LN1004A[4][0] + LN1004A[4][1]) in await zhao.say("那另一笔呢")
    assert "004A" in await zhao.say("我还欠多少钱")
    assert "004B" in await zhao.say("那笔三万的")


async def test_c1004_all_loans_together(demo: Demo) -> None:
    said = await demo.borrower("C1004").say("两笔加起来一共还欠多少")
    assert yuan(LN1004A[3][2] + 3_000_000) in said


async def test_c1005_interest_by_days(demo: Demo) -> None:
    sun = demo.borrower("C1005")
    assert yuan(cents(5_000_000 * Fraction("0.108") * 30 / 360)) in await sun.say("本期应还多少")
    assert "30 天" in await sun.say("为什么是这个金额")


async def test_c1006_settled_owes_nothing(demo: Demo) -> None:
    zhou = demo.borrower("C1006")
    assert "结清" in await zhou.say("这个月要还多少")
    assert await zhou.say("还款记录")
    assert yuan(107_200) in zhou.cells


async def test_c1007_overdue_since_august(demo: Demo) -> None:
    wu = demo.borrower("C1007")
    owed = 0
    for number, days in ((3, 110), (4, 79), (5, 49), (6, 18)):
        line = LN1007[number - 1]
        owed += line[0] + line[1] + sum(late(line, "0.072", days))
    said = await wu.say("我逾期了吗")
    assert yuan(owed) in said
    assert "2026年8月6日" in said
    assert "110 天" in said


async def test_c1008_has_no_loan(demo: Demo) -> None:
    zheng = demo.borrower("C1008")
    assert "没有借款" in await zheng.say("我要还多少钱")
    assert "没有借款" in await zheng.say("提前结清要多少")


async def test_english_gets_an_answer_in_english(demo: Demo) -> None:
    said = await demo.borrower("C1001").say("how much do I still owe")
    assert yuan(LN1001[9][2]) in said
    assert "principal" in said
