"""The phone menu: keys, speech, what is not heard, a person at any moment; nobody is identified by a number."""

from __future__ import annotations

from typing import Any

import httpx
import orjson
import pytest

from bot.errors import BadInput
from bot.services.channels.linking import may_link
from bot.services.channels.model import Choice, Hook, Outgoing, Reception
from tests.channels.cases.ivr import CASE
from tests.fakes import NOON


def event(**fields: Any) -> Hook:
    return CASE.garbage(orjson.dumps({"call": "c1", "turn": 1, **fields}), NOON)


@pytest.fixture
def ivr() -> Any:
    return CASE.adapter("http://127.0.0.1:1", httpx.AsyncClient())


def answer(reception: Reception) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(reception.body)
    return found


def test_a_call_begins_with_who_speaks_and_the_way_to_a_person(ivr: Any) -> None:
    begun = answer(ivr.receive(event(event="start")))
    assert "机器人" in begun["say"]
    assert "转人工" in begun["say"]
    assert {"0", "*", "#", "1"} <= set(begun["keys"])
    assert "machine" in answer(ivr.receive(event(event="start", language="en")))["say"]


@pytest.mark.parametrize(
    ("key", "says"), [("1", "本期应还多少"), ("3", "我还不上了"), ("0", "人工"), ("*", "再说一遍")]
)
def test_a_key_says_a_sentence(ivr: Any, key: str, says: str) -> None:
    context = answer(ivr.receive(event(event="start")))["context"]
    [found] = ivr.receive(event(event="keys", keys=key, context=context, turn=2)).inbound
    assert found.text == says


def test_keys_of_an_answer_lead_on(ivr: Any) -> None:
    picks = (Choice("延期一个月", "方案1"), Choice("改为12期", "方案2"))
    payloads = ivr.render(Outgoing("m1", "c1", "可以这样安排", picks))
    body, _ = ivr.passive(event(event="keys", keys="1"), payloads)
    told = orjson.loads(body)
    assert "改为12期，请按 2" in told["say"]
    [found] = ivr.receive(event(event="keys", keys="2", context=told["context"], turn=5)).inbound
    assert found.text == "方案2"


def test_several_digits_are_a_value(ivr: Any) -> None:
    [found] = ivr.receive(event(event="keys", keys="13800000001", turn=3)).inbound
    assert found.text == "13800000001"


@pytest.mark.parametrize(
    "heard", [{"speech": "嗯", "confidence": 0.2}, {"speech": ""}, {"confidence": True, "speech": "x"}]
)
def test_what_is_not_heard_is_asked_once_then_a_person(ivr: Any, heard: dict[str, Any]) -> None:
    context = answer(ivr.receive(event(event="start")))["context"]
    first = ivr.receive(event(event="speech", context=context, turn=2, **heard))
    assert first.inbound == ()
    assert "没听清" in answer(first)["say"]
    [second] = ivr.receive(event(event="speech", context=answer(first)["context"], turn=3, **heard)).inbound
    assert second.text == "人工"


def test_an_unknown_key_is_not_heard(ivr: Any) -> None:
    assert ivr.receive(event(event="keys", keys="9", context={"keys": {}})).inbound == ()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"event": "dance"},
        {"event": "keys", "call": ""},
        {"event": "keys", "turn": "x"},
        {"event": "keys", "call": 7},
    ],
)
def test_a_bad_event_is_refused(ivr: Any, fields: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        ivr.receive(CASE.garbage(orjson.dumps({"call": "c1", "turn": 1, **fields}), NOON))


def test_a_call_is_never_linked() -> None:
    class Session:
        channel = "ivr"

    assert not may_link(Session())  # type: ignore[arg-type]
