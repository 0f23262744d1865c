"""What a colleague must agree to: filed, approved, declined, countered, and signed by the borrower."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from bot.lending.position import position
from bot.lending.wishes import Kind, Wish
from bot.services.arrangement_rows import PENDING
from bot.store.conversation_schema import messages
from tests.dialogues.conftest import Demo
from tests.dialogues.helping import AGENT, LEAD, options, sign

pytestmark = pytest.mark.slow


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
