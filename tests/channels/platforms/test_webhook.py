"""The generic pair: fields checked by name, two secrets while one is changed, repeated keys, who is told to wait."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.platforms import webhook
from bot.channels.platforms.setup import Given, configured
from bot.channels.platforms.signed import HEADER, signature, verify
from bot.errors import BadInput, ConfigError
from bot.services.channels.model import Choice, Hook, Kind, Outgoing, Reception, SendFailed, SignatureRefused, State
from bot.simulators.webhook import WebhookSimulator
from tests.channels.cases.base import NoCursors, NoTokens
from tests.channels.cases.webhook import CASE, SECRET
from tests.channels.conftest import serving
from tests.fakes import NOON, FakeClock

ROOT = Path(__file__).parents[3]


def made(changes: Mapping[str, str], http: httpx.AsyncClient | None = None, api: str = "http://127.0.0.1:1") -> Any:
    config = configured("webhook", webhook.SETTINGS, {**CASE.env(api), **changes})
    assert config is not None
    return webhook.make(Given(config, http or httpx.AsyncClient(), NoTokens(), FakeClock(), NoCursors()))  # type: ignore[arg-type]


@pytest.fixture
def adapter() -> Any:
    return made({})


def read(adapter: Any, body: Any) -> Any:
    return adapter.receive(CASE.garbage(orjson.dumps(body), NOON))


# -- in


def test_messages_files_and_statuses_are_read(adapter: Any) -> None:
    file = {"url": "https://files.example/a.jpg", "name": "a.jpg", "content_type": "image/jpeg"}
    found = read(
        adapter,
        {
            "messages": [
                {"user": "u", "id": "1", "text": "你好", "language": "en", "sent_at": "2026-03-01T10:00:00Z"},
                {"user": "u", "id": "2", "kind": "image", "files": [file]},
                {"user": "u", "id": "3", "kind": "hologram"},
                {"user": "u", "id": "4", "kind": "stop", "sent_at": 1773806400},
                {"user": "u", "id": "5", "kind": "edited", "text": "您好", "refers_to": "1"},
            ],
            "statuses": [{"id": "m1:0", "state": "read"}],
        },
    )
    assert [one.kind for one in found.inbound] == [Kind.TEXT, Kind.IMAGE, Kind.UNSUPPORTED, Kind.STOP, Kind.EDITED]
    assert (found.inbound[1].media[0].ref, found.inbound[1].media[0].kind) == (file["url"], Kind.IMAGE)
    assert (found.inbound[0].language, found.inbound[4].refers_to) == ("en", "1")
    assert [one.state for one in found.statuses] == [State.READ]


@pytest.mark.parametrize(
    "message",
    [
        {"id": "1", "text": "x"},
        {"user": "", "id": "1", "text": "x"},
        {"user": ["u"], "id": "1", "text": "x"},
        {"user": "u", "id": "x" * 129, "text": "x"},
        {"user": "u", "id": "1", "text": ["x"]},
        {"user": "u", "id": "1", "text": "  "},
        {"user": "u", "id": "1", "text": "x" * 20_001},
        {"user": "u", "id": "1", "text": "x", "sent_at": "yesterday"},
        {"user": "u", "id": "1", "text": "x", "sent_at": "2026-03-01T10:00:00"},
        {"user": "u", "id": "1", "text": "x", "identity_token": 7},
        {"user": "u", "id": "1", "text": "x", "files": {}},
        {"user": "u", "id": "1", "text": "x", "files": [{"url": "http://files.example/a"}]},
        {"user": "u", "id": "1", "text": "x", "files": [{"url": "file:///etc/passwd"}]},
        "a string",
    ],
)
def test_a_bad_field_is_named(adapter: Any, message: Any) -> None:
    with pytest.raises(BadInput, match=r"messages\[0\]|files"):
        read(adapter, {"messages": [message]})


@pytest.mark.parametrize("body", [[], 7, {"messages": {}}, {"messages": [{}] * 101}, {"statuses": [{"id": "1"}]}])
def test_what_is_no_request_is_refused(adapter: Any, body: Any) -> None:
    with pytest.raises(BadInput):
        read(adapter, body)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(st.characters(blacklist_categories=("Cs",))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = ("id", "user", "text", "kind", "files", "sent_at", "refers_to", "identity_token", "language", "url", "state")


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(NAMES), value=ANYTHING, part=st.sampled_from(["messages", "statuses", "files"]))
def test_wrong_types_anywhere_are_refused_in_words(name: str, value: Any, part: str) -> None:
    one = {"id": "1", "user": "u", "text": "x", "state": "read", name: value}
    if part == "files":
        one = {"id": "1", "user": "u", "text": "x", "files": [{"url": "https://files.example/a", name: value}]}
    try:
        body = orjson.dumps({"statuses" if part == "statuses" else "messages": [one]})
    except orjson.JSONEncodeError:
        return
    with suppress(BadInput):
        assert isinstance(made({}).receive(CASE.garbage(body, NOON)), Reception)


# -- signatures


def test_the_secret_before_is_taken_while_it_is_changed() -> None:
    hook = CASE.hook("u", "你好", "1", NOON)
    assert made({"HOOK_SECRET": "the new one", "HOOK_SECRET_OLD": SECRET}).receive(hook).inbound
    with pytest.raises(SignatureRefused):
        made({"HOOK_SECRET": "the new one"}).receive(hook)


def test_both_secrets_sign_what_goes_out() -> None:
    shown = signature(["the new one", SECRET], b"x", NOON)
    for secret in ("the new one", SECRET):
        verify([secret], shown, b"x", NOON)
    with pytest.raises(SignatureRefused):
        verify(["another"], shown, b"x", NOON)


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_a_signature_from_the_future_or_past_is_refused(adapter: Any, seconds: int) -> None:
    hook = CASE.hook("u", "你好", "1", NOON)
    with pytest.raises(SignatureRefused):
        adapter.receive(replace(hook, now=NOON + timedelta(seconds=seconds)))
    assert adapter.receive(replace(hook, now=NOON + timedelta(seconds=299))).inbound


@pytest.mark.parametrize(
    "shown", ["", "t=,v1=", "v1=00", "t=1", "t=1,t=2,v1=0", "t=１,v1=0", "=" * 5000, "t=1,v1=é\ud800"]
)
def test_odd_headers_are_refused(adapter: Any, shown: str) -> None:
    with pytest.raises(SignatureRefused):
        adapter.receive(Hook("POST", "", {}, {HEADER.lower(): shown}, b"{}", NOON))


# -- out


def test_what_goes_out_holds_words_and_what_can_be_shown(adapter: Any) -> None:
    card = {
        "kind": "facts",
        "title": "本期",
        "rows": [["应还", "¥1,000.00"]],
        "links": [{"title": "文件", "href": "/d"}],
    }
    message = Outgoing(
        "m1", "u", "请看", (Choice("人工", "人工"),), card, "agent", "小李", base_url="https://l.example"
    )
    [payload] = adapter.render(message)
    assert (payload["from"], payload["by"], payload["text"]) == ("agent", "小李", "请看")
    assert payload["buttons"] == [{"title": "人工", "say": "人工"}]
    assert payload["card"]["links"][0]["href"] == "https://l.example/d"
    for part in ("请看", "¥1,000.00", "https://l.example/d", "1. 人工"):
        assert part in payload["plain"]


async def test_a_repeated_key_is_shown_once() -> None:
    simulator = CASE.simulator("http://127.0.0.1:1/none", CASE.env(""))
    async with serving(simulator) as api, httpx.AsyncClient() as http:
        adapter = CASE.adapter(api, http)
        payload = adapter.render(Outgoing("m1", "u", "你好"))[0]
        simulator.order("lost_answer")
        with pytest.raises(SendFailed):
            await adapter.send("u", payload, "m1:0")
        assert await adapter.send("u", payload, "m1:0") == "m1:0"
        assert [one.text for one in simulator.phones["u"]] == ["你好"]


async def test_a_wrong_secret_of_ours_is_no_passing_fault() -> None:
    simulator = CASE.simulator("http://127.0.0.1:1/none", CASE.env(""))
    async with serving(simulator) as api, httpx.AsyncClient() as http:
        adapter = made({"HOOK_SECRET": "another"}, http, api)
        with pytest.raises(SendFailed) as failed:
            await adapter.send("u", adapter.render(Outgoing("m1", "u", "你好"))[0], "m1:0")
        assert (failed.value.reason, failed.value.again) == ("not_configured", False)


@pytest.mark.parametrize(
    ("status", "headers", "reason", "after"),
    [
        (429, {"Retry-After": "7"}, "busy", 7.0),
        (503, {"Retry-After": format_datetime(NOON + timedelta(seconds=90), usegmt=True)}, "busy", 90.0),
        (503, {"Retry-After": "soon"}, "busy", 0.0),
        (429, {"Retry-After": "9" * 20}, "busy", 3600.0),
        (500, {}, "busy", 0.0),
        (408, {}, "busy", 0.0),
        (302, {"Location": "https://elsewhere.example"}, "not_configured", None),
        (401, {}, "not_configured", None),
        (404, {}, "unknown_user", None),
        (410, {}, "unknown_user", None),
        (422, {}, "invalid", None),
    ],
)
async def test_what_the_answers_mean(status: int, headers: dict[str, str], reason: str, after: float | None) -> None:
    answers = httpx.MockTransport(lambda request: httpx.Response(status, headers=headers))
    async with httpx.AsyncClient(transport=answers) as http:
        with pytest.raises(SendFailed) as failed:
            await made({}, http).send("u", {"plain": "你好"}, "m1:0")
    assert (failed.value.reason, failed.value.again) == (reason, after is not None)
    assert failed.value.after == (after or 0.0)


def test_an_address_that_is_none_is_told_at_the_start() -> None:
    with pytest.raises(ConfigError, match="HOOK_URL"):
        made({"HOOK_URL": "replies"})


# -- the written format


def test_both_descriptions_know_the_fields() -> None:
    api = yaml.safe_load((ROOT / "bot" / "openapi.yml").read_text(encoding="utf-8"))
    message = api["components"]["schemas"]["HookMessage"]["properties"]
    assert set(message) == {"id", "user", "kind", "text", "files", "sent_at", "refers_to", "identity_token", "language"}
    assert set(message["kind"]["enum"]) == {one.value for one in Kind}
    events = yaml.safe_load((ROOT / "bot" / "asyncapi.yml").read_text(encoding="utf-8"))
    reply = events["components"]["schemas"]["Reply"]
    [payload] = made({}).render(Outgoing("m1", "u", "你好"))
    assert set(reply["properties"]) == {*payload, "id", "to"} == set(reply["required"])


async def test_the_simulator_signs_what_the_adapter_reads() -> None:
    seen: list[Hook] = []

    def hooks(app: Any) -> None:
        from sanic.response import text as reply

        async def hook(request: Any) -> Any:
            seen.append(Hook("POST", "", {}, {k.lower(): v for k, v in request.headers.items()}, request.body, NOON))
            return reply("")

        app.add_route(hook, "/hook", methods=["POST"])

    async with serving(more=hooks) as api:
        simulator = WebhookSimulator(f"{api}/hook", CASE.env(api))
        simulator.now = lambda: NOON
        await simulator.say("u", "你好")
        simulator.order("bad_signature")
        await simulator.say("u", "假的")
        await simulator.say("u", "旧的", at=NOON.timestamp() - 400)
        await simulator.status("m1:0", "delivered")
        await simulator.close()
    adapter = CASE.adapter("http://127.0.0.1:1", httpx.AsyncClient())
    assert [one.text for one in adapter.receive(seen[0]).inbound] == ["你好"]
    for refused in seen[1:3]:
        with pytest.raises(SignatureRefused):
            adapter.receive(refused)
    assert adapter.receive(seen[3]).statuses[0].state is State.DELIVERED
