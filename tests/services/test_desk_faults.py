"""The rest of what users of other desks report, callbacks that fail, and many workers at one queue."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bot.errors import Conflict, StoreUnavailable
from bot.lending.authority import Actor
from bot.names import Intent
from bot.nlu.edge import safety
from bot.services.desk import inbox
from bot.services.inbound import InboundMessage
from bot.services.rest_push import RestPush
from bot.store.conversation_schema import channel_sessions, events, messages
from bot.store.conversation_schema import inbox as arrived
from bot.store.desk_schema import callbacks, handovers
from tests.services.conftest import Talk
from tests.services.desk_hands import DeskHands


async def _opened(desk: DeskHands, actor: Actor, user: str, after: int) -> list[str]:
    key = (await desk.conversation(user))["conversation_id"]
    now = desk.talk.clock.now()
    shown = await desk.talk.service.work.read(
        lambda c: inbox.opened(c, desk.services.desk, actor, key, after, now, "zh-Hans")
    )
    return [one["text"] for one in shown["messages"]]


async def test_failure_5_after_a_reconnect_a_colleagues_reply_is_there(talk: Talk, desk: DeskHands) -> None:
    lin, boss = await desk.staff("lin"), await desk.staff("boss", "supervisor", "busy")
    await desk.call("u1")
    await desk.rounds()
    seen = (await desk.send(lin, "u1", "一")).seq
    key = (await desk.conversation("u1"))["conversation_id"]
    await desk.do(lambda c, now: desk.services.desk.agents.take(c, boss, key, now))
    await desk.send(boss, "u1", "主管的话")
    talk.clock.forward(hours=5)  # a window of time would have closed; a cursor does not
    assert "主管的话" in await _opened(desk, lin, "u1", seen)


async def test_failure_6_a_message_whose_transaction_failed_is_taken_at_its_retry(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.store import turn_rows

    real = turn_rows.store_inbound

    def broken(*args: Any) -> None:
        real(*args)
        raise StoreUnavailable("gone at the last moment")

    monkeypatch.setattr(turn_rows, "store_inbound", broken)
    message = InboundMessage("rest", "u1", "你好", "same id")
    with pytest.raises(StoreUnavailable):
        await talk.service.accept(message)
    monkeypatch.setattr(turn_rows, "store_inbound", real)
    assert await talk.say("u1", "你好", "same id") == ["echo: 你好"]
    assert await talk.say("u2", "你好", "same id") == ["echo: 你好"]  # the id of somebody else is no repetition
    assert len(await talk.rows(arrived, arrived.c.client_msg_id == "same id")) == 2


async def test_failure_10_what_is_typed_merges_nobody(talk: Talk) -> None:
    await talk.say("known", "你好", token=talk.token("C1001"))
    for words in ("我是王小明", "wang@example.com", "我的手机 13800000001", "客户号 C1001"):
        await talk.say("stranger", words)
    sessions = await talk.rows(channel_sessions, channel_sessions.c.channel_user == "stranger")
    assert (sessions[0]["level"], sessions[0]["customer_id"]) == (0, None)
    known = await talk.rows(channel_sessions, channel_sessions.c.channel_user == "known")
    assert sessions[0]["conversation_id"] != known[0]["conversation_id"]


async def test_failure_12_a_retried_webhook_is_one_message_and_one_answer(talk: Talk) -> None:
    talk.brain.slow = 0.5
    answers = await asyncio.gather(*(talk.say("u1", "慢一点", "m1") for _ in range(3)))
    assert answers == [["echo: 慢一点"]] * 3
    assert len(talk.brain.turns) == 1


async def test_failure_13_every_message_is_pushed_in_order_and_a_failed_push_again(talk: Talk, desk: DeskHands) -> None:
    lin = await desk.staff("lin")
    await desk.call("u1")
    await desk.rounds()
    for words in ("一", "二", "三"):
        await desk.send(lin, "u1", words)
    taken: list[str] = []
    failures = iter([True])

    def post(url: str, token: str, body: dict[str, Any]) -> None:
        if body["text"] == "二" and next(failures, False):
            raise OSError("away")
        taken.append(body["text"])

    push = RestPush(talk.service.work, talk.clock, "http://unused", "", post)
    assert await push.push_due() == 1
    assert taken[-1] == "一"
    assert await push.push_due() == 0
    assert taken[-3:] == ["一", "二", "三"]
    assert await push.push_due() == 0
    assert Counter(taken).most_common(1)[0][1] == 1


@pytest.mark.parametrize(
    "words",
    [
        "人工",
        "转人工",
        "轉人工",
        "我要找真人",
        "客服呢",
        "叫你们经理来",
        "别用机器人跟我说话",
        "agent please",
        "talk to a human",
        "真人客服在吗",
    ],
)
def test_failure_14_a_person_is_reached_in_many_words(words: str) -> None:
    assert safety(words) is Intent.TALK_TO_HUMAN


async def test_a_callback_missed_is_tried_once_then_escalated_and_the_borrower_is_told(
    talk: Talk, desk: DeskHands
) -> None:
    said = await talk.say("u1", "叫人", token=talk.token("C1001"))
    ref = said[0].split()[-1]
    first = (await talk.rows(callbacks, callbacks.c.ref == ref))[0]
    assert (first["status"], first["attempt"]) == ("due", 1)
    talk.clock.forward(hours=2)
    await desk.rounds()
    tries = sorted((one["attempt"], one["status"]) for one in await talk.rows(callbacks, callbacks.c.ref == ref))
    assert tries == [(1, "missed"), (2, "due")]
    await talk.say("u1", "你好", token=talk.token("C1001"))
    assert any("没有打成。改到" in one for one in await desk.seen("u1"))
    talk.clock.forward(hours=3)
    await desk.rounds()
    tries = sorted((one["attempt"], one["status"]) for one in await talk.rows(callbacks, callbacks.c.ref == ref))
    assert tries == [(1, "missed"), (2, "escalated")]
    await talk.say("u1", "你好", token=talk.token("C1001"))
    assert any("已交给主管" in one for one in await desk.seen("u1"))
    assert "回电两次" in desk.services.notifier.sent_to("supervisor@example.test")[-1]["text"]


async def test_a_callback_that_reached_ends_the_handover_once(talk: Talk, desk: DeskHands) -> None:
    said = await talk.say("u1", "叫人", token=talk.token("C1001"))
    ref = said[0].split()[-1]
    lin = await desk.staff("lin")
    due = (await talk.rows(callbacks, callbacks.c.ref == ref))[0]
    agents = desk.services.desk.agents
    await desk.do(lambda c, now: agents.called(c, lin, due["callback_id"], "reached", now))
    assert (await desk.handover(ref))["status"] == "closed"
    with pytest.raises(Conflict):
        await desk.do(lambda c, now: agents.called(c, lin, due["callback_id"], "reached", now))


async def test_windows_are_inside_hours_and_have_room_for_so_many(talk: Talk, desk: DeskHands) -> None:
    refs = []
    for number in range(13):
        said = await talk.say(f"u{number}", "叫人", token=talk.token(f"C100{number % 8 + 1}"))
        refs.append(said[0].split()[-1])
    booked = Counter(one["from_at"] for one in await talk.rows(callbacks, callbacks.c.status == "due"))
    assert max(booked.values()) <= 12
    for at in booked:
        local = at.astimezone(desk.services.settings.timezone)
        assert 9 <= local.hour <= 20


async def test_transfer_to_a_queue_keeps_the_place_and_a_note_goes_along(talk: Talk, desk: DeskHands) -> None:
    lin = await desk.staff("lin")
    ref = await desk.call("u1")
    await desk.rounds()
    before = await desk.handover(ref)
    talk.clock.forward(seconds=30)
    mei = await desk.staff("mei", skills=["complaint"])
    found = await desk.conversation("u1")
    move = desk.services.desk.agents.transfer
    key, epoch = found["conversation_id"], found["epoch"]
    await desk.do(lambda c, now: move(c, lin, key, epoch, "queue:complaint", "客户要投诉", now))
    await desk.rounds()
    after = await desk.handover(ref)
    assert (after["agent"], after["queued_at"]) == ("mei", before["queued_at"])
    shown = await talk.service.work.read(
        lambda c: inbox.opened(c, desk.services.desk, mei, key, 0, talk.clock.now(), "zh-Hans")
    )
    assert shown["notes"][0]["text"] == "客户要投诉"
    assert not any("客户要投诉" in one for one in await desk.seen("u1"))


async def test_many_workers_give_each_conversation_once_and_nobody_too_many(talk: Talk, desk: DeskHands) -> None:
    for number in range(5):
        await desk.staff(f"a{number}", capacity=4)
    users = [f"u{number}" for number in range(24)]
    for user in users:
        await talk.say(user, "叫人", uuid.uuid4().hex, channel="web")
    dispatch, database, now = desk.services.desk.dispatch, desk.services.database, talk.clock.now()

    def work(_: int) -> list[str]:
        done = []
        with database.read() as connection:
            line = dispatch.waiting(connection, now)
        for conversation_id in line:
            with database.write() as connection:
                if dispatch.assign(connection, conversation_id, now):
                    done.append(conversation_id)
        return done

    with ThreadPoolExecutor(4) as threads:
        given = [key for part in threads.map(work, range(4)) for key in part]
    work(0)  # what was passed over while somebody else held it
    assert len(given) == len(set(given))
    held = Counter(one["agent"] for one in await talk.rows(handovers, handovers.c.status == "assigned"))
    assert sum(held.values()) == 20
    assert set(held.values()) == {4}
    told = await talk.rows(messages, messages.c.response == "utter_agent_joined")
    assert len(told) == 20
    changes = await talk.rows(events, events.c.kind == "owner_changed")
    assert all(count <= 2 for count in Counter(one["conversation_id"] for one in changes).values())


def test_measures_of_the_overview_by_hand() -> None:
    """Percentiles by linear interpolation between closest ranks."""
    from bot.services.desk.overview import percentile

    assert percentile([10.0], 0.9) == 10.0
    assert percentile([0.0, 10.0, 20.0, 30.0], 0.5) == 15.0
    assert percentile([0.0, 100.0], 0.9) == pytest.approx(90.0)
