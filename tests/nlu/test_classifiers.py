"""Intent and item classifiers: trained on a handful, stored as Rasa stores, read again, sure only where they may be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.names import Intent
from bot.nlu import vectors
from bot.nlu.intents import LinearIntentClassifier, readable
from bot.nlu.items import ItemClassifier
from bot.nlu.normalise import normalise
from bot.nlu.parse import ITEM

EXAMPLES = {
    "query_balance": ["我还欠多少钱", "总共还剩多少没还", "欠款总额是多少", "剩余本金多少", "一共还欠你们多少", "查一下欠款"],
    "early_repayment": ["我想提前还款", "可以提前结清吗", "提前还一部分", "怎么提前还清", "想一次还清", "提前全部还掉"],
    "credit_report": ["会影响征信吗", "征信上有记录吗", "逾期上征信吗", "征信会花吗", "会不会进征信", "影响信用记录吗"],
    "credit_report/how_long": ["征信记录保留多久", "逾期记录几年消除", "不良记录多久没有", "征信多长时间恢复", "记录保存几年", "多久消除"],
    "out_of_scope": ["明天天气怎么样", "帮我订机票", "推荐一部电影", "写一首诗", "附近有什么好吃的", "股票涨了吗"],
}  # fmt: skip
CONTEXT = ExecutionContext(GraphSchema({}))


def training_data() -> TrainingData:
    return TrainingData(
        [
            Message({TEXT: text, INTENT: intent.partition("/")[0]} | ({INTENT_RESPONSE_KEY: intent} if "/" in intent else {}))
            for intent, texts in EXAMPLES.items()
            for text in texts
        ]
    )  # fmt: skip


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LinearIntentClassifier, ItemClassifier]]:
    """Both components, trained, stored and loaded."""
    folder: Path = tmp_path_factory.mktemp("model")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectors, "CACHE", folder / "cache")
        storage = LocalModelStorage.create(folder)
        loaded = []
        for component in (LinearIntentClassifier, ItemClassifier):
            resource = Resource(component.__name__)
            config = component.get_default_config()
            component.create(config, storage, resource, CONTEXT).train(training_data())  # type: ignore[attr-defined]
            loaded.append(component.load(config, storage, resource, CONTEXT))
        yield loaded[0], loaded[1]


def read(pipeline: tuple[LinearIntentClassifier, ItemClassifier], text: str) -> Message:
    message = Message.build(normalise(text))
    for component in pipeline:
        component.process([message])
    return message


@pytest.mark.parametrize(
    ("text", "intent", "item"),
    [
        ("我现在欠多少", "query_balance", None),
        ("能不能提前还", "early_repayment", None),
        ("征信記錄保留幾年", "credit_report", "how_long"),
        ("会上征信吗", "credit_report", None),
        ("今天天气好吗", "out_of_scope", None),
    ],
)
def test_intent_and_item(pipeline: tuple[LinearIntentClassifier, ItemClassifier], text: str, intent: str, item: str | None) -> None:  # fmt: skip
    message = read(pipeline, text)
    assert message.get(INTENT)["name"] == intent
    assert (message.get(ITEM) or {}).get("name") == item


def test_a_confidence_is_a_probability_and_the_ranking_falls(pipeline: tuple[LinearIntentClassifier, ItemClassifier]) -> None:  # fmt: skip
    for texts in EXAMPLES.values():
        for text in texts:
            ranking = [one["confidence"] for one in read(pipeline, text).get("intent_ranking")]
            assert ranking == sorted(ranking, reverse=True)
            assert 0 <= ranking[-1] <= ranking[0] <= 1
            assert sum(ranking) <= 1 + 1e-6


@pytest.mark.parametrize(
    "text",
    ["", "   ", "\n\t", "😀😀😀", "!!!???", "\u200b\u202e", "こんにちは、お金を返したいです", "Сколько я должен", "대출 잔액 알려주세요",
     "龘靐齉爩龖", "qzxv wkjh bnmp", "\ufffd\ufffd\u0001"],
)  # fmt: skip
def test_nothing_to_understand_is_a_fallback(pipeline: tuple[LinearIntentClassifier, ItemClassifier], text: str) -> None:  # fmt: skip
    message = read(pipeline, text)
    assert message.get(INTENT)["name"] == Intent.FALLBACK.value
    assert message.get(ITEM) is None


def test_two_readings_that_are_close_are_asked_back(pipeline: tuple[LinearIntentClassifier, ItemClassifier]) -> None:
    classifier = pipeline[0]
    ranking = [{"name": "a", "confidence": 0.45}, {"name": "b", "confidence": 0.44}]
    assert not classifier._sure(ranking)
    assert classifier._sure([{"name": "a", "confidence": 0.8}, {"name": "b", "confidence": 0.1}])
    assert not classifier._sure([{"name": "a", "confidence": 0.2}, {"name": "b", "confidence": 0.01}])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.one_of(st.text(max_size=60), st.binary(max_size=60).map(lambda b: b.decode("latin-1"))))
def test_no_text_breaks_the_components(pipeline: tuple[LinearIntentClassifier, ItemClassifier], text: str) -> None:
    message = read(pipeline, text)
    assert isinstance(message.get(INTENT)["name"], str)
    assert np.isfinite(message.get(INTENT)["confidence"])


def test_a_foreign_script_is_unreadable_and_digits_are_not() -> None:
    assert readable("还款")
    assert readable("3")
    assert readable("loan")
    assert readable("k")
    assert not readable("x")
    assert not readable(normalise("x" * 10_000))
    assert readable(normalise("哈" * 10_000))
    assert not readable("ありがとう")
    assert not readable("😀")
