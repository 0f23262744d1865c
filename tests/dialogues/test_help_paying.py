"""Promises, waivers and orders in chat."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from bot.lending.position import position
from bot.store.conversation_schema import messages
from tests.dialogues.conftest import Demo
from tests.dialogues.helping import AGENT, night, options, ordered, sign

pytestmark = pytest.mark.slow


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


async def test_words_for_another_order_than_was_quoted_do_nothing(demo: Demo) -> None:
    borrower = demo.borrower("C1001")
    await borrower.say("提前结清要多少钱")
    await borrower.say("缩短期限")
    assert "utter_trouble" not in borrower.responses
    assert demo.services.arrangements.of_customer("C1001") == ()
