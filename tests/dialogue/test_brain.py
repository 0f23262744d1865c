"""The model inside this process: actions run, memory stays small, errors come out, nothing is printed."""

from __future__ import annotations

import json
import logging

import pytest

from bot.dialogue import turn as turns
from bot.dialogue.brain import Brain
from bot.dialogue.turn import Understanding
from tests.dialogue.conftest import Project, load, say, turn_of

pytestmark = pytest.mark.slow


def test_understands_with_the_models_own_components(brain: Brain) -> None:
    understood = brain.understand("我還欠多少錢?")
    assert (understood.intent, understood.decided_by) == ("query_balance", "model")
    assert understood.confidence > 0.5
    assert understood.ranking[0][0] == "query_balance"


def test_understanding_holds_no_number_of_a_person(brain: Brain) -> None:
    understood = brain.understand("我的手机13812345678 身份证11010519491231002X")
    assert "138" not in understood.text
    assert "1949" not in understood.text


async def test_action_runs_here_and_its_words_figures_and_slots_come_back(brain: Brain) -> None:
    turn = turn_of(brain.understand("我还欠多少钱"), channel="web")
    answer = await brain.respond(turn, None)
    (message,) = answer.messages
    assert (message.text, message.level, message.response) == ("范丽还欠¥1.00。", 2, "utter_amount")
    assert message.card is not None
    assert [(button.title, button.say) for button in message.buttons] == [("还款计划", "还款计划")]
    assert answer.actions == ("action_mini_amount",)
    assert answer.memory["slots"] == {"topic": 1}
    assert turn.decisions == [("counted", {"times": 1})]


async def test_two_actions_of_one_rule_run_in_order(brain: Brain) -> None:
    answer = await say(brain, "谢谢", {})
    assert answer.actions == ("action_mini_hello", "action_mini_amount")
    assert [message.response for message in answer.messages][:2] == ["utter_hello", "utter_amount"]


async def test_response_named_in_a_rule_is_said(brain: Brain) -> None:
    answer = await say(brain, "再见", channel="web")
    assert [message.text for message in answer.messages] == ["再见。"]


async def test_slots_are_remembered_from_turn_to_turn_through_json(brain: Brain) -> None:
    memory = None
    for _ in range(3):
        memory = json.loads(json.dumps((await say(brain, "我还欠多少钱", memory)).memory))
    assert memory["slots"] == {"topic": 3}


async def test_memory_does_not_grow_with_the_conversation(brain: Brain) -> None:
    memory, sizes = None, []
    for _ in range(60):
        memory = (await say(brain, "我还欠多少钱", memory)).memory
        sizes.append(len(json.dumps(memory)))
    assert sizes[-1] <= sizes[9] + 2  # one digit more in the counter


async def test_first_answer_says_that_a_program_speaks_where_nothing_else_did(brain: Brain) -> None:
    first = await say(brain, "再见")
    assert [message.response for message in first.messages] == ["utter_goodbye", "utter_ai_notice"]
    assert [message.response for message in (await say(brain, "再见", first.memory)).messages] == ["utter_goodbye"]


async def test_traditional_answer_keeps_names_as_they_are(brain: Brain) -> None:
    answer = await say(brain, "我還欠多少錢", language="zh-Hant", channel="web")
    message = answer.messages[0]
    assert message.text == "范丽還欠¥1.00。"
    assert message.buttons[0].title == "還款計劃"
    assert message.card == {"kind": "facts", "title": "餘額", "rows": [["應還", "¥1.00"]], "loan_no": "云1"}


async def test_english_answer_that_is_missing_comes_with_one_english_line(brain: Brain) -> None:
    amount = await say(brain, "what do I still owe", language="en", channel="web")
    assert [message.response for message in amount.messages] == ["utter_amount", "utter_english_notice"]
    hello = await say(brain, "hello", language="en", channel="web")
    assert [message.text for message in hello.messages] == ["Hello."]


async def test_failing_action_raises_and_leaves_no_turn_behind(brain: Brain) -> None:
    broken = Understanding("?", "nlu_fallback", 1.0)
    with pytest.raises(RuntimeError, match="on fire"):
        await brain.respond(turn_of(broken), None)
    with pytest.raises(LookupError):
        turns.current()


async def test_intent_without_a_rule_does_not_loop(brain: Brain) -> None:
    answer = await brain.respond(turn_of(Understanding("?", "no_such_intent", 1.0), channel="web"), None)
    assert len(answer.actions) <= 5


async def test_nothing_of_a_message_is_printed_or_logged(
    project: Project, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    own = load(project)
    await say(own, "我还欠多少钱,我叫王小明,13812345678")
    written = "".join(capfd.readouterr()) + caplog.text
    assert "王小明" not in written
    assert "13812345678" not in written
