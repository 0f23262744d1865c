"""Repayment help through the trained model: questions, options, every way in and out, both scripts, and English."""

from __future__ import annotations

import re

import pytest

from bot.lending.position import position
from tests.dialogues.conftest import Demo
from tests.dialogues.helping import LEAD, READING, options, sign

pytestmark = pytest.mark.slow


async def test_deferral_of_a_month_from_the_first_word_to_the_ledger(demo: Demo) -> None:
    borrower = demo.borrower("C1001")
    assert "什么时候" in await borrower.say("我被裁了，这个月真还不上")  # the reason is known: not asked again
    for said, asked in (
        ("上个月", "utter_help_ask_lasting"),
        ("一个月左右", "utter_help_ask_household"),
        ("3口人", "utter_help_ask_income"),
        ("两万", "utter_help_ask_essentials"),
        ("4200", "utter_help_ask_other_debts"),
        ("没有", "utter_help_ask_can_pay"),
    ):
        await borrower.say(said)
        assert borrower.responses[-1] == asked
    answer = await borrower.say("看方案")
    assert "¥14,220.00" in answer  # (20000 - 4200) x 0.9
    assert "延期 1 个月，期间只还利息" in answer
    assert "您同意即可" in answer
    shown = await borrower.say("方案A")
    assert "¥432.51" in shown
    assert "没有其他收费" in shown
    assert borrower.last[-1]["card"]["kind"] == "consent"
    assert "请再看 10 秒" in await borrower.say("同意")
    demo.clock.forward(seconds=READING)
    assert borrower.responses == ["utter_help_too_soon"]
    await borrower.say("嗯")
    assert borrower.responses == ["utter_help_say_agree"]
    done = await sign(demo, borrower, "C1001")
    assert "已经生效" in done
    assert "2026年11月26日" in done
    assert "¥432.51" in await borrower.say("下个月还多少")
    loan = demo.services.loans.loan("LN1001")
    assert loan.plan_version == 2
    assert position(loan, loan.entries[-1].on).principal == sum(
        line.principal for line in loan.plan if line.number > 10
    )


async def test_only_800_a_month_is_taken_at_its_word(demo: Demo) -> None:
    borrower = demo.borrower("C1002")
    answer = await options(borrower, "我每月只能还1500", "看方案")
    assert "¥800" not in answer
    loan = demo.services.loans.loan("LN1002")
    offered = borrower.last[-1]["card"]["options"]
    assert offered
    assert any("个性化分期" in one["title"] for one in offered)
    assert loan.plan_version == 1
    lower = await borrower.say("我每月最多还800")
    assert borrower.responses[-1] == "utter_help_options_over", lower
    assert "¥800.00" in lower
    assert "同事" in await borrower.say("都不合适")


@pytest.mark.parametrize(
    ("said", "response"),
    [
        ("-5", "utter_help_amount_range"),
        ("一亿", "utter_help_amount_range"),
        ("1000000000000", "utter_help_amount_unclear"),  # nobody's number: longer than any amount that is read
        ("每天两百", "utter_help_per_month"),
        ("有一点吧", "utter_help_amount_unclear"),
    ],
)
async def test_odd_incomes(demo: Demo, said: str, response: str) -> None:
    borrower = demo.borrower("C1001")
    for one in ("我失业了还不上", "跳过", "跳过", "跳过"):
        await borrower.say(one)
    assert borrower.responses[-1] == "utter_help_ask_income"
    answer = await borrower.say(said)
    assert response in borrower.responses, answer
    if response == "utter_help_per_month":
        assert "¥6,000.00" in answer


async def test_resumed_on_another_channel(demo: Demo) -> None:
    first = demo.borrower("C1001")
    for one in ("我失业了还不上", "上个月", "两三个月"):
        await first.say(one)
    assert first.responses[-1] == "utter_help_ask_household"
    second = demo.borrower("C1001")
    await second.say("我还不上了")
    assert second.responses[-1] == "utter_help_ask_household"
    assert "utter_help_resume" in second.responses


async def test_interrupted_the_question_comes_back(demo: Demo) -> None:
    borrower = demo.borrower("C1001")
    await borrower.say("我失业了还不上")
    assert "¥72,084.47" in await borrower.say("我还欠多少钱")
    assert borrower.responses[-1] == "utter_help_ask_since"


async def test_a_person_at_any_moment(demo: Demo) -> None:
    borrower = demo.borrower("C1001")
    await borrower.say("我失业了还不上")
    assert "RG-" in await borrower.say("人工")


async def test_due_day_with_something_overdue_goes_to_help(demo: Demo) -> None:
    borrower = demo.borrower("C1002")
    await borrower.say("我想改还款日")
    assert borrower.responses[0] == "utter_help_due_day_overdue"


async def test_settled_loan(demo: Demo) -> None:
    borrower = demo.borrower("C1006")
    assert "已经还清" in await borrower.say("我还不上了")


async def test_two_loans_are_asked_about_once(demo: Demo) -> None:
    borrower = demo.borrower("C1004")
    await borrower.say("我失业了还不上")
    assert "utter_choose_loan" in borrower.responses
    await borrower.say("第一笔")
    assert borrower.responses[-1].startswith("utter_help_ask_")


async def test_anonymous_is_recorded_then_asked_to_log_in(demo: Demo) -> None:
    borrower = demo.borrower()
    answer = await borrower.say("我被裁了还不上")
    assert "SQ-" in answer
    assert "utter_login_needed" in borrower.responses


@pytest.mark.parametrize("customer", ["C1003", "C1005", "C1007"])
async def test_every_method_gets_options_or_a_person(demo: Demo, customer: str) -> None:
    borrower = demo.borrower(customer)
    await borrower.say("我失业了，还不上了")
    answer = await borrower.say("看方案")
    assert borrower.responses[-1].startswith(("utter_help_options", "utter_recorded")), answer


async def test_in_traditional(demo: Demo) -> None:
    borrower = demo.borrower("C1003")
    answer = await borrower.say("我被裁員了，這個月真的還不起")
    assert "謝謝您告訴我" in answer
    answer = await borrower.say("看方案")
    assert "延期" in answer
    await borrower.say("方案A")
    if borrower.responses == ["utter_help_disclosure"]:
        assert "已經生效" in await sign(demo, borrower, "C1003")
    else:
        assert borrower.responses == ["utter_help_pending"]


async def test_in_english(demo: Demo) -> None:
    borrower = demo.borrower("C1001")
    await borrower.say("I lost my job and cannot pay this month")
    answer = await borrower.say("show options")
    assert "deferred" in answer
    await borrower.say("option A")
    assert borrower.responses[0] in ("utter_help_pending", "utter_help_disclosure")


async def test_told_long_ago_is_asked_again(demo: Demo) -> None:
    first = demo.borrower("C1001")
    for one in ("我失业了还不上", "上个月", "两三个月"):
        await first.say(one)
    demo.clock.forward(days=61)
    later = demo.borrower("C1001")
    await later.say("我还不上了")
    assert "utter_help_start" in later.responses
    assert "utter_help_ask_reason" in later.responses


async def test_a_few_days_more_without_a_story(demo: Demo) -> None:
    borrower = demo.borrower("C1001")
    answer = await options(borrower, "能不能晚三天还")
    assert "宽限 3 天" in answer
    await borrower.say("方案A")
    await sign(demo, borrower, "C1001")
    assert "2026年12月8日" in await borrower.say("本期应还多少")


async def test_salary_after_the_due_day_moves_the_due_day(demo: Demo) -> None:
    borrower = demo.borrower("C1001")
    await borrower.say("我还不上了")
    await borrower.say("工资晚发，还款日对不上")
    assert borrower.responses == ["utter_help_ask_day"]
    await borrower.say("15号")
    answer = await options(borrower, "看方案")
    assert "还款日改为每月16日" in answer


TRADITIONAL = [
    (["我想改還款日", "20號", "方案A"], "還款日改為每月20日"),
    (["能不能晚三天還", "方案A"], "寬限 3 天"),
    (["我失業了還不起", "兩萬", "看方案", "方案A"], "延期"),
]


@pytest.mark.parametrize(("said", "shown"), TRADITIONAL)
async def test_whole_ways_in_traditional(demo: Demo, said: list[str], shown: str) -> None:
    borrower = demo.borrower("C1001")
    answer = ""
    for one in said:
        answer = await borrower.say(one)
    assert shown in answer, answer
    if borrower.responses == ["utter_help_pending"]:
        demo.services.cases.approve(LEAD, re.findall(r"HX-\d{8}-\d{4}", answer)[0])
        await borrower.say("查看方案")
    assert "已經生效" in await sign(demo, borrower, "C1001")
    assert "要撤回" in await borrower.say("撤回方案")
    assert "恢復了原來的還款計畫" in (await borrower.say("是的")).replace("計劃", "計畫")


async def test_promise_waiver_and_order_in_traditional(demo: Demo) -> None:
    borrower = demo.borrower("C1002")
    assert "¥2,000.00" in await borrower.say("我28號還2000")
    assert "CN-" in await borrower.say("對的")
    assert "減免 ¥50.00" in await borrower.say("罰息可以減免嗎")
    await borrower.say("方案B")
    assert "已經生效" in await sign(demo, borrower, "C1002")
    other = demo.borrower("C1003")
    await other.say("提前結清要多少錢")
    await other.say("今天就辦結清")
    assert other.responses == ["utter_help_disclosure"]


async def test_two_words_for_help_are_one_wish(demo: Demo) -> None:
    borrower = demo.borrower("C1001")
    await options(borrower, "工资降了一半，想协商还款", "看方案")
    await borrower.say("方案A")
    assert "utter_also" not in borrower.responses
