"""The path of a message: stored once, answered once, in order, whatever happens in between."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from bot.errors import Conflict, StoreUnavailable
from bot.services.conversation import ConversationService, Delayed
from bot.services.inbound import InboundMessage, Stopping, TooManyWaiting
from bot.store.conversation_schema import conversations, events, inbox, messages, outbox
from tests.services.conftest import Talk


async def test_accept_answers_and_stores_reply_outbox_and_events_together(talk: Talk) -> None:
    assert await talk.say("u1", "你好") == ["echo: 你好"]
    stored = await talk.rows(messages)
    assert [(row["sender"], row["seq"]) for row in stored] == [("borrower", 1), ("bot", 2)]
    assert [row["message_id"] for row in await talk.rows(outbox)] == [stored[1]["message_id"]]
    kinds = {row["kind"] for row in await talk.rows(events)}
    assert {"message_in", "understood", "action", "message_out"} <= kinds
    understood = next(row for row in await talk.rows(events, events.c.kind == "understood"))
    assert understood["intent"] == "chitchat"
    assert understood["model_id"] == "fake-1"
    assert understood["policy_version"].startswith("identity ")


async def test_accept_same_id_same_text_gives_the_stored_answer_without_a_second_turn(talk: Talk) -> None:
    first = await talk.say("u1", "你好", "m1")
    assert await talk.say("u1", "你好", "m1") == first
    assert len(talk.brain.turns) == 1
    assert len(await talk.rows(messages)) == 2


async def test_accept_same_id_other_text_is_a_conflict(talk: Talk) -> None:
    await talk.say("u1", "你好", "m1")
    with pytest.raises(Conflict):
        await talk.say("u1", "再见", "m1")


async def test_accept_same_id_of_another_user_is_another_message(talk: Talk) -> None:
    assert await talk.say("u1", "一", "m1") == ["echo: 一"]
    assert await talk.say("u2", "二", "m1") == ["echo: 二"]


async def test_accept_second_message_before_the_first_is_answered_keeps_the_order(talk: Talk) -> None:
    accepted = [
        await talk.service.accept(InboundMessage("rest", "u1", text, f"m{text}"))
        for text in ("慢一", "二", "慢三", "四")
    ]
    for one in accepted:
        await talk.service.answer(one, 5)
    replies = [row["text"] for row in await talk.rows(messages, messages.c.sender == "bot")]
    assert replies == ["echo: 慢一", "echo: 二", "echo: 慢三", "echo: 四"]
    seqs = [row["seq"] for row in await talk.rows(messages)]
    assert sorted(seqs) == list(range(1, 9))


async def test_turn_memory_is_carried_from_turn_to_turn(talk: Talk) -> None:
    for _ in range(3):
        await talk.say("u1", "你好")
    [row] = await talk.rows(conversations)
    assert row["memory"] == {"slots": {"count": 3}}


async def test_turn_that_raises_is_answered_with_trouble_and_done(talk: Talk) -> None:
    assert await talk.responses("u1", "出错") == ["utter_trouble"]
    assert await talk.responses("u1", "你好") == ["utter_chitchat"]
    assert [row["facts"] for row in await talk.rows(events, events.c.kind == "turn_failed")] == [
        {"error": "RuntimeError"}
    ]


@pytest.mark.parametrize(
    "text, response",
    [
        ("", "utter_empty"),
        ("  \n ", "utter_empty"),
        ("\u202e\u200b", "utter_empty"),
        ("/", "utter_empty"),
        ("字" * 10_000, "utter_too_long"),
        ("😀😀", "utter_only_symbols"),
        ("？！。", "utter_only_symbols"),
    ],
)
async def test_message_without_anything_to_understand_is_answered_clearly(talk: Talk, text: str, response: str) -> None:
    assert await talk.responses("u1", text) == [response]
    assert talk.brain.heard == []


@pytest.mark.parametrize(
    "text, heard",
    [
        ('/query_balance{"a": 1}', 'query_balance{"a": 1}'),
        ("<b>你好</b>", "<b>你好</b>"),
        ("'; DROP TABLE loans; --", "'; DROP TABLE loans; --"),
        ("你\u202e好\x00\ud800", "你好"),
    ],
)
async def test_message_with_strange_contents_reaches_the_model_as_words(talk: Talk, text: str, heard: str) -> None:
    assert await talk.responses("u1", text) == ["utter_chitchat"]
    assert talk.brain.heard == [heard]


async def test_message_with_numbers_of_a_person_is_stored_masked(talk: Talk) -> None:
    await talk.say("u1", "我的身份证110101199003078515手机13912345678")
    everything = repr(await talk.rows(messages)) + repr(await talk.rows(inbox)) + repr(await talk.rows(events))
    assert "110101199003078515" not in everything
    assert "13912345678" not in everything


async def test_conversation_of_a_person_gets_no_bot_reply(talk: Talk) -> None:
    await talk.say("u1", "你好")
    await talk.service.work.write(lambda c: c.execute(conversations.update().values(owner="agent")))
    assert await talk.say("u1", "在吗") == []
    assert [row["text"] for row in await talk.rows(messages, messages.c.sender == "borrower")] == ["你好", "在吗"]
    assert len(await talk.rows(events, events.c.kind == "left_to_person")) == 1


async def test_unfinished_message_is_answered_by_the_next_process_once(talk: Talk) -> None:
    await talk.service.stop(0)
    session_message = InboundMessage("rest", "u1", "你好", "m1")
    now = talk.clock.now()
    accepted, _ = await talk.service.work.write(lambda c: talk.service.acceptor.accept(c, session_message, now, now))
    second = ConversationService(talk.service.services)
    await second.start()
    again = await second.accept(session_message)
    assert again.inbound_id == accepted.inbound_id
    assert [row["text"] for row in await second.answer(again, 5)] == ["echo: 你好"]
    assert len(await talk.rows(messages, messages.c.sender == "bot")) == 1
    await second.stop(2)
    second.close()


async def test_store_that_goes_away_in_a_turn_delays_the_answer_and_loses_nothing(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = talk.service.committer.commit

    def broken(*args: object) -> None:
        raise StoreUnavailable("disk full")

    monkeypatch.setattr(talk.service.committer, "commit", broken)
    accepted = await talk.service.accept(InboundMessage("rest", "u1", "你好", "m1"))
    with pytest.raises(Delayed):
        await talk.service.answer(accepted, 5)
    assert not talk.service.work.up
    monkeypatch.setattr(talk.service.committer, "commit", real)
    for _ in range(60):
        await asyncio.sleep(0.1)
        if not await talk.rows(inbox, inbox.c.pending):
            break
    assert [row["text"] for row in await talk.rows(messages, messages.c.sender == "bot")] == ["echo: 你好"]
    assert talk.service.work.up


async def test_stop_answers_what_is_accepted_and_takes_nothing_new(talk: Talk) -> None:
    accepted = await talk.service.accept(InboundMessage("rest", "u1", "慢", "m1"))
    waiting = asyncio.create_task(talk.service.answer(accepted, 5))
    await asyncio.sleep(0)
    await talk.service.stop(5)
    assert [row["text"] for row in await waiting] == ["echo: 慢"]
    with pytest.raises(Stopping):
        await talk.say("u1", "还在吗")


async def test_flood_of_unanswered_messages_is_refused(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.services.accepting.MAX_WAITING", 3)
    talk.brain.slow = 1.0
    for number in range(3):
        await talk.service.accept(InboundMessage("rest", "u1", "慢", f"m{number}"))
    with pytest.raises(TooManyWaiting):
        await talk.service.accept(InboundMessage("rest", "u1", "慢", "m3"))


async def test_event_cannot_be_changed_or_deleted(talk: Talk) -> None:
    await talk.say("u1", "你好")
    for statement in (events.update().values(kind="other"), events.delete()):
        with pytest.raises((sa.exc.DBAPIError, StoreUnavailable)):
            await talk.service.work.write(lambda c, s=statement: c.execute(s))


async def test_two_hundred_users_at_once_get_their_own_answers(talk: Talk) -> None:
    async def chat(number: int) -> None:
        for turn in range(3):
            assert await talk.say(f"u{number}", f"第{number}人第{turn}句") == [f"echo: 第{number}人第{turn}句"]

    await asyncio.gather(*(chat(number) for number in range(200)))


async def test_full_disk_refuses_kindly_and_recovers(talk: Talk) -> None:
    database = talk.service.services.database
    if not database.is_sqlite:
        return  # PostgreSQL's own disk is not ours to fill; tests/server/test_outage.py takes its database away
    await talk.say("u1", "你好")
    limit = {"pages": 1}

    def cap(connection: sa.engine.Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={limit['pages']}")

    sa.event.listen(database.engine, "begin", cap)

    async def fill() -> None:
        for number in range(200):
            await talk.service.accept(InboundMessage("rest", "u1", "字" * 500, f"m{number}"))

    with pytest.raises(StoreUnavailable):
        await fill()
    assert not talk.service.work.up
    limit["pages"] = 1_000_000
    for _ in range(80):
        await asyncio.sleep(0.1)
        if talk.service.work.up and not await talk.rows(inbox, inbox.c.pending):
            break
    assert talk.service.work.up
    assert not await talk.rows(inbox, inbox.c.pending)
    assert await talk.say("u1", "回来了") == ["echo: 回来了"]


async def test_message_that_the_store_always_refuses_does_not_block_the_others(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.conversation.SWEEP_SECONDS", 0.05)
    real = talk.service.committer.commit

    def refuses(connection: object, job: Any, made: Any, wall: object) -> object:
        if job.text == "毒" and not any(event.kind == "turn_failed" for event in made.events):
            raise StoreUnavailable("a value that no column takes")
        return real(connection, job, made, wall)

    monkeypatch.setattr(talk.service.committer, "commit", refuses)
    poison = InboundMessage("rest", "u1", "毒", "m1")
    await talk.service.accept(poison)
    for _ in range(200):
        await asyncio.sleep(0.1)
        if not await talk.rows(inbox, inbox.c.pending):
            break
    assert [row["response"] for row in await talk.rows(messages, messages.c.sender == "bot")] == ["utter_trouble"]
    assert await talk.say("u1", "你好") == ["echo: 你好"]
