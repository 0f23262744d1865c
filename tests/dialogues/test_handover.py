"""A person when it matters, through the trained model: from any state, once it is time, and back with what was agreed."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from bot.lending.authority import Actor
from bot.services.desk.agents import Disposition
from bot.store.conversation_schema import conversations
from bot.store.desk_schema import handovers
from tests.dialogues.conftest import Borrower, Demo

LIN = Actor("lin", "agent")


class Person:
    """One agent of the demo's desk."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.desk = demo.services.desk

    async def online(self) -> Person:
        skills = ["service", "hardship", "complaint"]
        self.demo.services.staff.put("lin", "agent", name="小林", skills=skills, languages=["zh", "en"])
        await self._do(lambda c, now: self.desk.agents.set_status(c, LIN, "online", now))
        return self

    async def _do(self, job: Any) -> Any:
        return await self.demo.service.work.write(lambda c: job(c, self.demo.clock.now()))

    async def rounds(self) -> None:
        await self._do(lambda c, now: self.desk.agents.beat(c, "lin", now))
        await self.demo.service.rounds.once()

    async def handover(self) -> Any:
        query = sa.select(handovers).order_by(handovers.c.queued_at.desc(), handovers.c.ref.desc())
        return await self.demo.service.work.read(lambda c: c.execute(query).mappings().first())

    async def close(self) -> None:
        key = (await self.handover())["conversation_id"]
        query = sa.select(conversations.c.epoch).where(conversations.c.conversation_id == key)
        epoch = await self.demo.service.work.read(lambda c: c.execute(query).scalar())
        done = Disposition("账单", "resolved")
        await self._do(lambda c, now: self.desk.agents.close(c, LIN, key, epoch, done, now))

    async def file(self) -> list[dict[str, Any]]:
        key = (await self.handover())["conversation_id"]
        now = self.demo.clock.now()
        today = self.desk.basis.today(now)
        lines: list[dict[str, Any]] = await self.demo.service.work.read(
            lambda c: self.desk.file.lines(c, key, now, today, "zh-Hans")
        )
        return lines


async def _said(demo: Demo, borrower: Borrower) -> list[str]:
    look = await demo.service.look("rest", borrower.user, 0, "hidden")
    return [one["text"] for one in look.messages]


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ([], "人工"),
        (["我失业了还不上"], "轉人工"),  # inside the questions of help
        (["我想提前还款"], "我要找真人"),  # inside a quote
        (["我想改还款日", "20号"], "agent please"),
        (["投诉你们的催收"], "客服"),
    ],
)
async def test_a_person_is_there_within_one_turn_from_any_state(demo: Demo, before: list[str], words: str) -> None:
    person = await Person(demo).online()
    borrower = demo.borrower("C1002")
    for one in before:
        await borrower.say(one)
    said = await borrower.say(words)
    assert "RG-" in said
    told = [one for one in borrower.responses if one != "utter_ai_notice"]
    assert told[-1] == "utter_queue_joined"  # nothing more is asked
    assert sum(len(one["buttons"]) for one in borrower.last) == 3
    await person.rounds()
    assert (await person.handover())["agent"] == "lin"
    assert await borrower.say("在吗") == ""


async def test_hardship_and_complaints_go_to_their_queues_and_care_comes_first(demo: Demo) -> None:
    person = await Person(demo).online()
    for customer, words, queue, reason in (
        ("C1002", "我还款有困难", "hardship", "help"),
        ("C1007", "你们的催收骂人，我要投诉", "complaint", "complaint"),
        ("C1001", "我住院了，想问下怎么还款", "hardship", None),
    ):
        borrower = demo.borrower(customer)
        await borrower.say(words)
        await borrower.say("人工")
        found = await person.handover()
        assert found["queue"] == queue
        assert reason is None or found["reason"] == reason


async def test_not_understood_is_offered_a_person_then_gets_one(demo: Demo) -> None:
    await Person(demo).online()
    borrower = demo.borrower("C1001")
    for words in ("阿巴阿巴阿巴", "哇啦哇啦哇啦", "咕噜咕噜咕噜"):
        await borrower.say(words)
    assert "utter_queue_joined" in borrower.responses


async def test_anger_is_offered_a_person_and_anger_that_stays_gets_one(demo: Demo) -> None:
    person = await Person(demo).online()
    borrower = demo.borrower("C1001")
    assert "人工" in await borrower.say("你们就是骗子，本期应还多少")
    await borrower.say("气死我了，什么破公司，到底该还多少")
    assert "utter_queue_joined" in borrower.responses
    assert (await person.handover())["reason"] == "distress"


async def test_the_file_says_who_what_tried_care_and_next_with_places_to_jump(demo: Demo) -> None:
    person = await Person(demo).online()
    borrower = demo.borrower("C1002")
    await borrower.say("本期应还多少")
    await borrower.say("我失业了，还不上了")
    await borrower.say("人工")
    lines = await person.file()
    by_key: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        by_key.setdefault(line["key"], []).append(line)
    assert "李*" in by_key["who"][0]["text"]
    assert "2 级" in by_key["who"][0]["text"]
    assert "失业" in by_key["wanted"][0]["text"]
    assert by_key["wanted"][0]["seq"] is not None
    assert len(by_key["tried"]) >= 2
    assert by_key["care"][0]["text"] == "失业"
    assert "LN1002" in by_key["loan"][0]["text"]
    assert "账本" in by_key["loan"][0]["text"]
    assert by_key["next"][0]["action"] == "next_what_if"


async def test_after_closing_the_bot_is_back_knows_the_promise_and_asks_nothing_old(demo: Demo) -> None:
    from datetime import timedelta

    person = await Person(demo).online()
    borrower = demo.borrower("C1002")
    await borrower.say("我失业了还不上")
    await borrower.say("人工")
    await person.rounds()
    loan = demo.services.loans.loan("LN1002")
    key = (await person.handover())["conversation_id"]
    by = person.desk.basis.today(demo.clock.now()) + timedelta(days=3)
    await person._do(
        lambda c, now: demo.services.promises.record(c, loan, 50_000, by, key, "rest", now),
    )
    await person.close()
    said = await _said(demo, borrower)
    assert any("¥500.00" in one and "CN-" in one for one in said)
    answer = await borrower.say("本期应还多少")
    assert "¥" in answer
    assert "什么时候开始" not in answer
    await borrower.say("人工")  # and again
    assert "utter_queue_joined" in borrower.responses


async def test_with_nobody_there_a_known_borrower_gets_an_hour_and_can_change_it(demo: Demo) -> None:
    borrower = demo.borrower("C1002")
    said = await borrower.say("人工")
    assert "13:00–14:00" in said
    assert "138****0002" in said
    again = await borrower.say("人工")
    assert "13:00–14:00" in again


async def test_a_callback_is_booked_by_asking_for_it(demo: Demo) -> None:
    borrower = demo.borrower("C1002")
    said = await borrower.say("明天下午三点给我回个电话")
    assert "15:00–16:00" in said
    asked = await borrower.say("换个时间回电")
    assert "请选一个回电时间" in asked
    titles = [one["say"] for one in borrower.last[0]["buttons"]]
    moved = await borrower.say(titles[0])
    assert "已约好" in moved
    assert "不上" in await borrower.say("给我回个电话，凌晨三点")


async def test_help_in_traditional_and_english(demo: Demo) -> None:
    await Person(demo).online()
    assert "排在第" in await demo.borrower("C1003").say("轉真人客服")
    english = await demo.borrower("C1004").say("I want to talk to a human")
    assert "in line" in english
