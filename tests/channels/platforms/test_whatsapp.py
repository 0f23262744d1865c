"""WhatsApp: every kind of message and status, buttons and lists within their limits, the window, error codes, media."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest

from bot.channels.platforms import whatsapp
from bot.channels.platforms.setup import Given, configured
from bot.services.channels.model import (
    LAST_IN,
    Choice,
    Hook,
    Kind,
    Media,
    Outgoing,
    SendFailed,
    SignatureRefused,
    State,
)
from bot.simulators.whatsapp import WhatsAppSimulator
from tests.channels.cases.base import NoCursors, NoTokens
from tests.channels.cases.whatsapp import CASE, wrapped
from tests.channels.conftest import serving
from tests.fakes import NOON, FakeClock

USER = CASE.user


@pytest.fixture
def adapter() -> Any:
    return CASE.adapter("http://127.0.0.1:1", httpx.AsyncClient())


def read(adapter: Any, **value: Any) -> Any:
    return adapter.receive(CASE.garbage(orjson.dumps(wrapped(value)), NOON))


def message(**content: Any) -> dict[str, Any]:
    return {"from": USER, "id": "wamid.1", "timestamp": "1773806400", **content}


@pytest.mark.parametrize(
    ("content", "kind", "text"),
    [
        ({"type": "text", "text": {"body": "你好"}}, Kind.TEXT, "你好"),
        ({"type": "image", "image": {"id": "9", "caption": "合同"}}, Kind.IMAGE, "合同"),
        ({"type": "audio", "audio": {"id": "9", "voice": True}}, Kind.VOICE, ""),
        ({"type": "video", "video": {"id": "9"}}, Kind.VIDEO, ""),
        ({"type": "document", "document": {"id": "9", "filename": "a.pdf"}}, Kind.FILE, ""),
        ({"type": "sticker", "sticker": {"id": "9"}}, Kind.STICKER, ""),
        ({"type": "location", "location": {"latitude": 1}}, Kind.LOCATION, ""),
        ({"type": "contacts", "contacts": []}, Kind.CARD, ""),
        ({"type": "button", "button": {"payload": "人工", "text": "找人"}}, Kind.TEXT, "人工"),
        (
            {"type": "interactive", "interactive": {"button_reply": {"id": "方案1", "title": "延期"}}},
            Kind.TEXT,
            "方案1",
        ),
        ({"type": "interactive", "interactive": {"list_reply": {"id": "方案2", "title": "分期"}}}, Kind.TEXT, "方案2"),
        ({"type": "hologram", "hologram": {}}, Kind.UNSUPPORTED, ""),
        ({"type": "unsupported", "errors": [{"code": 131051}]}, Kind.UNSUPPORTED, ""),
        ({"type": "text", "text": {"body": "x"}, "group_id": "g1"}, Kind.GROUP, ""),
    ],
)
def test_every_kind_is_read(adapter: Any, content: dict[str, Any], kind: Kind, text: str) -> None:
    [found] = read(adapter, messages=[message(**content)]).inbound
    assert (found.kind, found.text, found.channel_user) == (kind, text, USER)


@pytest.mark.parametrize("kind", ["reaction", "system"])
def test_what_needs_no_answer_is_passed_over(adapter: Any, kind: str) -> None:
    assert read(adapter, messages=[message(type=kind)]).inbound == ()


def test_several_messages_and_statuses_in_one_notification(adapter: Any) -> None:
    texts = [message(id=f"wamid.{at}", type="text", text={"body": str(at)}) for at in range(3)]
    failed = {"id": "wamid.out", "status": "failed", "timestamp": "1773806400", "errors": [{"code": 131047}]}
    found = read(adapter, messages=texts, statuses=[{"id": "wamid.o", "status": "read"}, failed, {"status": "warp"}])
    assert [one.text for one in found.inbound] == ["0", "1", "2"]
    assert [(one.state, one.reason) for one in found.statuses] == [(State.READ, ""), (State.FAILED, "window_closed")]


def test_another_number_of_the_same_business_is_not_ours(adapter: Any) -> None:
    other = wrapped({"messages": [message(type="text", text={"body": "x"})]})
    other["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = "999"
    assert adapter.receive(CASE.garbage(orjson.dumps(other), NOON)).inbound == ()


def test_the_webhook_is_proven_by_its_verify_token(adapter: Any) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "demo-verify", "hub.challenge": "1158201444"}
    assert adapter.receive(Hook("GET", "", query, {}, b"", NOON)).body == b"1158201444"
    with pytest.raises(SignatureRefused):
        adapter.receive(Hook("GET", "", {**query, "hub.verify_token": "x"}, {}, b"", NOON))


def test_three_short_choices_are_buttons_more_are_a_list(adapter: Any) -> None:
    few = tuple(Choice(f"选{at}", f"say {at}") for at in range(3))
    [made] = adapter.render(Outgoing("m", USER, "请选择", few))
    assert made["interactive"]["type"] == "button"
    many = tuple(Choice(f"第{at}个很长很长的选项标题，说明它会怎样", f"say {at}") for at in range(7))
    [made] = adapter.render(Outgoing("m", USER, "请选择", many))
    rows = made["interactive"]["action"]["sections"][0]["rows"]
    assert [row["id"] for row in rows] == [one.say for one in many]
    assert all(len(row["title"]) <= 24 for row in rows)
    eleven = tuple(Choice(f"选{at}", f"say {at}") for at in range(11))
    [made] = adapter.render(Outgoing("m", USER, "请选择", eleven))
    assert "K. 选10" in made["text"]["body"]


def test_a_long_text_with_choices_keeps_both(adapter: Any) -> None:
    payloads = adapter.render(Outgoing("m", USER, "说明。" * 600, (Choice("好", "好"),)))
    assert [one["type"] for one in payloads] == ["text", "interactive"]


async def test_the_simulator_takes_what_is_rendered_and_refuses_outside_the_window() -> None:
    simulator = WhatsAppSimulator("http://127.0.0.1:1/none", CASE.env(""))
    async with serving(simulator) as api, httpx.AsyncClient() as http:
        adapter = CASE.adapter(api, http)
        payload = adapter.render(Outgoing("m", USER, "你好"))[0]
        with pytest.raises(SendFailed) as failed:
            await adapter.send(USER, payload, "m:0")
        assert (failed.value.reason, failed.value.again) == ("window_closed", False)
        simulator.opened(USER)
        assert (await adapter.send(USER, payload, "m:0")).startswith("wamid.")
        simulator.order("expired_token")
        with pytest.raises(SendFailed) as failed:
            await adapter.send(USER, payload, "m:0")
        assert (failed.value.reason, failed.value.again) == ("expired_token", True)


async def test_media_come_from_the_platforms_own_hosts_only() -> None:
    simulator = WhatsAppSimulator("http://127.0.0.1:1/none", CASE.env(""))
    simulator.files["9"] = b"\xff\xd8\xff picture"
    async with serving(simulator) as api, httpx.AsyncClient() as http:
        adapter = CASE.adapter(api, http)
        assert await adapter.fetch(Media(Kind.IMAGE, "9")) == simulator.files["9"]
        simulator.order("gone")
        with pytest.raises(SendFailed, match="gone"):
            await adapter.fetch(Media(Kind.IMAGE, "9"))
        adapter._hosts = {"elsewhere.example"}  # type: ignore[attr-defined]
        with pytest.raises(SendFailed, match="no_media"):
            await adapter.fetch(Media(Kind.IMAGE, "9"))


def test_outside_the_window_only_the_template_goes_out() -> None:
    env = {**CASE.env("http://127.0.0.1:1"), "WHATSAPP_TEMPLATE": "reply_waits"}
    config = configured("whatsapp", whatsapp.SETTINGS, env)
    assert config is not None
    clock = FakeClock()
    adapter = whatsapp.make(Given(config, httpx.AsyncClient(), NoTokens(), clock, NoCursors()))  # type: ignore[arg-type]
    fresh, old = clock.now().isoformat(), (clock.now() - timedelta(hours=25)).isoformat()
    secret = Outgoing("m", USER, "欠款¥1,000.00", facts={LAST_IN: fresh})
    assert adapter.render(secret)[0]["type"] == "text"
    late = adapter.render(Outgoing("m", USER, "欠款¥1,000.00", facts={LAST_IN: old}))
    assert [one["type"] for one in late] == ["template"]
    assert "1,000" not in str(late)
