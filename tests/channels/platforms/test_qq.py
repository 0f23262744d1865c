"""QQ: recorded events of every kind, signatures (with the documentation's own example), the address's proof, replies and refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.platforms import qq
from bot.channels.platforms.qq_keys import Keys
from bot.channels.platforms.setup import Given, configured
from bot.errors import BadInput, ConfigError
from bot.services.channels.model import Choice, Hook, Kind, Media, Outgoing, Reception, SendFailed, SignatureRefused
from bot.simulators.qq import QQSimulator, demo
from tests.channels.cases.base import NoCursors, NoTokens
from tests.channels.cases.qq import CASE
from tests.channels.conftest import serving
from tests.fakes import NOON, FakeClock

USER = CASE.user
RECORDED = Path(__file__).parents[1] / "fixtures/qq"
MEDIA = "https://multimedia.nt.qq.com.cn/download?appid=1406&fileid="


@pytest.fixture
def adapter() -> Any:
    return CASE.adapter("http://127.0.0.1:1", httpx.AsyncClient())


@asynccontextmanager
async def platform() -> AsyncIterator[tuple[QQSimulator, Any, str]]:
    simulator = QQSimulator("http://127.0.0.1:1/none", demo(""))
    async with serving(simulator) as api, httpx.AsyncClient() as http:
        yield simulator, CASE.adapter(api, http), api


def recorded(adapter: Any, name: str) -> Reception:
    found: Reception = adapter.receive(CASE.garbage((RECORDED / f"{name}.json").read_bytes(), NOON))
    assert (found.body, found.content_type) == (b'{"op":12}', "application/json")
    return found


# -- in


@pytest.mark.parametrize(
    ("name", "kind", "text", "ref"),
    [
        ("text", Kind.TEXT, "本期应还多少", ""),
        ("image", Kind.IMAGE, "这是转账凭证", f"{MEDIA}slip.png"),
        ("voice", Kind.VOICE, "我要还款", f"{MEDIA}a.amr"),
        ("voice_unheard", Kind.VOICE, "", f"{MEDIA}b.amr"),
        ("video", Kind.VIDEO, "", f"{MEDIA}c.mp4"),
        ("file", Kind.FILE, "", f"{MEDIA}d.pdf"),
        ("sticker", Kind.STICKER, "", ""),
        ("empty", Kind.UNSUPPORTED, "", ""),
        ("no_scheme", Kind.IMAGE, "", "https://gchat.qpic.cn/e.jpg"),
    ],
)
def test_every_kind_is_read(adapter: Any, name: str, kind: Kind, text: str, ref: str) -> None:
    [found] = recorded(adapter, name).inbound
    assert (found.kind, found.text, found.media[0].ref if found.media else "") == (kind, text, ref)
    assert (found.channel_user, found.sent_at, found.facts) == (USER, NOON, {"msg_id": found.message_id})


def test_a_group_is_answered_as_a_group_and_nothing_of_it_is_kept(adapter: Any) -> None:
    [found] = recorded(adapter, "group").inbound
    assert (found.kind, found.text, found.channel_user) == (Kind.GROUP, "", "group:C9F778FE6ADF9D1D")


@pytest.mark.parametrize("name", ["friend_del", "msg_reject"])
def test_who_leaves_or_refuses_gets_no_more(adapter: Any, name: str) -> None:
    [found] = recorded(adapter, name).inbound
    assert (found.kind, found.channel_user, found.sent_at) == (Kind.STOP, USER, NOON)


@pytest.mark.parametrize("name", ["friend_add", "msg_receive", "unknown"])
def test_events_that_ask_nothing_are_acknowledged(adapter: Any, name: str) -> None:
    assert recorded(adapter, name).inbound == ()


def test_a_long_id_is_kept_short_and_answered_whole(adapter: Any) -> None:
    ids = [f"ROBOT1.0_{'x' * 150}{end}" for end in "ab"]
    one, two = (adapter.receive(CASE.hook(USER, "你好", id_, NOON)).inbound[0] for id_ in ids)
    assert one.message_id != two.message_id
    assert len(one.message_id) <= 128
    assert one.facts["msg_id"] == ids[0]


# -- signatures


def test_the_keys_are_those_of_the_documentation() -> None:
    """Secret and public key as the platform's page on security gives them."""
    public = "d7c362fe78aef81ff23287b493628b5db02a3c4fe30b215e4d19609b5d76673a"
    mark = bytes.fromhex(Keys("naOC0ocQE3shWLAfffVLB1rhYPG7").sign("x"))
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(mark, b"x")


@pytest.mark.parametrize("mark", ["", "00", "zz" * 64, "00" * 64, "é" * 128])
def test_wrong_signatures_are_refused(adapter: Any, mark: str) -> None:
    hook = CASE.hook(USER, "你好", "1", NOON)
    with pytest.raises(SignatureRefused):
        adapter.receive(replace(hook, headers={**hook.headers, "x-signature-ed25519": mark}))


@pytest.mark.parametrize("after", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_a_replay_is_refused(adapter: Any, after: timedelta) -> None:
    with pytest.raises(SignatureRefused, match="too old"):
        adapter.receive(replace(CASE.hook(USER, "你好", "1", NOON), now=NOON + after))


@pytest.mark.parametrize("stamp", ["1725442341", 1725442341])
def test_the_address_is_proven_as_the_documentation_does(stamp: Any) -> None:
    config = {**demo(""), "QQ_SECRET": "DG5g3B4j9X2KOErG"}
    adapter = qq.make(Given(config, httpx.AsyncClient(), NoTokens(), FakeClock(), NoCursors()))  # type: ignore[arg-type]
    asked = orjson.dumps({"op": 13, "d": {"plain_token": "Arq0D5A61EgUu4OxUvOp", "event_ts": stamp}})
    told = orjson.loads(adapter.receive(Hook("POST", "", {}, {}, asked, NOON)).body)
    mark = "87befc99c42c651b3aac0278e71ada338433ae26fcb24307bdc5ad38c1adc2d01bcfcadc0842edac85e85205028a1132afe09280305f13aa6909ffc2d652c706"
    assert told == {"plain_token": "Arq0D5A61EgUu4OxUvOp", "signature": mark}


def test_nobody_gets_an_event_signed_by_asking_for_a_proof(adapter: Any) -> None:
    event = CASE.hook(USER, "我要注销", "1", NOON).body.decode()
    forged = orjson.dumps({"op": 13, "d": {"plain_token": event, "event_ts": str(int(NOON.timestamp()))}})
    for hook in (Hook("POST", "", {}, {}, forged, NOON), CASE.garbage(forged, NOON)):
        with pytest.raises(BadInput):
            adapter.receive(hook)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"op":0}', b'{"op":13}' + b" " * 1000])
def test_nothing_else_is_read_without_a_signature(adapter: Any, body: bytes) -> None:
    with pytest.raises(SignatureRefused):
        adapter.receive(Hook("POST", "", {}, {}, body, NOON))


def test_a_secret_is_needed() -> None:
    with pytest.raises(ConfigError, match="QQ_SECRET"):
        Keys("")


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.lists(st.integers(), max_size=2)
FIELDS = st.sampled_from(["id", "author", "content", "timestamp", "attachments", "group_openid", "openid"])
DATA = VALUES | st.dictionaries(
    FIELDS, VALUES | st.lists(st.dictionaries(st.sampled_from(["url", "content_type"]), VALUES))
)
TYPES = st.sampled_from(["C2C_MESSAGE_CREATE", "GROUP_AT_MESSAGE_CREATE", "FRIEND_DEL"]) | VALUES


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(what=TYPES, data=DATA, op=st.sampled_from([0, 13]) | VALUES)
def test_signed_nonsense_is_refused_in_words(what: Any, data: Any, op: Any) -> None:
    adapter = CASE.adapter("http://127.0.0.1:1", httpx.AsyncClient())
    try:
        body = orjson.dumps({"op": op, "t": what, "id": "e1", "d": data})
    except TypeError:  # no JSON of ours: larger than 64 bits
        return
    with suppress(BadInput):
        assert isinstance(adapter.receive(CASE.garbage(body, NOON)), Reception)


# -- out


def answering(simulator: QQSimulator, text: str = "您好", at: float | None = None, **more: Any) -> Outgoing:
    simulator.asked["ROBOT1.0_q!"] = datetime.now(timezone.utc).timestamp() if at is None else at
    return Outgoing("m", USER, text, facts={"msg_id": "ROBOT1.0_q!"}, **more)


async def test_a_reply_names_what_it_answers_and_choices_are_numbered() -> None:
    async with platform() as (simulator, adapter, _):
        message = answering(simulator, "请选", buttons=(Choice("查询", "本期应还多少"), Choice("人工", "人工")))
        [payload] = adapter.render(message)
        assert (await adapter.send(USER, payload, "m:0")).startswith("ROBOT1.0_")
        [shown] = simulator.phones[USER]
        assert shown.extra == {"answers": "ROBOT1.0_q!"}
        assert "1. 查询" in shown.text
        assert "2. 人工" in shown.text


async def test_a_lost_answer_shows_the_message_once() -> None:
    async with platform() as (simulator, adapter, _):
        [payload] = adapter.render(answering(simulator))
        simulator.order("lost_answer")
        with pytest.raises(SendFailed) as failed:
            await adapter.send(USER, payload, "m:0")
        assert failed.value.again
        await adapter.send(USER, payload, "m:0")
        await adapter.send(USER, payload, "m:1")
        assert len(simulator.phones[USER]) == 2


async def reason(adapter: Any, message: Outgoing, key: str = "m:0", to: str = USER) -> tuple[str, bool]:
    with pytest.raises(SendFailed) as failed:
        await adapter.send(to, adapter.render(message)[0], key)
    assert "demo-bot-secret" not in repr(failed.value) + str(failed.value)
    return failed.value.reason, failed.value.again


async def test_the_hour_the_quota_a_token_that_ended_and_addresses_that_are_none() -> None:
    async with platform() as (simulator, adapter, _):
        assert await reason(adapter, answering(simulator, at=0.0)) == ("window_closed", False)
        message = answering(simulator)
        simulator.order("expired_token")
        assert await reason(adapter, message) == ("expired_token", True)
        for at in range(4):
            await adapter.send(USER, adapter.render(message)[0], f"m:{at}")
        assert await reason(adapter, message, "m:4") == ("quota", False)
        assert await reason(adapter, message, to="../groups/1") == ("unknown_user", False)


async def test_a_wrong_secret_is_a_matter_of_settings() -> None:
    async with platform() as (simulator, adapter, _):
        simulator.config["QQ_SECRET"] = "changed"
        assert await reason(adapter, answering(simulator)) == ("not_configured", False)


async def test_a_group_is_told_in_the_group() -> None:
    async with platform() as (simulator, adapter, _):
        await adapter.send("group:C9F7", adapter.render(answering(simulator))[0], "m:0")
        assert simulator.phones["group:C9F7"][0].text == "您好"


async def test_files_come_from_the_platforms_own_hosts_alone() -> None:
    async with platform() as (simulator, adapter, api):
        simulator.files["slip.png"] = b"\x89PNG picture"
        assert await adapter.fetch(Media(Kind.IMAGE, f"{api}/qq/download/slip.png")) == b"\x89PNG picture"
        with pytest.raises(SendFailed, match="gone"):
            await adapter.fetch(Media(Kind.IMAGE, f"{api}/qq/download/other.png"))
    config = configured("qq", qq.SETTINGS, {"QQ_APP_ID": "1", "QQ_SECRET": "s"})
    assert config is not None
    async with httpx.AsyncClient() as http:
        real = qq.make(Given(config, http, NoTokens(), FakeClock(), NoCursors()))  # type: ignore[arg-type]
        for url in (
            "https://qq.com.evil.example/a",
            "http://multimedia.nt.qq.com.cn/a",
            "https://127.0.0.1/a",
            "file:///a",
        ):
            with pytest.raises(SendFailed, match="no_media"):
                await real.fetch(Media(Kind.IMAGE, url))
