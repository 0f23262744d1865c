"""The trained model as a whole: both scripts, items inside intents, nonsense, and what a message costs."""

from __future__ import annotations

import statistics
import time

import pytest

from bot.dialogue.brain import Brain
from bot.dialogue.registry import ensure_model
from bot.names import Intent
from bot.settings import Settings

pytestmark = pytest.mark.slow
UNSURE = (Intent.FALLBACK.value, Intent.OUT_OF_SCOPE.value)
P50_MS = 3.0  # of processor time, the quickest of several runs: other work on the machine does not count

WISHES = [
    ("我现在一共还欠你们多少钱呀", "query_balance"),
    ("這個月要繳多少", "query_due"),
    ("如果我20号先还三万呢,要多少手续费", "early_repayment"),
    ("被公司裁了,这个月真的还不起", "cannot_repay"),
    ("可不可以晚几天再还", "request_extension"),
    ("結清證明去哪裡開", "settlement_certificate"),
    ("钱都转过去了怎么还显示没还", "payment_not_reflected"),
    ("罚息能不能给我免掉一点", "request_waiver"),
    ("你们什么时候从我卡里扣钱", "autopay"),
    ("谢谢你啊", "thank"),
]


@pytest.fixture(scope="module")
def brain() -> Brain:
    return Brain.load(ensure_model(Settings()))


@pytest.mark.parametrize(("text", "intent"), WISHES, ids=range(len(WISHES)))
def test_plain_wishes(brain: Brain, text: str, intent: str) -> None:
    assert brain.understand(text).intent == intent


def test_an_item_is_chosen_inside_its_intent(brain: Brain) -> None:
    understood = brain.understand("征信上的逾期记录要保留几年")
    assert (understood.intent, understood.item) == ("credit_report", "how_long")


@pytest.mark.parametrize(
    "text",
    ["", " ", "😀😀😀", "?????", "asdfghjkl qwertyuiop", "龘靐齉爩", "こんにちは、元気ですか", "Где мои деньги", "<script>alert(1)</script>",
     "'; DROP TABLE loans; --", "x" * 10_000, "推荐几部好看的科幻电影", "帮我写一段python排序代码", "世界杯冠军是谁"],
    ids=range(14),
)  # fmt: skip
def test_what_is_not_ours_is_not_answered(brain: Brain, text: str) -> None:
    assert brain.understand(text).intent in UNSURE


def test_a_slash_message_is_text_like_any_other(brain: Brain) -> None:
    understood = brain.understand('\u200b/query_balance{"loan": "LN1001"}')
    assert understood.confidence < 1.0
    assert "loan" not in {entity.kind for entity in understood.entities}


def test_what_is_kept_of_a_message_is_redacted(brain: Brain) -> None:
    understood = brain.understand("我手机号13800000001,还欠多少")
    assert "13800000001" not in repr(understood)


def test_a_message_costs_little(brain: Brain) -> None:
    costs = []
    for text, _ in WISHES * 2:
        runs = []
        for _ in range(8):
            started = time.process_time()
            brain.understand(text)
            runs.append((time.process_time() - started) * 1000)
        costs.append(min(runs))
    assert statistics.median(costs) <= P50_MS
