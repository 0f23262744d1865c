"""WeChat official accounts: modes, kinds, keys, the reply within five seconds, window and quota, tokens; AES as wechatpy does it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from bot.channels.platforms import wechat
from bot.channels.platforms.setup import Given, configured
from bot.channels.platforms.wechat_crypto import Box, fields, xml
from bot.channels.platforms.wechat_menu import identifier
from bot.errors import BadInput, ConfigError
from bot.services.channels.model import Choice, Hook, Kind, Media, Outgoing, SendFailed, SignatureRefused
from bot.services.uploads import LARGEST
from bot.simulators.wechat import AES_KEY, WeChatSimulator, demo
from tests.channels.cases.base import NoCursors, NoTokens
from tests.channels.cases.wechat import CASE
from tests.channels.conftest import serving
from tests.fakes import NOON, FakeClock

USER, APP = CASE.user, "wxdemo0000000000"


@pytest.fixture
def adapter() -> Any:
    return CASE.adapter("http://127.0.0.1:1", httpx.AsyncClient())


def in_mode(mode: str) -> Any:
    config = configured("wechat", wechat.SETTINGS, {**demo("http://127.0.0.1:1"), "WECHAT_MODE": mode})
    assert config is not None
    return wechat.make(Given(config, httpx.AsyncClient(), NoTokens(), FakeClock(), NoCursors()))  # type: ignore[arg-type]


def plain_hook(body: bytes) -> Hook:
    url, sent = WeChatSimulator("", {**CASE.env(""), "plain": "1"}).callback(body, NOON)
    return Hook("POST", "", dict(parse_qsl(urlsplit(url).query)), {}, sent, NOON)


@pytest.mark.parametrize(
    ("content", "kind", "text"),
    [
        ({"MsgType": "text", "Content": "你好", "MsgId": "1"}, Kind.TEXT, "你好"),
        (
            {"MsgType": "voice", "MediaId": "m", "Format": "amr", "Recognition": "本期应还", "MsgId": "1"},
            Kind.VOICE,
            "本期应还",
        ),
        ({"MsgType": "voice", "MediaId": "m", "MsgId": "1"}, Kind.VOICE, ""),
        ({"MsgType": "image", "MediaId": "m", "PicUrl": "http://evil.example/", "MsgId": "1"}, Kind.IMAGE, ""),
        ({"MsgType": "video", "MediaId": "m", "MsgId": "1"}, Kind.VIDEO, ""),
        ({"MsgType": "shortvideo", "MediaId": "m", "MsgId": "1"}, Kind.VIDEO, ""),
        ({"MsgType": "location", "Location_X": "1", "MsgId": "1"}, Kind.LOCATION, ""),
        ({"MsgType": "link", "Url": "http://x", "MsgId": "1"}, Kind.CARD, ""),
        ({"MsgType": "hologram", "MsgId": "1"}, Kind.UNSUPPORTED, ""),
        ({"MsgType": "event", "Event": "CLICK", "EventKey": "还款计划"}, Kind.TEXT, "还款计划"),
        ({"MsgType": "event", "Event": "unsubscribe"}, Kind.STOP, ""),
    ],
)
def test_every_kind_is_read(adapter: Any, content: dict[str, str], kind: Kind, text: str) -> None:
    [found] = adapter.receive(CASE.said(USER, NOON, **content)).inbound
    assert (found.kind, found.text, found.channel_user) == (kind, text, USER)


@pytest.mark.parametrize("event", ["subscribe", "SCAN", "VIEW", "TEMPLATESENDJOBFINISH", "never_heard_of"])
def test_events_that_ask_nothing_are_acknowledged(adapter: Any, event: str) -> None:
    reception = adapter.receive(CASE.said(USER, NOON, MsgType="event", Event=event))
    assert (reception.inbound, reception.body) == ((), b"success")


def test_without_an_id_the_key_is_sender_and_second(adapter: Any) -> None:
    one = adapter.receive(CASE.said(USER, NOON, MsgType="text", Content="a")).inbound[0].message_id
    two = adapter.receive(CASE.said("openid-2", NOON, MsgType="text", Content="a")).inbound[0].message_id
    assert one.startswith(USER)
    assert one != two


def test_a_menu_line_says_what_it_stands_for(adapter: Any) -> None:
    id_ = identifier("方案2")
    assert id_ is not None
    hook = CASE.said(USER, NOON, MsgType="text", Content="改为12期", bizmsgmenuid=id_, MsgId="9")
    assert adapter.receive(hook).inbound[0].text == "方案2"


def test_only_plain_mode_takes_what_is_not_encrypted() -> None:
    body = xml(
        {"FromUserName": USER, "ToUserName": "gh", "CreateTime": 1, "MsgType": "text", "Content": "x", "MsgId": "1"}
    )
    for mode in ("secure", "compatible"):
        with pytest.raises(SignatureRefused):
            in_mode(mode).receive(plain_hook(body))
    assert in_mode("plain").receive(plain_hook(body)).inbound[0].text == "x"
    with pytest.raises(ConfigError, match="WECHAT_MODE"):
        in_mode("secret")


def test_of_compatible_mode_only_the_encrypted_part_counts() -> None:
    hook = CASE.hook(USER, "本期应还", "1", NOON)
    forged = hook.body.replace(b"<xml>", b"<xml><FromUserName>another</FromUserName><Content>forged</Content>")
    [found] = in_mode("compatible").receive(replace(hook, body=forged)).inbound
    assert (found.channel_user, found.text) == (USER, "本期应还")


@pytest.mark.parametrize("mode", ["secure", "compatible"])
def test_a_repeated_request_without_its_mark_gets_no_readable_answer(mode: str) -> None:
    adapter, hook = in_mode(mode), CASE.hook(USER, "本期应还", "1", NOON)
    cut = replace(hook, query={name: value for name, value in hook.query.items() if name != "encrypt_type"})
    body, _ = adapter.passive(cut, adapter.render(Outgoing("m", USER, "本期应还¥2,423.14")))
    assert list(fields(body)) == ["Encrypt", "MsgSignature", "TimeStamp", "Nonce"]
    assert b"2,423.14" not in body


def test_in_plain_mode_the_reply_is_plain() -> None:
    adapter = in_mode("plain")
    hook = plain_hook(
        xml(
            {"FromUserName": USER, "ToUserName": "gh", "CreateTime": 1, "MsgType": "text", "Content": "x", "MsgId": "1"}
        )
    )
    body, _ = adapter.passive(hook, adapter.render(Outgoing("m", USER, "您好")))
    assert fields(body)["Content"] == "您好"


def test_the_address_is_proven_by_its_signature(adapter: Any) -> None:
    hook = plain_hook(b"")
    echoed = adapter.receive(Hook("GET", "", {**hook.query, "echostr": "123"}, {}, b"", NOON))
    assert echoed.body == b"123"
    with pytest.raises(SignatureRefused):
        adapter.receive(Hook("GET", "", {**hook.query, "signature": "0", "echostr": "123"}, {}, b"", NOON))


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><FromUserName>&a;</FromUserName></xml>',
        b"<xml><FromUserName>",
        b"",
        b"<xml/>",
    ],
)
def test_bombs_and_broken_xml_are_refused(adapter: Any, body: bytes) -> None:
    with pytest.raises((BadInput, SignatureRefused)):
        adapter.receive(CASE.garbage(body, NOON))


def test_one_text_fits_into_the_reply_and_a_menu_does_not(adapter: Any) -> None:
    hook = CASE.hook(USER, "你好", "1", NOON)
    body, kind = adapter.passive(hook, adapter.render(Outgoing("m", USER, "您好]]>&<b>")))
    inner = fields(Box("k", AES_KEY, APP).open(fields(body)["Encrypt"]))
    assert (inner["ToUserName"], inner["Content"], kind) == (USER, "您好]]>&<b>", "application/xml")
    assert adapter.passive(hook, adapter.render(Outgoing("m", USER, "请选", (Choice("好", "好"),)))) is None


async def test_window_quota_and_a_token_that_ended() -> None:
    simulator = WeChatSimulator("http://127.0.0.1:1/none", CASE.env(""))
    async with serving(simulator) as api, httpx.AsyncClient() as http:
        adapter = CASE.adapter(api, http)
        payload = adapter.render(Outgoing("m", USER, "你好"))[0]

        async def reason() -> tuple[str, bool]:
            with pytest.raises(SendFailed) as failed:
                await adapter.send(USER, payload, "m:0")
            return failed.value.reason, failed.value.again

        assert await reason() == ("window_closed", False)
        simulator.opened(USER)
        simulator.order("expired_token")
        assert await reason() == ("expired_token", True)
        for _ in range(5):  # the next call has fetched a new token
            await adapter.send(USER, payload, "m:0")
        assert await reason() == ("quota", False)


async def test_a_picture_is_fetched_by_its_id() -> None:
    simulator = WeChatSimulator("http://127.0.0.1:1/none", CASE.env(""))
    simulator.files["m1"] = b"\xff\xd8\xff picture"
    async with serving(simulator) as api, httpx.AsyncClient() as http:
        adapter = CASE.adapter(api, http)
        assert await adapter.fetch(Media(Kind.IMAGE, "m1")) == simulator.files["m1"]
        with pytest.raises(SendFailed, match="gone"):
            await adapter.fetch(Media(Kind.IMAGE, "m2"))
        simulator.files["m3"] = b"\0" * (LARGEST + 1)
        with pytest.raises(SendFailed, match="no_media"):
            await adapter.fetch(Media(Kind.VIDEO, "m3"))


@given(words=st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=200))
def test_encryption_agrees_with_another_implementation(words: str) -> None:
    ours, theirs = Box("k", AES_KEY, APP), WeChatCrypto("demo-token", AES_KEY, APP)
    sealed = theirs.encrypt_message(f"<xml><Content><![CDATA[{words.replace(']]>', '')}]]></Content></xml>", "1", "2")
    opened = ours.open(fields(sealed.encode())["Encrypt"]).decode()
    assert words.replace("]]>", "") in opened


def test_another_implementation_opens_what_we_seal() -> None:
    from bot.channels.platforms.wechat_crypto import sealed_xml

    ours = Box("k", AES_KEY, APP)
    envelope = sealed_xml(ours, "demo-token", "<xml>你好</xml>".encode(), "1773806400", "7")
    found = fields(envelope)
    theirs = WeChatCrypto("demo-token", AES_KEY, APP)
    assert theirs.decrypt_message(envelope, found["MsgSignature"], "1773806400", "7") == "<xml>你好</xml>"
