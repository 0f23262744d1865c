"""What every adapter promises, one suite over all of them."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import BadInput
from bot.services.channels.model import (
    Adapter,
    Choice,
    Inbound,
    Kind,
    Outgoing,
    Reception,
    SendFailed,
    SignatureRefused,
)
from tests.channels.cases.base import Case
from tests.channels.conftest import CASES, serving
from tests.fakes import NOON

API = "http://127.0.0.1:1"
FIGURES = re.compile(r"¥[\d,]+\.\d\d|\d{4}年\d{1,2}月\d{1,2}日")
SCHEDULE = {
    "kind": "table",
    "title": "还款计划",
    "columns": ["期", "日期", "应还"],
    "rows": [[str(at), f"2026年{at % 12 + 1}月15日", f"¥{1000 + at},{at:03d}.{at:02d}"] for at in range(1, 37)],
    "note": "提前还款会改变后面的金额。",
}
COMPARE = {
    "kind": "compare",
    "title": "两个方案",
    "options": [
        {
            "title": "延期一个月",
            "badge": "推荐",
            "rows": [["下期", "2026年4月15日"], ["多付", "¥12.34"]],
            "say": "方案1",
            "choose": "选它",
        },
        {
            "title": "改为12期",
            "rows": [["每月", "¥1,023.45"], ["多付", "¥212.30"]],
            "note": "利率不变",
            "say": "方案2",
            "choose": "选它",
        },
    ],
    "others": {"title": "都不合适", "say": "都不合适"},
}
MESSAGES = [
    Outgoing("m1", "10001", "本期应还¥2,423.14，2026年3月25日前还清。", base_url="https://lender.example"),
    Outgoing("m2", "10001", "请选择", (Choice("查询本期应还", "本期应还多少"), Choice("人工", "人工"))),
    Outgoing("m3", "10001", "还款计划如下", card=SCHEDULE),
    Outgoing("m4", "10001", "可以这样安排", card=COMPARE),
    Outgoing("m5", "10001", "Due ¥1,000.00 on 2026年5月1日.", language="en"),
    Outgoing("m6", "10001", "很长。" * 3000),
]


@pytest.fixture
async def adapter(case: Case, http: httpx.AsyncClient) -> Adapter:
    return case.adapter(API, http)


def read(case: Case, adapter: Adapter, text: str = "本期应还多少", message_id: str = "77") -> Inbound:
    [found] = adapter.receive(case.hook(case.user, text, message_id, NOON)).inbound
    return found


def hooked(case: Case) -> None:
    if case.pulls:
        pytest.skip("its messages are fetched: see its own tests")


@pytest.mark.parametrize(
    "text", ["本期应还多少", "還款計劃", "how much do I owe", "3", "😀 你好\n第二行", "a<b>&amp;\"'"]
)
async def test_a_text_comes_in_as_it_was_typed(case: Case, adapter: Adapter, text: str) -> None:
    hooked(case)
    found = read(case, adapter, text)
    assert (found.kind, found.text, bool(found.channel_user)) == (Kind.TEXT, text, True)


async def test_a_repetition_has_the_same_key_and_another_message_another(case: Case, adapter: Adapter) -> None:
    hooked(case)
    assert read(case, adapter).message_id == read(case, adapter).message_id
    assert read(case, adapter, message_id="77").message_id != read(case, adapter, message_id="78").message_id
    assert len(read(case, adapter).message_id) <= 128


async def test_what_the_platform_did_not_sign_is_refused(case: Case, adapter: Adapter) -> None:
    if not case.signed or case.pulls:
        pytest.skip("the platform signs nothing, see its page in docs/channels")
    with pytest.raises(SignatureRefused):
        adapter.receive(case.tampered(case.hook(case.user, "本期应还多少", "77", NOON)))


async def test_an_old_signature_is_refused(case: Case, adapter: Adapter) -> None:
    if not case.dated:
        pytest.skip("its signature carries no time")
    old = case.hook(case.user, "本期应还多少", "77", NOON)
    with pytest.raises(SignatureRefused):
        adapter.receive(replace(old, now=NOON + timedelta(hours=1)))


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.message_id)
async def test_no_amount_and_no_date_is_lost(adapter: Adapter, message: Outgoing) -> None:
    said = str(list(adapter.render(message)))
    wanted = str(message.text) + str(message.card or "")
    for figure in FIGURES.findall(wanted):
        assert figure in said, figure


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.message_id)
async def test_every_piece_fits(adapter: Adapter, message: Outgoing) -> None:
    payloads = list(adapter.render(message))
    assert payloads
    for payload in payloads:
        for text in _strings(payload):
            assert len(text) <= max(adapter.traits.longest, 4096)
            if adapter.traits.longest_bytes:
                assert len(text.encode()) <= adapter.traits.longest_bytes


async def test_a_message_over_the_wire_reaches_the_phone(case: Case, http: httpx.AsyncClient) -> None:
    if not case.sends:
        pytest.skip("its answers are in the request itself")
    simulator = case.simulator("http://127.0.0.1:1/none", case.env(API))
    async with serving(simulator) as api:
        adapter = case.adapter(api, http)
        prepared(simulator, case)
        for part, payload in enumerate(adapter.render(MESSAGES[0])):
            await adapter.send(case.user, payload, f"m1:{part}")
        shown = "".join(one.text for one in simulator.phones[case.user] if one.by == "them")
        assert "¥2,423.14" in shown
        assert "2026年3月25日" in shown


@pytest.mark.parametrize("fault", ["error", "busy"])
async def test_a_fault_that_passes_says_so(case: Case, http: httpx.AsyncClient, fault: str) -> None:
    if not case.sends:
        pytest.skip("its answers are in the request itself")
    simulator = case.simulator("http://127.0.0.1:1/none", case.env(API))
    async with serving(simulator) as api:
        adapter = case.adapter(api, http)
        prepared(simulator, case)
        simulator.order(fault)
        payload = adapter.render(MESSAGES[0])[0]
        with pytest.raises(SendFailed) as failed:
            await adapter.send(case.user, payload, "m1:0")
        assert failed.value.again
        await adapter.send(case.user, payload, "m1:0")


async def test_nobody_there_is_a_fault_that_passes(case: Case, adapter: Adapter) -> None:
    if not case.sends:
        pytest.skip("its answers are in the request itself")
    with pytest.raises(SendFailed) as failed:
        await adapter.send(case.user, adapter.render(MESSAGES[0])[0], "m1:0")
    assert failed.value.again


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300) | JSON.map(lambda value: str(value).encode("utf-8", "replace")))
def test_signed_nonsense_is_refused_in_words(case: Case, body: bytes) -> None:
    adapter = case.adapter(API, httpx.AsyncClient())
    try:
        hook = case.garbage(body, NOON)
    except NotImplementedError:
        return
    with suppress(BadInput, SignatureRefused):
        assert isinstance(adapter.receive(hook), Reception)


def prepared(simulator: Any, case: Case) -> None:
    """The person has written before, where the platform has windows or quotas."""
    if hasattr(simulator, "opened"):
        simulator.opened(case.user)


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for one in value.values() for text in _strings(one)]
    return [text for one in value for text in _strings(one)] if isinstance(value, list) else []
