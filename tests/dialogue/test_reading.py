"""A message read whole and in parts; a second wish is kept, a question between two readings is answered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.dialogue.context import in_context
from bot.dialogue.reading import read
from bot.dialogue.readings import label, named, offered
from bot.dialogue.speech import TRADITIONAL, turn
from bot.names import Intent, Slot
from bot.nlu.meaning import FoundEntity, Understanding
from bot.nlu.normalise import normalise


class Scripted:
    """The whole message is `whole`; a part is what its first known word says, else unsure."""

    def __init__(self, whole: str, **parts: str) -> None:
        self.whole, self.parts = whole, parts

    def understand(self, text: str) -> Understanding:
        if "," in text or "，" in text or "顺便" in text:
            return Understanding(text, self.whole, 0.7)
        intent = next((intent for word, intent in self.parts.items() if word in text), None)
        return Understanding(text, intent or "nlu_fallback", 0.95 if intent else 0.2)


def test_second_wish_is_kept() -> None:
    meant = read(Scripted("query_due", 多少="query_due", 征信="credit_report"), "这个月还多少，会影响征信吗")
    assert meant.intent == "query_due"
    assert meant.also is not None
    assert meant.also.intent == "credit_report"


def test_a_complaint_is_served_before_a_question() -> None:
    meant = read(Scripted("early_repayment", 提前="early_repayment"), "想提前还款，你们的催收骂了我家人")
    assert (meant.intent, meant.decided_by) == ("collections_complaint", "edge")
    assert meant.also is not None
    assert meant.also.intent == "early_repayment"


def test_rights_come_before_a_promise() -> None:
    meant = read(Scripted("promise_to_pay", 下周五="promise_to_pay"), "先别给我妈打电话，我下周五还钱")
    assert (meant.intent, meant.decided_by) == ("stop_contact", "edge")


@pytest.mark.parametrize(
    "text",
    [
        "这个月还多少",
        "这个月还多少，谢谢",
        "多少，征信",
        "我先说一下，事情是这样，上个月我去，然后又回来，后来多少钱，征信呢",
    ],
)
def test_one_wish_stays_one(text: str) -> None:
    assert read(Scripted("query_due", 多少="query_due", 征信="credit_report"), text).also is None


def test_nothing_is_kept_beside_despair_or_a_person() -> None:
    assert read(Scripted("cannot_repay", 还多少="query_due"), "我不想活了，这个月还多少").intent == "self_harm"
    assert read(Scripted("query_due", 还多少="query_due"), "转人工，这个月还多少").also is None


@pytest.mark.parametrize(("hint", "intent"), [(0.1, "self_harm"), (0.01, "query_due")])
def test_despair_in_one_part_counts_where_the_whole_hints_at_it(hint: float, intent: str) -> None:
    whole = Understanding("", "query_due", 0.6, ranking=(("query_due", 0.6), ("self_harm", hint)))
    reader = Scripted("query_due", 多少="query_due", 天台="self_harm")
    reader.understand = lambda text: whole if "，" in text else Scripted.understand(reader, text)  # type: ignore[method-assign]
    meant = read(reader, "这个月还多少，风好大我上天台来了")
    assert (meant.intent, meant.also) == (intent, None)


def test_entities_of_the_whole_message_stay() -> None:
    whole = Understanding("", "query_due", 0.6, entities=(FoundEntity("amount", 300_000, "3000", 0, 4),))
    reader = Scripted("query_due", 提前="early_repayment", 征信="credit_report")
    reader.understand = lambda text: whole if "，" in text else Scripted.understand(reader, text)  # type: ignore[method-assign]
    meant = read(reader, "想提前还款3000，影响征信吗")
    assert meant.values("amount") == (300_000,)


def asked(kind: str, **data: object) -> dict[str, object]:
    return {"slots": {Slot.ASKED.value: kind, Slot.TASK.value: "query_due", Slot.TASK_DATA.value: data}}


UNSURE = Understanding("还那个", "nlu_fallback", 0.6, ranking=(("early_repayment", 0.4), ("query_due", 0.3)))
WHICH = asked("reading", readings=["early_repayment", "query_due"], meant=UNSURE.as_json())
GUESS = Understanding("x", "greet", 0.9)


@pytest.mark.parametrize(
    ("answer", "intent"),
    [("提前还款", "early_repayment"), ("查这一期该还多少", "query_due"), ("查這一期該還多少", "query_due"), ("第一个", "early_repayment"),
     ("2", "query_due"), ("后者", "query_due"), ("pay early", "early_repayment"), ("都不是", "nlu_fallback"), ("Neither", "nlu_fallback")],
)  # fmt: skip
def test_the_answer_to_which_reading(answer: str, intent: str) -> None:
    meant = in_context(GUESS, WHICH, normalise(answer))
    assert (meant.intent, meant.decided_by) == (intent, "context")


@pytest.mark.parametrize("other", ["延后一个月缴可以吗", "往后一个月还行吗", "前一个月的账单"])
def test_another_wish_leaves_the_question_behind(other: str) -> None:
    assert in_context(GUESS, WHICH, other).intent == "greet"


def test_a_complaint_leaves_the_question_behind_by_its_words() -> None:
    assert in_context(GUESS, WHICH, "我要投诉你们").intent == "complaint"


def test_the_former_and_the_latter_count_alone() -> None:
    assert in_context(GUESS, WHICH, "后一个").intent == "query_due"
    assert in_context(GUESS, WHICH, "选前一个").intent == "early_repayment"


def test_yes_takes_up_the_second_wish() -> None:
    wish = Understanding("会影响征信吗", "credit_report", 0.9, item="one_day")
    memory = asked("also", meant=wish.as_json())
    assert in_context(replace(GUESS, intent="affirm"), memory, "好的") == replace(wish, decided_by="context")
    assert in_context(replace(GUESS, intent="deny"), memory, "不用").intent == "deny"


def test_meaning_survives_json() -> None:
    meant = replace(UNSURE, also=GUESS, entities=(FoundEntity("amount", 1, "1", 0, 1),))
    assert Understanding.from_json(meant.as_json()) == meant


def test_every_label_is_told_from_every_other_in_both_scripts() -> None:
    names = [intent.value for intent in Intent if offered(intent.value)]
    for intent in names:
        for said in (label(intent, "zh-Hans"), turn(label(intent, "zh-Hans"), TRADITIONAL), label(intent, "en")):
            assert named(said, names) == intent
