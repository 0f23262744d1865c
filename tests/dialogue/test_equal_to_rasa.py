"""What `bot.dialogue.direct_runner` and the brain's memory leave out changes nothing: same words understood, same actions.

Beside the brain runs Rasa as it comes: its own runner, a tracker with the whole conversation, nothing remembered.
"""

from __future__ import annotations

from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.engine.exceptions import GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.dialogue.brain import Brain
from bot.dialogue.direct_runner import DirectRunner
from bot.dialogue.registry import ensure_model
from bot.dialogue.speech import Speech
from bot.names import Slot
from bot.nlu.parse import understanding_from_rasa
from bot.nlu.redact import redact
from bot.settings import Settings
from tests.dialogue.conftest import turn_of

pytestmark = pytest.mark.slow
CONVERSATIONS = [
    ["你好", "我还欠多少钱", "那下个月呢", "谢谢", "再见"],
    ["如果我20号先还三万", "不对,是15号", "违约金多少", "算了"],
    ["我這個月要還多少", "為什麼是這個金額", "還款計劃", "轉人工"],
    ["when is my next payment", "how do I repay", "talk to a person"],
    ["征信记录保留几年", "我逾期了吗", "每天罚多少", "我被裁员了还不上", "可以分期吗", "我要投诉"],
    ["呜啦呼噜咕叽", "😀😀", "", "<b>SELECT 1</b>", "1" * 500],
    ["我想先还一部分", "三万", "你好", "20号"] * 3,
]


class Silent:
    """Actions that say nothing and remember what they were called for."""

    def run(self, name: str, turn: Any, slots: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        count = (slots[Slot.FALLBACKS.value] or 0) + 1
        return [{"response": "utter_x"}], {Slot.TOPIC.value: turn.understanding.intent, Slot.FALLBACKS.value: count}


def _processor() -> MessageProcessor:
    return MessageProcessor(
        model_path=str(ensure_model(Settings())),
        tracker_store=InMemoryTrackerStore(None),
        lock_store=None,
        generator=None,
    )


@pytest.fixture(scope="module")
def stock() -> MessageProcessor:
    return _processor()


@pytest.fixture(scope="module", params=[True, False], ids=["direct", "switched off"])
def brain(request: pytest.FixtureRequest) -> Brain:
    speech = Speech({"utter_x": [{"text": "x"}], "utter_ai_notice": [{"text": "y"}]})
    return Brain(_processor(), Silent(), speech, "m", direct=request.param)  # type: ignore[arg-type]


def _stock_actions(stock: MessageProcessor, tracker: DialogueStateTracker) -> list[str]:
    ran: list[str] = []
    while True:
        prediction = stock._predict_next_with_tracker(tracker)
        name = stock.domain.action_names_or_texts[prediction.max_confidence_index]
        tracker.update(ActionExecuted(name), stock.domain)
        if name == "action_listen":
            return ran
        ran.append(name)


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda texts: texts[0][:12])
async def test_conversation_goes_as_in_rasa(stock: MessageProcessor, brain: Brain, conversation: list[str]) -> None:
    tracker = DialogueStateTracker.from_events("equal", [ActionExecuted("action_listen")], stock.domain.slots)
    memory: dict[str, Any] | None = None
    for text in conversation:
        parsed = stock._parse_message_with_graph(UserMessage(text, sender_id="equal"), tracker)
        understood = brain.understand(text)
        assert understood == understanding_from_rasa(parsed, redact(text))
        tracker.update(UserUttered(text, {"name": understood.intent, "confidence": 1.0}, []), stock.domain)
        answer = await brain.respond(turn_of(understood), memory)
        assert list(answer.actions) == _stock_actions(stock, tracker)
        memory = answer.memory
        for name, value in memory["slots"].items():
            tracker.update(SlotSet(name, value), stock.domain)


async def test_same_conversation_again_is_answered_from_what_was_remembered(brain: Brain) -> None:
    async def talk() -> list[tuple[str, ...]]:
        memory, actions = None, []
        for text in CONVERSATIONS[0]:
            answer = await brain.respond(turn_of(brain.understand(text)), memory)
            memory, actions = answer.memory, [*actions, answer.actions]
        return actions

    assert await talk() == await talk()


def test_switch_leaves_rasas_own_runner_in_place(brain: Brain) -> None:
    runner = brain._processor.graph_runner
    assert isinstance(runner, DaskGraphRunner if brain._predict_always else DirectRunner)


def test_error_of_a_component_is_the_one_rasa_gives(stock: MessageProcessor) -> None:
    target = [stock.model_metadata.nlu_target]
    raised = []
    for runner in (stock.graph_runner, DirectRunner(stock.graph_runner)):  # type: ignore[arg-type]
        with pytest.raises(GraphRunError) as caught:
            runner.run(inputs={}, targets=target)  # the message is missing
        raised.append((type(caught.value), type(caught.value.__cause__)))
    assert raised[0] == raised[1]
