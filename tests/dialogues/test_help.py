"""Repayment help through the trained model: every kind, each way out, both scripts, and what must never happen."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from bot.lending.authority import Actor
from bot.lending.position import position
from bot.lending.wishes import Kind, Wish
from bot.services import nightly
from bot.services.arrangement_rows import IN_FORCE, PENDING
from bot.store.conversation_schema import events, inbox, messages
from bot.store.help_schema import arrangements
from tests.dialogues.conftest import Borrower, Demo

pytestmark = pytest.mark.slow

READING = 11  # seconds: longer than the policy's
AGENT, LEAD = Actor("a1", "agent"), Actor("l1", "lead")


def code(demo: Demo, customer: str) -> str:
    phone = demo.services.loans.customer(customer).phone
    assert phone is not None
    sent = demo.services.notifier.sent_to(phone)[-1]["text"]
    return re.findall(r"\d{6}", sent)[0]


async def sign(demo: Demo, borrower: Borrower, customer: str, agree: str = "同意") -> str:
    """Read, agree, type the code."""
    demo.clock.forward(seconds=READING)
    await borrower.say(agree)
    assert borrower.responses == ["utter_help_code_sent"]
    return await borrower.say(code(demo, customer))


async def night(demo: Demo) -> None:
    """The checks of the night, and what they tell."""
    now = demo.clock.now()
    with demo.services.database.write() as connection:
        nightly.run(demo.services, connection, now.astimezone(demo.services.settings.timezone).date(), now)
    while await demo.service.worker.once():
        pass


async def options(borrower: Borrower, *said: str) -> str:
    answer = ""
    for one in said:
        answer = await borrower.say(one)
    assert any(one.startswith("utter_help_options") for one in borrower.responses), answer
    return answer


def plan_of(demo: Demo, loan: str) -> list[tuple[str, int]]:
    return [(line.due_on.isoformat(), line.total) for line in demo.services.loans.loan(loan).plan]


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


async def test_withdrawn_within_three_days_the_old_plan_stands(demo: Demo) -> None:
    before = plan_of(demo, "LN1001")
    borrower = demo.borrower("C1001")
    await options(borrower, "我想改还款日", "20号")
    await borrower.say("方案A")
    assert "已经生效" in await sign(demo, borrower, "C1001")
    assert plan_of(demo, "LN1001") != before
    demo.clock.forward(days=2)
    again = demo.borrower("C1001")
    assert "要撤回" in await again.say("撤回方案")
    assert "恢复了原来的还款计划" in await again.say("是的")
    assert plan_of(demo, "LN1001") == before


async def test_after_three_days_a_person_is_named(demo: Demo) -> None:
    borrower = demo.borrower("C1001")
    await options(borrower, "我想改还款日", "20号")
    await borrower.say("方案A")
    await sign(demo, borrower, "C1001")
    demo.clock.forward(days=4)
    later = demo.borrower("C1001")
    await later.say("撤回方案")
    assert later.responses == ["utter_help_withdraw_late"]


async def test_a_payment_in_between_is_another_offer(demo: Demo) -> None:
    borrower = demo.borrower("C1001")
    await options(borrower, "我想改还款日", "20号")
    await borrower.say("方案A")
    demo.clock.forward(seconds=READING)
    demo.services.loans.record_payment("between", "LN1001", 100_000, demo.clock.now())
    answer = await borrower.say("同意")
    assert borrower.responses == ["utter_help_requoted", "utter_help_disclosure"], answer
    assert demo.services.loans.loan("LN1001").plan_version == 1
    assert "已经生效" in await sign(demo, borrower, "C1001")


async def test_a_day_later_is_another_offer_even_with_the_right_code(demo: Demo) -> None:
    borrower = demo.borrower("C1001")
    await options(borrower, "我想改还款日", "20号")
    await borrower.say("方案A")
    demo.clock.forward(hours=11, minutes=58)  # noon: the day ends in two minutes
    await borrower.say("同意")
    right = code(demo, "C1001")
    demo.clock.forward(minutes=3)
    await borrower.say(right)
    assert borrower.responses == ["utter_help_requoted", "utter_help_disclosure"]
    assert demo.services.loans.loan("LN1001").plan_version == 1


async def test_wrong_and_late_codes_change_nothing(demo: Demo) -> None:
    borrower = demo.borrower("C1001")
    await options(borrower, "我想改还款日", "20号")
    await borrower.say("方案A")
    demo.clock.forward(seconds=READING)
    await borrower.say("同意")
    right = code(demo, "C1001")
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    assert "还可以试 4 次" in await borrower.say(wrong)
    demo.clock.forward(minutes=6)
    assert "过期" in await borrower.say(right)
    await borrower.say("重新发送")
    assert borrower.responses == ["utter_help_code_sent"]
    assert "已经生效" in await borrower.say(code(demo, "C1001"))


async def test_code_of_another_session_does_not_sign(demo: Demo) -> None:
    borrower, other = demo.borrower("C1001"), demo.borrower("C1001")
    await options(borrower, "我想改还款日", "20号")
    await borrower.say("方案A")
    demo.clock.forward(seconds=READING)
    await borrower.say("同意")
    await other.say(code(demo, "C1001"))
    assert demo.services.loans.loan("LN1001").plan_version == 1


async def test_codes_are_kept_nowhere(demo: Demo) -> None:
    borrower = demo.borrower("C1001")
    await options(borrower, "我想改还款日", "20号")
    await borrower.say("方案A")
    demo.clock.forward(seconds=READING)
    await borrower.say("同意")
    right = code(demo, "C1001")
    await borrower.say(right)
    with demo.services.database.read() as connection:
        for table in (messages, inbox, events, arrangements):
            for row in connection.execute(sa.select(table)).mappings():
                words = [str(value) for key, value in row.items() if key in ("text", "facts", "edge", "code", "memory")]
                assert not any(right in one for one in words), table.name


async def test_over_authority_is_filed_approved_and_signed(demo: Demo) -> None:
    borrower = demo.borrower("C1001")
    answer = await options(borrower, "工资降了，想协商还款", "去年", "半年", "跳过", "9000", "4200", "1500", "看方案")
    assert "需要同事批准" in answer
    filed = await borrower.say("方案A")
    assert "批准" in filed
    ref = re.search(r"HX-\d{8}-\d{4}", filed)
    assert ref is not None
    await borrower.say("我的申请进度")
    assert ref.group() in borrower.cells
    case = demo.services.cases.case(ref.group())
    assert case["file"]["answers"]["income"] == 900_000
    assert case["status"] == PENDING
    assert demo.services.cases.approve(LEAD, ref.group()) == "approved"
    await demo.service.worker.once()
    later = demo.borrower("C1001")
    await later.say("查看方案")
    assert later.responses[-1] == "utter_help_disclosure"
    assert "已经生效" in await sign(demo, later, "C1001")


async def test_declined_with_a_reason_in_plain_words(demo: Demo) -> None:
    borrower = demo.borrower("C1001")
    await options(borrower, "工资降了，想协商还款", "看方案")
    filed = await borrower.say("方案A")
    ref = re.findall(r"HX-\d{8}-\d{4}", filed)[0]
    demo.services.cases.decline(AGENT, ref, "papers_missing")
    await demo.service.worker.once()
    stored = demo.services.arrangements.of_customer("C1001", ("refused",))
    assert [one.ref for one in stored] == [ref]
    with demo.services.database.read() as connection:
        told = connection.execute(sa.select(messages.c.text).where(messages.c.session_id.is_(None))).scalars().all()
    assert any("还缺证明材料" in one for one in told)


async def test_counter_offer_is_shown_and_signed(demo: Demo) -> None:
    borrower = demo.borrower("C1001")
    await options(borrower, "工资降了，想协商还款", "看方案")
    ref = re.findall(r"HX-\d{8}-\d{4}", await borrower.say("方案A"))[0]
    made = demo.services.cases.counter(AGENT, ref, Wish(Kind.EXTENSION, count=6))
    shown = await borrower.say("查看方案")
    assert made in shown
    assert "延长 6 期" in shown
    await sign(demo, borrower, "C1001")
    assert len(demo.services.loans.loan("LN1001").plan) == 30


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


async def test_changed_mind_at_each_step(demo: Demo) -> None:
    borrower = demo.borrower("C1001")
    await borrower.say("我失业了还不上")
    await borrower.say("算了")
    assert borrower.responses == ["utter_cancelled"]
    await options(borrower, "我想改还款日", "20号")
    await borrower.say("方案A")
    await borrower.say("算了")
    assert borrower.responses == ["utter_help_declined"]
    assert demo.services.arrangements.of_customer("C1001") == ()
    assert demo.services.loans.loan("LN1001").plan_version == 1


async def test_promise_confirmed_kept_and_thanked(demo: Demo) -> None:
    borrower = demo.borrower("C1002")
    assert "¥2,000.00" in await borrower.say("我28号还2000")
    made = await borrower.say("对的")
    assert "CN-" in made
    open_now = demo.services.promises.open_of("LN1002")
    assert open_now is not None
    demo.clock.forward(days=4)
    demo.services.loans.record_payment("kept", "LN1002", 200_000, demo.clock.now())
    demo.clock.forward(days=3)
    await night(demo)
    assert demo.services.promises.open_of("LN1002") is None


async def test_a_new_promise_takes_the_place_of_the_open_one(demo: Demo) -> None:
    borrower = demo.borrower("C1002")
    await borrower.say("我28号还2000")
    await borrower.say("对的")
    await borrower.say("我27号还1000")
    assert "CN-" in await borrower.say("对的")
    mine = demo.services.promises.of_customer("C1002")
    assert [one.cents for one in mine] == [100_000]


async def test_promise_of_the_past_and_too_late(demo: Demo) -> None:
    borrower = demo.borrower("C1002")
    await borrower.say("我昨天还2000")
    assert demo.services.promises.of_customer("C1002") == ()
    await borrower.say("我下个月还")
    assert "utter_promise_too_late" in borrower.responses


async def test_waiver_offers_what_the_bot_may_give_at_once(demo: Demo) -> None:
    borrower = demo.borrower("C1002")
    answer = await options(borrower, "罚息能减免吗")
    assert "减免 ¥50.00" in answer
    await borrower.say("方案B")
    owed = position(demo.services.loans.loan("LN1002"), demo.clock.now().date()).overdue.total
    await sign(demo, borrower, "C1002")
    assert position(demo.services.loans.loan("LN1002"), demo.clock.now().date()).overdue.total == owed - 5_000


async def test_nothing_to_waive(demo: Demo) -> None:
    borrower = demo.borrower("C1001")
    assert "没有可以减免" in await borrower.say("罚息能减免吗")


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


async def test_answers_follow_the_arrangement(demo: Demo) -> None:
    borrower = demo.borrower("C1001")
    await options(borrower, "我想改还款日", "20号")
    await borrower.say("方案A")
    await sign(demo, borrower, "C1001")
    assert "2026年12月20日" in await borrower.say("本期应还多少")
    assert "¥" in await borrower.say("提前结清要多少钱")
    assert "¥" in await borrower.say("为什么是这个金额")
    running = demo.services.arrangements.of_customer("C1001", (IN_FORCE,))
    assert len(running) == 1
    await borrower.say("我想协商还款")
    assert "utter_help_running_already" in borrower.responses


async def ordered(demo: Demo, *said: str) -> tuple[Borrower, int]:
    """An order signed; the cents that it waits for."""
    borrower = demo.borrower("C1001")
    for one in said:
        await borrower.say(one)
    assert "utter_help_disclosure" in borrower.responses
    await sign(demo, borrower, "C1001")
    assert borrower.responses == ["utter_help_ordered"]
    (made,) = demo.services.arrangements.of_customer("C1001")
    return borrower, int(made.figures["after"]["asks"][0][1])


async def test_settlement_is_carried_out_by_its_payment(demo: Demo) -> None:
    borrower, cents = await ordered(demo, "提前结清要多少钱", "今天就办结清")
    assert demo.services.loans.loan("LN1001").plan_version == 1  # nothing yet
    demo.services.loans.record_payment("all", "LN1001", cents, demo.clock.now())
    assert position(demo.services.loans.loan("LN1001"), demo.clock.now().date()).status.value == "settled"
    await demo.service.worker.once()
    assert "已经还清" in await borrower.say("我还不上了")


@pytest.mark.parametrize(("words", "count"), [("今天就还，缩短期限", 9), ("今天就还，每期少还", 14)])
async def test_prepayment_is_carried_out_by_its_payment(demo: Demo, words: str, count: int) -> None:
    borrower, cents = await ordered(demo, "提前还3万", words)
    assert cents == 3_040_800
    demo.services.loans.record_payment("part", "LN1001", cents, demo.clock.now())
    left = position(demo.services.loans.loan("LN1001"), demo.clock.now().date()).left
    assert len(left) == count
    assert "提前还款" in "".join((await borrower.say("还款计划"), *borrower.cells))


async def test_an_order_that_is_not_paid_lapses_and_is_told(demo: Demo) -> None:
    _, cents = await ordered(demo, "提前结清要多少钱", "今天就办结清")
    demo.services.loans.record_payment("less", "LN1001", cents - 1, demo.clock.now())
    loan = demo.services.loans.loan("LN1001")
    assert loan.plan_version == 1
    demo.clock.forward(days=1)
    await night(demo)
    (made,) = demo.services.arrangements.of_customer("C1001", ("lapsed",))
    with demo.services.database.read() as connection:
        told = connection.execute(sa.select(messages.c.text).where(messages.c.session_id.is_(None))).scalars().all()
    assert any(made.ref in one and "失效" in one for one in told)


async def test_renegotiated_the_new_schedule_takes_the_place_of_the_old(demo: Demo) -> None:
    borrower = demo.borrower("C1001")
    await options(borrower, "我想改还款日", "20号")
    await borrower.say("方案A")
    await sign(demo, borrower, "C1001")
    await options(borrower, "工资降了，想协商还款", "看方案")
    ref = re.findall(r"HX-\d{8}-\d{4}", await borrower.say("方案A"))[0]
    demo.services.cases.approve(LEAD, ref)
    await borrower.say("查看方案")
    await sign(demo, borrower, "C1001")
    running = demo.services.arrangements.of_customer("C1001", (IN_FORCE,))
    assert [one.ref for one in running] == [ref]
    assert [one.status for one in demo.services.arrangements.of_customer("C1001", ("ended",))] == ["ended"]
    assert "要撤回" in await borrower.say("撤回方案")
    assert "恢复了" in await borrower.say("是的")
    assert demo.services.loans.loan("LN1001").plan_version == 2
    assert [one.wish.kind for one in demo.services.arrangements.of_customer("C1001", (IN_FORCE,))] == [Kind.DUE_DAY]


async def test_an_unpaid_order_can_be_dropped(demo: Demo) -> None:
    borrower, _ = await ordered(demo, "提前结清要多少钱", "今天就办结清")
    await borrower.say("取消申请")
    assert borrower.responses == ["utter_help_declined"]
    assert demo.services.arrangements.of_customer("C1001") == ()


async def test_a_later_promise_needs_a_colleague_and_is_then_kept(demo: Demo) -> None:
    borrower = demo.borrower("C1002")
    await borrower.say("我12月3号还2000")  # ten days: longer than the assistant may agree to
    filed = await borrower.say("对的")
    assert borrower.responses == ["utter_help_pending"]
    ref = re.findall(r"HX-\d{8}-\d{4}", filed)[0]
    demo.services.cases.approve(AGENT, ref)
    assert "CN-" in await borrower.say("查看方案")
    assert [one.cents for one in demo.services.promises.of_customer("C1002")] == [200_000]
    assert demo.services.arrangements.of_customer("C1002") == ()


async def test_illness_is_met_with_care_and_marked_for_the_colleague(demo: Demo) -> None:
    borrower = demo.borrower("C1002")
    await borrower.say("我得了癌症住院了，还不上了")
    await borrower.say("看方案")
    assert "utter_help_vulnerable" in borrower.responses
    await borrower.say("方案A")
    pending = demo.services.arrangements.of_customer("C1002")
    assert pending
    case = demo.services.cases.case(pending[0].ref)
    assert case["file"]["answers"]["reason"] == "ILLNESS_INJURY"
    assert case["file"]["vulnerable"]


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


async def test_high_tier_gets_a_plan_with_a_colleague(demo: Demo) -> None:
    """Two instalments late: nothing in the assistant's own authority but a promise and a small waiver."""
    borrower = demo.borrower("C1002")
    await options(borrower, "我收入少了一半，每月只能还1500", "去年", "半年以上", "跳过", "看方案")
    card = borrower.last[-1]["card"]
    assert {one["badge"] for one in card["options"]} == {"需要同事批准"}
    assert any("个性化分期" in one["title"] for one in card["options"])
    filed = await borrower.say("方案A")
    ref = re.findall(r"HX-\d{8}-\d{4}", filed)[0]
    assert demo.services.cases.case(ref)["file"]["tier"] == "high"
    demo.services.cases.approve(LEAD, ref)
    await borrower.say("查看方案")
    assert "已经生效" in await sign(demo, borrower, "C1002")
    assert position(demo.services.loans.loan("LN1002"), demo.clock.now().date()).overdue.total == 0
    assert "没有逾期" in await borrower.say("我逾期了吗")
