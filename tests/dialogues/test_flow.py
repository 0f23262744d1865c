"""Several turns: interruptions, corrections, ellipsis, and a person, despair or stop said inside every question."""

from __future__ import annotations

import pytest

from tests.dialogues.conftest import Borrower, Demo

pytestmark = pytest.mark.slow


async def _asked_which_loan(demo: Demo) -> Borrower:
    zhao = demo.borrower("C1004")
    await zhao.say("下次什么时候还款")
    return zhao


async def _asked_amount(demo: Demo) -> Borrower:
    wang = demo.borrower("C1001")
    assert "多少本金" in await wang.say("我想先还一部分")
    return wang


async def _asked_date(demo: Demo) -> Borrower:
    wang = await _asked_amount(demo)
    assert "哪一天" in await wang.say("三万")
    return wang


async def _asked_phone(demo: Demo) -> Borrower:
    anonymous = demo.borrower()
    assert "手机号" in await anonymous.say("我还欠多少钱")
    return anonymous


ASKING = [_asked_which_loan, _asked_amount, _asked_date, _asked_phone]


@pytest.mark.parametrize("asking", ASKING)
@pytest.mark.parametrize("words", ["人工", "轉人工客服", "agent", "我要找个真人"])
async def test_a_person_is_called_inside_every_question(demo: Demo, asking, words: str) -> None:  # type: ignore[no-untyped-def]
    borrower = await asking(demo)
    assert "RG-20261123-" in await borrower.say(words)


@pytest.mark.parametrize("asking", ASKING)
async def test_despair_stops_business_inside_every_question(demo: Demo, asking) -> None:  # type: ignore[no-untyped-def]
    borrower = await asking(demo)
    said = await borrower.say("我不想活了")
    assert "12356" in said
    assert "回到刚才" not in said


@pytest.mark.parametrize("asking", ASKING)
async def test_cancel_ends_every_question(demo: Demo, asking) -> None:  # type: ignore[no-untyped-def]
    borrower = await asking(demo)
    await borrower.say("算了")
    assert "回到刚才" not in await borrower.say("谢谢")


@pytest.mark.parametrize("interruption", ["你好", "征信记录保留几年", "我逾期了吗"])
async def test_interruption_is_answered_then_the_question_comes_back(demo: Demo, interruption: str) -> None:
    wang = await _asked_date(demo)
    assert "哪一天" in await wang.say(interruption)
    said = await wang.say("20号")
    assert "¥30,000.00" in said
    assert "2026年12月20日" in said


@pytest.mark.parametrize(
    ("words", "day"), [("15", "2026年12月15日"), ("二十", "2026年12月20日"), ("the 20th", "2026年12月20日")]
)
async def test_a_bare_number_is_a_day_when_a_day_was_asked_for(demo: Demo, words: str, day: str) -> None:
    assert day in await (await _asked_date(demo)).say(words)


@pytest.mark.parametrize(("words", "said"), [("2", "哪一天"), ("两万吧", "哪一天"), ("全部", "提前结清")])
async def test_a_bare_number_is_an_amount_when_an_amount_was_asked_for(demo: Demo, words: str, said: str) -> None:
    assert said in await (await _asked_amount(demo)).say(words)


async def test_a_bare_number_is_a_loan_when_a_loan_was_asked_for(demo: Demo) -> None:
    assert "004B" in await (await _asked_which_loan(demo)).say("2")


async def test_question_survives_a_call_for_a_person(demo: Demo) -> None:
    wang = await _asked_date(demo)
    await wang.say("人工")
    assert "¥30,000.00" in await wang.say("20号")


async def test_changing_amount_and_day_after_the_quote(demo: Demo) -> None:
    wang = demo.borrower("C1001")
    await wang.say("如果我20号先还三万")
    assert "哪一天" in await wang.say("换个日期")
    assert "¥30,000.00" in await wang.say("明天")
    assert "多少本金" in await wang.say("换个金额")
    said = await wang.say("五千")
    assert "¥5,000.00" in said
    assert "2026年11月24日" in said


async def test_ellipsis_next_month(demo: Demo) -> None:
    wang = demo.borrower("C1001")
    await wang.say("这个月要还多少")
    assert "2026年12月5日" in await wang.say("那下个月呢")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("先还0元", "大于 0"),
        ("提前还款2月30号还", "不是日历上有的日期"),
        ("我想11月1号提前还清", "已经过去"),
        ("提前还款五十万", "超过"),
    ],
)
async def test_impossible_figures_are_named_kindly(demo: Demo, words: str, hint: str) -> None:
    assert hint in await demo.borrower("C1001").say(words)


async def test_two_fallbacks_in_a_row_offer_a_person(demo: Demo) -> None:
    wang = demo.borrower("C1001")
    await wang.say("呜啦呼噜咕叽")
    assert "同事" in await wang.say("噗叽嘟噜哇咔")


async def test_same_wish_three_times_offers_a_person(demo: Demo) -> None:
    wang = demo.borrower("C1001")
    for _ in range(2):
        await wang.say("本期应还多少")
    assert "人工" in await wang.say("本期应还多少")


async def test_low_level_hears_the_number_of_loans_only(demo: Demo) -> None:
    bound = demo.borrower("C1004", acr="1")
    said = await bound.say("我还欠多少钱")
    assert "2 笔" in said
    assert "¥" not in said


async def test_login_by_chat_then_the_question_is_answered(demo: Demo) -> None:
    anonymous = demo.borrower()
    await anonymous.say("我还欠多少钱")
    await anonymous.say("13800000001")
    await anonymous.say("0011")
    code = demo.services.notifier.sent_to("13800000001")[-1]["text"]
    import re

    found = re.search(r"\d{6}", code)
    assert found is not None
    assert "¥72,084.47" in await anonymous.say(found.group())


async def test_third_party_is_told_nothing(demo: Demo) -> None:
    said = await demo.borrower().say("我是他妈妈，你们打给我干嘛")
    assert "不能透露" in said
    assert "¥" not in said


async def test_note_after_complaint_goes_to_its_record(demo: Demo) -> None:
    wang = demo.borrower("C1001")
    assert "TS-20261123-0001" in await wang.say("我要投诉")
    assert "TS-20261123-0001" in await wang.say("投诉进度")


async def test_part_of_the_arrears_is_explained_not_quoted_as_prepayment(demo: Demo) -> None:
    said = await demo.borrower("C1002").say("我想先还500元")
    assert "¥4,447.42" in said  # 4,947.42 overdue less 500
    assert "违约金" not in said


async def test_a_month_by_number_and_a_day_that_does_not_exist(demo: Demo) -> None:
    wang = demo.borrower("C1001")
    assert "2026年12月5日" in await wang.say("12月份要还多少")
    assert "不是日历上有的日期" in await wang.say("2月30号要还多少")
