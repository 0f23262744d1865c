"""WhatsApp: every kind of message and status, buttons and lists within their limits, the window, error codes, media."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.platforms import whatsapp
from bot.channels.platforms.setup import Given, configured
from bot.channels.platforms.whatsapp_write import written
from bot.errors import BadInput, ConfigError
from bot.services.channels.model import (
    LAST_IN,
    Choice,
    Hook,
    Kind,
    Media,
    Outgoing,
    Reception,
    SendFailed,
    SignatureRefused,
    State,
)
from bot.simulators.whatsapp import WhatsAppSimulator, _shown
from tests.channels.cases.base import NoCursors, NoTokens
from tests.channels.cases.whatsapp import CASE, event
from tests.channels.conftest import serving
from tests.fakes import NOON, FakeClock

USER = CASE.user
FIXTURES = Path(__file__).parent.parent / "fixtures" / "whatsapp"


@pytest.fixture
def adapter() -> Any:
    return CASE.adapter("http://127.0.0.1:1", httpx.AsyncClient())


def with_template(api: str = "http://127.0.0.1:1", http: httpx.AsyncClient | None = None) -> Any:
    config = configured("whatsapp", whatsapp.SETTINGS, {**CASE.env(api), "WHATSAPP_TEMPLATE": "message_waits"})
    assert config is not None
    return whatsapp.make(Given(config, http or httpx.AsyncClient(), NoTokens(), FakeClock(), NoCursors()))  # type: ignore[arg-type]


def fixture(adapter: Any, name: str) -> Reception:
    found: Reception = adapter.receive(CASE.garbage((FIXTURES / f"{name}.json").read_bytes(), NOON))
    return found


@pytest.mark.parametrize(
    ("name", "kind", "text", "files"),
    [
        ("text", Kind.TEXT, "本期应还多少", 0),
        ("button_reply", Kind.TEXT, "方案1", 0),
        ("list_reply", Kind.TEXT, "方案2", 0),
        ("template_button", Kind.TEXT, "查看消息", 0),
        ("image", Kind.IMAGE, "合同", 1),
        ("voice", Kind.VOICE, "", 1),
        ("video", Kind.VIDEO, "", 1),
        ("document", Kind.FILE, "", 1),
        ("sticker", Kind.STICKER, "", 0),
        ("location", Kind.LOCATION, "", 0),
        ("contacts", Kind.CARD, "", 0),
        ("unsupported", Kind.UNSUPPORTED, "", 0),
        ("group", Kind.GROUP, "", 0),
        ("number_changed", Kind.STOP, "", 0),
        ("revoke", Kind.DELETED, "", 0),
        ("edit", Kind.EDITED, "下期应还多少", 0),
    ],
)
def test_every_kind_is_read(adapter: Any, name: str, kind: Kind, text: str, files: int) -> None:
    [found] = fixture(adapter, name).inbound
    assert (found.kind, found.text, len(found.media), found.channel_user) == (kind, text, files, USER)
    assert found.sent_at is not None
    assert found.message_id.startswith("wamid.")


def test_a_reaction_needs_no_answer(adapter: Any) -> None:
    assert fixture(adapter, "reaction") == Reception()


def test_what_changes_a_message_names_it(adapter: Any) -> None:
    [said] = fixture(adapter, "text").inbound
    for name in ("revoke", "edit"):
        [found] = fixture(adapter, name).inbound
        assert found.refers_to == said.message_id != found.message_id


def test_several_messages_and_statuses_in_one_request(adapter: Any) -> None:
    found = fixture(adapter, "two_messages_and_statuses")
    assert [one.text for one in found.inbound] == ["你好", "我想延期"]
    assert [(one.provider_id, one.state, one.reason) for one in found.statuses] == [
        ("wamid.OUT1", State.DELIVERED, ""),
        ("wamid.OUT1", State.READ, ""),
        ("wamid.OUT2", State.FAILED, "window_closed"),
    ]


def test_another_number_of_the_same_business_is_not_ours(adapter: Any) -> None:
    other = (FIXTURES / "text.json").read_bytes().replace(b"106540352242922", b"999")
    assert adapter.receive(CASE.garbage(other, NOON)).inbound == ()


def test_the_webhook_is_proven_by_its_verify_token(adapter: Any) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "a-word-for-registering", "hub.challenge": "1158201444"}
    assert adapter.receive(Hook("GET", "", query, {}, b"", NOON)).body == b"1158201444"
    for wrong in ({"hub.verify_token": "x"}, {"hub.mode": "x"}, {"hub.challenge": "<script>"}):
        with pytest.raises(SignatureRefused):
            adapter.receive(Hook("GET", "", {**query, **wrong}, {}, b"", NOON))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PLACES = ("from", "id", "type", "timestamp", "text", "image", "interactive", "context", "group_id", "system", "revoke")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.sampled_from(PLACES),
    value=ANYTHING,
    kind=st.sampled_from(["text", "image", "interactive", "system", "revoke", "edit", "contacts"]),
)
def test_wrong_types_anywhere_are_borne(place: str, value: Any, kind: str) -> None:
    adapter = CASE.adapter("http://127.0.0.1:1", httpx.AsyncClient())
    sent = {"from": USER, "id": "wamid.1", "timestamp": "1773806400", "type": kind, kind: value, place: value}
    status = {"id": "wamid.2", "status": "failed", "errors": value, "timestamp": value}
    try:
        body = orjson.dumps(event({"messages": [sent, value], "statuses": [status, value]}, {"messages": value}))
    except (
        orjson.JSONEncodeError
    ):  # lone surrogates, and numbers of more than 64 bits: no JSON of a platform holds them
        return
    with suppress(BadInput):
        assert isinstance(adapter.receive(CASE.garbage(body, NOON)), Reception)


# -- out


def test_three_short_choices_are_buttons_more_are_a_list(adapter: Any) -> None:
    few = tuple(Choice(f"选{at}", f"say {at}") for at in range(3))
    [made] = adapter.render(Outgoing("m", USER, "请选择", few))
    assert made["interactive"]["type"] == "button"
    many = tuple(Choice(f"第{at}个很长很长的选项标题，说明它会怎样怎样怎样怎样", f"say {at}") for at in range(7))
    [made] = adapter.render(Outgoing("m", USER, "请选择", many))
    rows = made["interactive"]["action"]["sections"][0]["rows"]
    assert [(row["id"], row["description"]) for row in rows] == [(one.say, one.title) for one in many]
    eleven = tuple(Choice(f"选{at}", f"say {at}") for at in range(11))
    [made] = adapter.render(Outgoing("m", USER, "请选择", eleven))
    assert "K. 选10" in made["text"]["body"]


WORDS = st.text(st.sampled_from("¥,.0123456789年月日 还款期abc\n。，😀"), min_size=1, max_size=90)


@settings(max_examples=150, deadline=None)
@given(text=WORDS, repeat=st.integers(1, 80), titles=st.lists(WORDS, max_size=12))
def test_whatever_is_rendered_is_taken_and_every_title_is_shown_in_full(
    text: str, repeat: int, titles: list[str]
) -> None:
    picks = tuple(Choice(title.strip() or "x", title * 4) for title in titles)
    payloads = written(Outgoing("m", USER, (text + "。") * repeat, picks), whatsapp.WhatsApp.traits)
    assert all(_shown(one) is not None for one in payloads)
    shown = str(payloads).replace("\\n", "").replace(" ", "")
    for pick in picks:
        assert repr(pick.title)[1:-1].replace("\\n", "").replace(" ", "") in shown


def test_the_end_of_a_long_text_goes_above_the_choices(adapter: Any) -> None:
    payloads = adapter.render(Outgoing("m", USER, "说明。" * 600 + "最后¥12.34。", (Choice("好", "好"),)))
    assert [one["type"] for one in payloads] == ["text", "interactive"]
    body = payloads[1]["interactive"]["body"]["text"]
    assert body.endswith("最后¥12.34。")
    assert payloads[0]["text"]["body"] + body == "说明。" * 600 + "最后¥12.34。"


@pytest.mark.parametrize(
    ("code", "reason", "again"),
    [
        (131047, "window_closed", False),
        (131026, "unknown_user", False),
        (131050, "blocked", False),
        (131049, "quota", False),
        (131009, "invalid", False),
        (132001, "not_configured", False),
        (131031, "not_configured", False),
        (131056, "busy", True),
        (130429, "busy", True),
        (80007, "busy", True),
        (131016, "busy", True),
        (190, "expired_token", True),
        (424242, "invalid", False),
    ],
)
async def test_error_codes(code: int, reason: str, again: bool) -> None:
    simulator = WhatsAppSimulator("http://127.0.0.1:1/none", CASE.env(""))
    async with serving(simulator) as api, httpx.AsyncClient() as http:
        adapter = CASE.adapter(api, http)
        simulator.opened(USER)
        simulator.refuse = [code]
        with pytest.raises(SendFailed) as failed:
            await adapter.send(USER, adapter.render(Outgoing("m", USER, "你好"))[0], "m:0")
    assert (failed.value.reason, failed.value.again) == (reason, again)


async def test_outside_the_window_nothing_goes_out_without_a_template() -> None:
    simulator = WhatsAppSimulator("http://127.0.0.1:1/none", CASE.env(""))
    async with serving(simulator) as api, httpx.AsyncClient() as http:
        adapter = CASE.adapter(api, http)
        payload = adapter.render(Outgoing("m", USER, "你好"))[0]
        with pytest.raises(SendFailed) as failed:
            await adapter.send(USER, payload, "m:0")
        assert (failed.value.reason, failed.value.again) == ("window_closed", False)
        simulator.opened(USER)
        assert (await adapter.send(USER, payload, "m:0")).startswith("wamid.")


async def test_outside_the_window_the_template_tells_that_something_waits_once() -> None:
    simulator = WhatsAppSimulator("http://127.0.0.1:1/none", CASE.env(""))
    async with serving(simulator) as api, httpx.AsyncClient() as http:
        adapter = with_template(api, http)
        assert adapter.traits.window is None
        fresh, old = NOON.isoformat(), (NOON - timedelta(hours=25)).isoformat()
        text = "欠款¥1,000.00"
        assert adapter.render(Outgoing("m", USER, text, facts={LAST_IN: fresh}))[0]["type"] == "text"
        for at in range(2):
            [late] = adapter.render(Outgoing(f"m{at}", USER, text, facts={LAST_IN: old}))
            assert "1,000" not in str(late)
            with pytest.raises(SendFailed, match="window_closed"):  # the message itself is told of later
                await adapter.send(USER, late, f"m{at}:0")
        assert [one.text for one in simulator.phones[USER]] == ["[message_waits] 客户服务"]


def test_a_template_with_an_impossible_name_is_told_at_the_start() -> None:
    env = {**CASE.env(""), "WHATSAPP_TEMPLATE": "Message waits"}
    config = configured("whatsapp", whatsapp.SETTINGS, env)
    assert config is not None
    with pytest.raises(ConfigError):
        whatsapp.make(Given(config, httpx.AsyncClient(), NoTokens(), FakeClock(), NoCursors()))  # type: ignore[arg-type]


async def test_a_token_that_ended_and_a_lost_answer_are_tried_again() -> None:
    simulator = WhatsAppSimulator("http://127.0.0.1:1/none", CASE.env(""))
    async with serving(simulator) as api, httpx.AsyncClient() as http:
        adapter = CASE.adapter(api, http)
        simulator.opened(USER)
        payload = adapter.render(Outgoing("m", USER, "你好"))[0]
        for fault, reason in (("expired_token", "expired_token"), ("lost_answer", "busy")):
            simulator.order(fault)
            with pytest.raises(SendFailed) as failed:
                await adapter.send(USER, payload, "m:0")
            assert (failed.value.reason, failed.value.again) == (reason, True)


async def test_media_come_whole_and_from_the_platforms_own_hosts_only() -> None:
    simulator = WhatsAppSimulator("http://127.0.0.1:1/none", CASE.env(""))
    simulator.files["9"] = b"\xff\xd8\xff picture"
    async with serving(simulator) as api, httpx.AsyncClient() as http:
        adapter = CASE.adapter(api, http)
        assert await adapter.fetch(Media(Kind.IMAGE, "9")) == simulator.files["9"]
        simulator.order("partial_upload")
        with pytest.raises(SendFailed) as failed:
            await adapter.fetch(Media(Kind.IMAGE, "9"))
        assert failed.value.again
        simulator.order("gone")
        with pytest.raises(SendFailed, match="gone"):
            await adapter.fetch(Media(Kind.IMAGE, "9"))
        for elsewhere in ("https://evil.example/9", "http://127.0.0.1@evil.example/", "file:///etc/passwd", ""):
            simulator.config["media_url"] = elsewhere or "not an address"
            with pytest.raises(SendFailed, match="no_media"):
                await adapter.fetch(Media(Kind.IMAGE, "9"))


async def test_the_simulator_signs_what_the_adapter_reads() -> None:
    seen: list[Hook] = []

    def hooks(app: Any) -> None:
        from sanic.response import text as reply

        async def hook(request: Any) -> Any:
            query = {key: values[0] for key, values in request.args.items()}
            found = Hook(request.method, "", query, dict(request.headers), request.body, NOON)
            seen.append(found)
            return reply(CASE.adapter("", httpx.AsyncClient()).receive(found).body.decode())

        app.add_route(hook, "/hook", methods=["GET", "POST"])

    async with serving(more=hooks) as api:
        simulator = WhatsAppSimulator(f"{api}/hook", CASE.env(api))
        assert await simulator.register()
        await simulator.say(USER, "你好")
        await simulator.say(USER, "", press="方案1")
        simulator.order("duplicate")
        await simulator.status("wamid.1", "failed", USER, 131026)
        await simulator.close()
    adapter = CASE.adapter("", httpx.AsyncClient())
    found = [adapter.receive(one) for one in seen if one.method == "POST"]
    assert [one.text for part in found for one in part.inbound] == ["你好", "方案1"]
    assert [one.reason for part in found for one in part.statuses] == ["unknown_user"] * 2
