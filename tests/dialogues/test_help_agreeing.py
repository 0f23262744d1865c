"""Agreeing in chat: what is shown is what comes into force, and taking it back leaves nothing."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from bot.lending.wishes import Kind
from bot.services.arrangement_rows import IN_FORCE
from bot.store.conversation_schema import events, inbox, messages
from bot.store.help_schema import arrangements
from tests.dialogues.conftest import Demo
from tests.dialogues.helping import LEAD, READING, code, options, plan_of, sign

pytestmark = pytest.mark.slow


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
