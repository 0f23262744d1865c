"""Two wishes in one message, and a question between two readings, through the trained model."""

from __future__ import annotations

import pytest

from bot.dialogue.context import in_context
from bot.nlu.meaning import Understanding
from tests.dialogues.conftest import Demo

pytestmark = pytest.mark.slow


async def test_the_second_wish_is_offered_and_taken_up(demo: Demo) -> None:
    wang = demo.borrower("C1001")
    said = await wang.say("这个月要还多少钱？另外提前还款要手续费吗？")
    assert "utter_also" in wang.responses
    assert "¥" in said
    (offer,) = (row for row in wang.last if row["response"] == "utter_also")
    assert len(offer["buttons"]) == 2
    await wang.say("好的")
    assert "utter_also" not in wang.responses
    assert "¥" in "".join(row["text"] for row in wang.last) or wang.last[-1]["card"]


async def test_the_second_wish_may_be_declined(demo: Demo) -> None:
    wang = demo.borrower("C1001")
    await wang.say("这个月要还多少钱？另外提前还款要手续费吗？")
    await wang.say("不要")
    assert wang.responses == ["utter_also_declined"]


async def test_another_wish_instead_lets_the_offer_lapse(demo: Demo) -> None:
    wang = demo.borrower("C1001")
    await wang.say("这个月要还多少钱？另外提前还款要手续费吗？")
    await wang.say("我要投诉你们")
    assert "utter_also" not in wang.responses
    await wang.say("好的")
    assert "utter_also" not in wang.responses


async def test_family_is_protected_first_and_the_promise_is_kept_in_mind(demo: Demo) -> None:
    wang = demo.borrower("C1001")
    await wang.say("先别给我妈打电话，我下周五还")
    assert wang.responses[0].startswith("utter_")
    assert "utter_also" in wang.responses


async def test_a_question_between_two_readings_is_answered_by_its_buttons(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    wang = demo.borrower("C1001")
    unsure = Understanding(
        "那个怎么弄", "nlu_fallback", 0.6, ranking=(("query_due", 0.35), ("query_balance", 0.3)), decided_by="model"
    )
    brain = wang.services.brain
    real = type(brain).understand
    monkeypatch.setattr(
        type(brain), "understand", lambda self, text: unsure if text == "那个怎么弄" else real(self, text)
    )
    said = await wang.say("那个怎么弄")
    assert "utter_which_reading" in wang.responses
    assert "查这一期该还多少" in said
    (question,) = (row for row in wang.last if row["response"] == "utter_which_reading")
    buttons = [button["say"] for button in question["buttons"]]
    assert len(buttons) == 3
    assert "¥" in await wang.say(buttons[0])
    assert in_context(unsure, None, "那个怎么弄") == unsure


async def test_neither_reading_brings_the_offer_of_a_person(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    wang = demo.borrower("C1001")
    brain = wang.services.brain
    real = type(brain).understand
    unsure = Understanding("那个怎么弄", "nlu_fallback", 0.6, ranking=(("query_due", 0.35), ("query_balance", 0.3)))
    monkeypatch.setattr(
        type(brain), "understand", lambda self, text: unsure if text == "那个怎么弄" else real(self, text)
    )
    await wang.say("那个怎么弄")
    await wang.say("都不是")
    assert wang.responses == ["utter_fallback_person"]
