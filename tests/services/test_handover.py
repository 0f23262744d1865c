"""From the bot to a person and back: who owns a conversation, what is said then, and that nothing is lost on the way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.errors import Conflict
from bot.store.conversation_schema import events
from tests.services.conftest import Talk
from tests.services.desk_hands import DeskHands


async def test_a_borrower_waits_is_served_and_comes_back_to_the_bot(talk: Talk, desk: DeskHands) -> None:
    lin = await desk.staff("lin", name="小林")
    token = talk.token()
    ref = await desk.call("u1", token=token)
    assert (await desk.conversation("u1"))["owner"] == "waiting"
    assert await desk.rounds() == 1
    found = await desk.conversation("u1")
    assert (found["owner"], found["agent"], found["epoch"]) == ("agent", "lin", 2)
    await desk.send(lin, "u1", "您好，我来帮您看。")
    assert await talk.say("u1", "谢谢") == []
    await desk.close(lin, "u1")
    found = await desk.conversation("u1")
    assert (found["owner"], found["agent"], found["epoch"]) == ("bot", None, 3)
    seen = await desk.seen("u1")
    assert "agent: 您好，我来帮您看。" in seen
    assert any("小林已接入" in one for one in seen)
    assert await talk.say("u1", "在吗") == ["echo: 在吗"]
    done = await desk.handover(ref)
    assert (done["status"], done["outcome"], done["agent"]) == ("closed", "resolved", "lin")


async def test_failure_1_the_bot_is_silent_while_a_person_owns(talk: Talk, desk: DeskHands) -> None:
    await desk.staff("lin")
    await desk.call("u1")
    assert await talk.say("u1", "我的余额是多少") == []
    await desk.rounds()
    assert await talk.say("u1", "我的余额是多少") == []
    kept = await talk.rows(events, events.c.kind == "left_to_person")
    assert [one["facts"]["owner"] for one in kept] == ["waiting", "agent"]


async def test_failure_1_a_bot_turn_that_runs_while_a_person_takes_over_is_dropped(talk: Talk, desk: DeskHands) -> None:
    lead = await desk.staff("boss", "supervisor")
    await desk.call("u1")
    await desk.rounds()
    await desk.close(lead, "u1")
    talk.brain.slow = 0.5
    ref = await desk.call("u1")
    conversation = await desk.conversation("u1")
    await desk.do(lambda c, now: desk.services.desk.queue.leave(c, ref, now))
    running = asyncio.create_task(talk.say("u1", "慢慢想"))
    await asyncio.sleep(0.2)
    from bot.services.desk import ownership
    from bot.store import conversation_rows as rows

    def take(c: Any, now: Any) -> int:
        found = rows.conversation(c, conversation["conversation_id"], lock=True)
        return ownership.give(c, found, ownership.AGENT, now, agent="boss", why="taken")

    await desk.do(take)
    assert await running == []
    assert not any("慢慢想" in one for one in await desk.seen("u1") if one.startswith("bot"))


async def test_failure_2_handover_works_any_number_of_times(talk: Talk, desk: DeskHands) -> None:
    lin = await desk.staff("lin")
    for turn in range(4):
        ref = await desk.call("u1")
        await desk.rounds()
        await desk.send(lin, "u1", f"第{turn}次")
        await desk.close(lin, "u1")
        assert (await desk.handover(ref))["status"] == "closed"
        assert await talk.say("u1", f"你好{turn}") == [f"echo: 你好{turn}"]


async def test_failure_3_closing_twice_says_goodbye_once(talk: Talk, desk: DeskHands) -> None:
    lin = await desk.staff("lin")
    await desk.call("u1")
    await desk.rounds()
    await desk.close(lin, "u1")
    before = await desk.seen("u1")
    with pytest.raises(Conflict) as stale:
        await desk.close(lin, "u1")
    assert stale.value.code == "stale_epoch"
    assert await desk.seen("u1") == before


async def test_failure_4_a_repeated_send_is_one_message(talk: Talk, desk: DeskHands) -> None:
    lin = await desk.staff("lin")
    await desk.call("u1")
    await desk.rounds()
    first = await desk.send(lin, "u1", "收到", key="k1")
    again = await desk.send(lin, "u1", "收到", key="k1")
    assert (again.seq, again.repeated) == (first.seq, True)
    with pytest.raises(Conflict):
        await desk.send(lin, "u1", "别的", key="k1")
    assert (await desk.seen("u1")).count("agent: 收到") == 1


async def test_failure_7_messages_keep_one_order(talk: Talk, desk: DeskHands) -> None:
    lin = await desk.staff("lin")
    await desk.call("u1")
    await desk.rounds()
    await asyncio.gather(
        *(talk.say("u1", f"问{n}") for n in range(10)), *(desk.send(lin, "u1", f"答{n}") for n in range(10))
    )
    seqs = [one["seq"] for one in await talk.view("u1")]
    assert seqs == sorted(set(seqs))
    assert len(seqs) == 2 + 1 + 20


async def test_failure_8_nobody_waits_for_an_agent_who_is_offline(talk: Talk, desk: DeskHands) -> None:
    lin = await desk.staff("lin")
    await desk.call("u1", token=talk.token())
    await desk.rounds()
    await desk.close(lin, "u1")
    await desk.status(lin, "offline")
    said = await talk.say("u1", "叫人")
    assert said[0].startswith("nobody RG-")
    assert (await desk.conversation("u1"))["owner"] == "bot"


async def test_failure_9_a_vanished_agent_loses_the_conversation_to_its_old_place(talk: Talk, desk: DeskHands) -> None:
    lin = await desk.staff("lin", capacity=2)
    first = await desk.call("u1")
    await desk.rounds()
    talk.clock.forward(seconds=30)
    await desk.beat(lin)
    await desk.call("u2")
    talk.clock.forward(seconds=40)
    mei = await desk.staff("mei", capacity=1)
    await desk.call("u3")
    talk.clock.forward(seconds=10)  # lin was last heard of 50 seconds ago
    await desk.rounds()
    found = await desk.handover(first)
    assert (found["status"], found["agent"], found["times_lost"]) == ("assigned", "mei", 1)
    assert any("掉线" in one for one in await desk.seen("u1"))
    with pytest.raises(Conflict) as stale:
        await desk.send(lin, "u1", "我还在", epoch=2)
    assert stale.value.code == "stale_epoch"
    assert mei.staff_id == (await desk.conversation("u1"))["agent"]


async def test_waiting_for_nobody_becomes_a_callback_for_the_known_and_a_message_for_others(
    talk: Talk, desk: DeskHands
) -> None:
    lin = await desk.staff("lin", capacity=1)
    await desk.call("u0")
    await desk.rounds()
    known = await desk.call("u1", token=talk.token("C1001"))
    unknown = await desk.call("u2")
    await desk.status(lin, "away")
    talk.clock.forward(minutes=2)
    await desk.beat(lin)
    await desk.rounds()
    assert (await desk.handover(known))["status"] == "waiting"
    talk.clock.forward(minutes=2)
    await desk.beat(lin)
    await desk.rounds()
    assert (await desk.handover(known))["status"] == "callback"
    assert (await desk.handover(unknown))["status"] == "message"
    assert (await desk.conversation("u1"))["owner"] == "bot"
    assert any("14:00–15:00" in one or "13:00–14:00" in one for one in await desk.seen("u1"))


async def test_while_waiting_place_callback_message_and_leaving_are_answered(talk: Talk, desk: DeskHands) -> None:
    lin = await desk.staff("lin", capacity=1)
    await desk.call("u0")
    await desk.rounds()
    ref = await desk.call("u1", token=talk.token("C1001"))
    assert "第 1 位" in (await talk.say("u1", "还要等多久"))[0]
    assert "无法估计" in (await talk.say("u1", "继续等"))[0]
    assert await talk.say("u1", "我的余额") == []
    asked = await talk.say("u1", "预约回电")
    assert "138****0001" in asked[0]
    booked = await talk.say("u1", "回电 明天下午3点")
    assert "2026年3月19日 15:00–16:00" in booked[0]
    assert (await desk.handover(ref))["status"] == "callback"
    assert (await desk.conversation("u1"))["owner"] == "bot"
    again = await talk.say("u1", "叫人")
    assert again[0].endswith(ref)  # the same number, the old place
    assert "不再排队" in (await talk.say("u1", "不等了"))[0]
    assert lin.role == "agent"


async def test_anonymous_callback_asks_for_identity_and_keeps_the_place(talk: Talk, desk: DeskHands) -> None:
    await desk.staff("lin", capacity=1)
    await desk.call("u0")
    await desk.rounds()
    ref = await desk.call("u1")
    assert "验证身份" in (await talk.say("u1", "预约回电"))[0]
    assert (await desk.handover(ref))["status"] == "waiting"
    assert "留言" in (await talk.say("u1", "改为留言"))[0]
    assert (await desk.handover(ref))["status"] == "message"


async def test_who_proves_identity_while_waiting_keeps_the_place_in_the_own_conversation(
    talk: Talk, desk: DeskHands
) -> None:
    await talk.say("old", "你好", token=talk.token("C1002"))
    await desk.staff("lin", capacity=1)
    await desk.call("u0")
    await desk.rounds()
    ref = await desk.call("u1")
    before = await desk.handover(ref)
    await talk.say("u1", "我在", token=talk.token("C1002"))
    found = await desk.handover(ref)
    assert (found["status"], found["customer_id"]) == ("waiting", "C1002")
    assert found["queued_at"] == before["queued_at"]
    assert (await desk.conversation("u1"))["owner"] == "waiting"
    assert (await desk.conversation("old"))["conversation_id"] == found["conversation_id"]


async def test_logging_out_works_while_a_person_owns_and_agents_words_stay_hidden(talk: Talk, desk: DeskHands) -> None:
    lin = await desk.staff("lin")
    await desk.call("u1", token=talk.token("C1001"))
    await desk.rounds()
    await desk.send(lin, "u1", "您本期应还¥100.00")
    assert any("退出" in one for one in await talk.say("u1", "退出登录"))
    assert not any("¥100.00" in one for one in await desk.seen("u1"))


async def test_a_borrower_in_queue_stays_proven_longer(talk: Talk, desk: DeskHands) -> None:
    await desk.staff("lin", capacity=1)
    await desk.call("u0")
    await desk.rounds()
    await desk.call("u1", token=talk.token("C1001"))
    await talk.say("free", "你好", token=talk.token("C1003"))
    talk.clock.forward(minutes=60)
    assert await talk.level("u1") == 2
    assert await talk.level("free") == 0
    talk.clock.forward(minutes=61)
    assert await talk.level("u1") == 0


async def test_despair_while_waiting_is_served_first_and_answered_at_once(talk: Talk, desk: DeskHands) -> None:
    lin = await desk.staff("lin", capacity=1)
    await desk.call("u0")
    await desk.rounds()
    await desk.call("u1")
    talk.clock.forward(minutes=1)
    await desk.beat(lin)
    second = await desk.call("u2")
    assert "12356" in (await talk.say("u2", "我不想活了"))[0]
    assert (await desk.handover(second))["priority"] == 0
    await desk.beat(lin)
    await desk.close(lin, "u0")
    await desk.rounds()
    assert (await desk.conversation("u2"))["agent"] == "lin"
    assert (await desk.conversation("u1"))["owner"] == "waiting"
    sent = desk.services.notifier.sent_to("supervisor@example.test")
    assert "轻生" in sent[-1]["text"]


async def test_the_survey_is_answered_once_in_three_numbers(talk: Talk, desk: DeskHands) -> None:
    from bot.store.desk_schema import surveys

    lin = await desk.staff("lin")
    ref = await desk.call("u1")
    await desk.rounds()
    await desk.close(lin, "u1")
    assert (await desk.seen("u1"))[-1].startswith("system: 请给这次人工服务打分")
    assert "谢谢" in (await talk.say("u1", "评价 5 4 3"))[0]
    kept = (await talk.rows(surveys, surveys.c.ref == ref))[0]
    assert (kept["timeliness"], kept["convenience"], kept["competence"]) == (5, 4, 3)
    assert await talk.say("u1", "5 5 5") == ["echo: 5 5 5"]


async def test_a_login_runs_on_while_a_person_waits_to_see_the_account(talk: Talk, desk: DeskHands) -> None:
    lin = await desk.staff("lin")
    await desk.call("u1")
    await desk.rounds()
    assert any("手机" in one for one in await talk.say("u1", "验证身份"))
    await talk.say("u1", "13800000001")
    await talk.say("u1", "0011")
    code = await talk.code("13800000001")
    assert code is not None
    assert any("已验证" in one for one in await talk.say("u1", code))
    found = await desk.conversation("u1")
    assert (found["owner"], found["agent"], found["customer_id"]) == ("agent", "lin", "C1001")
    await desk.send(lin, "u1", "看到您的账户了")
    assert "agent: 看到您的账户了" in await desk.seen("u1")
