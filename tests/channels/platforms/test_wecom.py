"""WeCom customer service: callbacks, pages and cursors, one showing per message, states, window and quota."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.channels.platforms import wecom
from bot.channels.platforms.setup import Given, configured
from bot.channels.platforms.wechat_crypto import Box, xml
from bot.errors import BadInput, ConfigError
from bot.services.channels.model import (
    Choice,
    Hook,
    Kind,
    Media,
    Outgoing,
    SendFailed,
    SignatureRefused,
)
from bot.simulators.wecom import AES_KEY, WeComSimulator, demo
from tests.channels.cases.base import NoCursors, NoTokens
from tests.channels.cases.wecom import CASE
from tests.channels.conftest import serving
from tests.fakes import NOON, FakeClock

USER, CORP = CASE.user, "wwdemo0000000000"


@pytest.fixture
def adapter() -> Any:
    return CASE.adapter("http://127.0.0.1:1", httpx.AsyncClient())


@asynccontextmanager
async def platform(kfid: str = "wkdemo1") -> AsyncIterator[tuple[WeComSimulator, Any]]:
    env = {**demo("http://127.0.0.1:1"), "WECOM_KFID": kfid}
    simulator = WeComSimulator("http://127.0.0.1:1/none", env)
    async with serving(simulator) as api, httpx.AsyncClient() as http:
        config = configured("wecom", wecom.SETTINGS, {**env, "WECOM_API": f"{api}/wecom"})
        assert config is not None
        given_ = Given(config, http, NoTokens(), FakeClock(), NoCursors())  # type: ignore[arg-type]
        yield simulator, wecom.make(given_)


def waits(simulator: WeComSimulator, *texts: str, account: str = "wkdemo1", at: int = int(NOON.timestamp())) -> None:
    for text in texts:
        entry = {"msgid": f"m-{text}", "external_userid": USER, "send_time": at, "origin": 3, "open_kfid": account}
        simulator.log.append({**entry, "msgtype": "text", "text": {"content": text}})


async def everything(adapter: Any) -> list[str]:
    found: list[str] = []
    while True:
        reception = await adapter.pull()
        found += [one.text for one in reception.inbound]
        await adapter.pulled()
        if not reception.pull:
            return found


# -- callbacks


def test_the_address_is_proven_by_what_is_inside(adapter: Any) -> None:
    query = WeComSimulator("", CASE.env("")).check(b"1616140317555161061", NOON)
    assert adapter.receive(Hook("GET", "", query, {}, b"", NOON)).body == b"1616140317555161061"
    with pytest.raises(SignatureRefused):
        adapter.receive(Hook("GET", "", {**query, "msg_signature": "0"}, {}, b"", NOON))


def test_a_callback_only_says_that_something_waits(adapter: Any) -> None:
    reception = adapter.receive(CASE.hook(USER, "", "1", NOON))
    assert (reception.pull, reception.inbound, reception.body) == (True, (), b"success")


def test_what_is_not_ours_is_left_alone(adapter: Any) -> None:
    fields = {"MsgType": "event", "Event": "kf_msg_or_event", "Token": "t", "OpenKfId": "wk-of-sales"}
    for one in (fields, {**fields, "OpenKfId": "wkdemo1", "Event": "change_contact"}, {"MsgType": "text"}):
        assert adapter.receive(CASE.garbage(xml(one), NOON)).pull is False


def test_wrong_old_plain_and_foreign_callbacks_are_refused(adapter: Any) -> None:
    hook = CASE.hook(USER, "", "1", NOON)
    for bad in (
        CASE.tampered(hook),
        replace(hook, now=NOON + timedelta(minutes=6)),
        replace(hook, body=xml({"a": "b"})),
    ):
        with pytest.raises(SignatureRefused):
            adapter.receive(bad)
    foreign = WeComSimulator("", CASE.env(""))
    foreign.box = Box("k", AES_KEY, "another-company")
    url, body = foreign.callback(b"<xml/>", NOON)
    with pytest.raises(SignatureRefused):
        adapter.receive(Hook("POST", "", dict(httpx.URL(f"http://x{url}").params), {}, body, NOON))


def test_bombs_are_refused(adapter: Any) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><Event>&a;</Event></xml>'
    with pytest.raises(BadInput):
        adapter.receive(CASE.garbage(bomb, NOON))


def test_accounts_must_be_named() -> None:
    config = configured("wecom", wecom.SETTINGS, {**demo("http://127.0.0.1:1"), "WECOM_KFID": " , "})
    assert config is not None
    with pytest.raises(ConfigError, match="WECOM_KFID"):
        wecom.make(Given(config, httpx.AsyncClient(), NoTokens(), FakeClock(), NoCursors()))  # type: ignore[arg-type]


# -- pages


async def test_pages_are_read_in_order_and_the_cursor_follows_what_is_stored() -> None:
    async with platform() as (simulator, adapter):
        simulator.page = 2
        waits(simulator, "a", "b", "c")
        first = await adapter.pull()
        assert ([one.text for one in first.inbound], first.pull) == (["a", "b"], True)
        again = await adapter.pull()  # nothing was stored in between: the same page
        assert [one.text for one in again.inbound] == ["a", "b"]
        await adapter.pulled()
        assert await everything(adapter) == ["c"]
        assert await everything(adapter) == []
        assert [one.get("cursor") for one in simulator.synced] == [None, None, "2", "3"]


async def test_the_token_of_the_callback_is_shown_once_and_an_old_one_is_no_obstacle() -> None:
    async with platform() as (simulator, adapter):
        adapter.receive(CASE.garbage(simulator.event("wkdemo1"), NOON))
        waits(simulator, "a")
        assert await everything(adapter) == ["a"]
        await everything(adapter)
        assert ["token" in one for one in simulator.synced] == [True, False]
        adapter.receive(CASE.garbage(simulator.event("wkdemo1"), NOON))
        simulator.told.clear()  # its ten minutes are over
        waits(simulator, "b")
        assert await everything(adapter) == ["b"]


async def test_the_token_serves_every_page_of_its_round_and_a_newer_one_is_kept() -> None:
    async with platform() as (simulator, adapter):
        simulator.page = 1
        waits(simulator, "a", "b", "c")
        adapter.receive(CASE.garbage(simulator.event("wkdemo1"), NOON))
        await adapter.pull()
        await adapter.pulled()
        adapter.receive(CASE.garbage(simulator.event("wkdemo1"), NOON))  # while the round is under way
        assert await everything(adapter) == ["b", "c"]
        assert await everything(adapter) == []
        shown = [one.get("token") for one in simulator.synced]
        assert None not in shown[:3]
        assert (len(set(shown[:3])), shown[3]) == (2, None)


@pytest.mark.parametrize("code", [95000, 45009])
async def test_an_account_that_fails_does_not_keep_the_others_waiting(code: int) -> None:
    async with platform("wkdemo1,wkdemo2") as (simulator, adapter):
        waits(simulator, "b", account="wkdemo2")
        adapter.receive(CASE.garbage(simulator.event("wkdemo1"), NOON))
        adapter.receive(CASE.garbage(simulator.event("wkdemo2"), NOON))
        right, simulator._page = simulator._page, lambda body: {"errcode": code, "errmsg": "no"}
        with pytest.raises(SendFailed):
            await adapter.pull()
        simulator._page = lambda body: right(body) if body["open_kfid"] == "wkdemo2" else {"errcode": code}
        assert [one.text for one in (await adapter.pull()).inbound] == ["b"]
        await adapter.pulled()
        waits(simulator, "a")
        simulator._page = right
        assert await everything(adapter) == ["a"]


async def test_a_fault_while_reading_loses_nothing() -> None:
    async with platform() as (simulator, adapter):
        adapter.receive(CASE.garbage(simulator.event("wkdemo1"), NOON))
        waits(simulator, "a")
        for fault in ("error", "busy", "expired_token"):
            simulator.order(fault)
            with pytest.raises(SendFailed) as failed:
                await adapter.pull()
            assert failed.value.again
            await adapter.pulled()  # changes nothing
        assert await everything(adapter) == ["a"]
        assert all("token" in one for one in simulator.synced)


async def test_several_accounts_are_read_and_each_answers_for_itself() -> None:
    async with platform("wkdemo1,wkdemo2") as (simulator, adapter):
        waits(simulator, "a")
        waits(simulator, "b", account="wkdemo2")
        assert await everything(adapter) == ["a", "b"]
        assert adapter.render(Outgoing("m", USER, "您好", facts={"kfid": "wkdemo2"}))[0]["open_kfid"] == "wkdemo2"
        assert adapter.render(Outgoing("m", USER, "您好"))[0]["open_kfid"] == "wkdemo1"


async def test_what_was_said_before_the_channel_was_connected_is_passed_over() -> None:
    async with platform() as (simulator, adapter):
        simulator.page = 1
        waits(simulator, "yesterday", "before", at=int(NOON.timestamp()) - 86_400)
        waits(simulator, "now")
        assert await everything(adapter) == ["now"]
        waits(simulator, "late", at=int(NOON.timestamp()) - 86_400)  # with a cursor everything counts
        assert await everything(adapter) == ["late"]


# -- sending


async def test_a_lost_answer_shows_the_message_once() -> None:
    async with platform() as (simulator, adapter):
        simulator.opened(USER)
        [payload] = adapter.render(Outgoing("m", USER, "您好"))
        simulator.order("lost_answer")
        with pytest.raises(SendFailed) as failed:
            await adapter.send(USER, payload, "m:0")
        assert failed.value.again
        assert await adapter.send(USER, payload, "m:0") in simulator.msgids
        await adapter.send(USER, payload, "m:1")
        assert len(simulator.phones[USER]) == 2


async def test_a_menu_is_tapped() -> None:
    async with platform() as (simulator, adapter):
        simulator.opened(USER)
        for at, payload in enumerate(adapter.render(Outgoing("m", USER, "请选", (Choice("改为12期", "方案2"),)))):
            await adapter.send(USER, payload, f"m:{at}")
        [button] = simulator.phones[USER][-1].buttons
        await simulator.say(USER, button["title"], press=button["data"])
        assert await everything(adapter) == ["方案2"]


async def reason(adapter: Any, key: str) -> tuple[str, bool]:
    with pytest.raises(SendFailed) as failed:
        await adapter.send(USER, adapter.render(Outgoing("m", USER, "您好"))[0], key)
    return failed.value.reason, failed.value.again


async def test_window_quota_and_a_token_that_ended() -> None:
    async with platform() as (simulator, adapter):
        assert await reason(adapter, "m:0") == ("window_closed", False)
        simulator.opened(USER)
        simulator.order("expired_token")
        assert await reason(adapter, "m:0") == ("expired_token", True)
        for at in range(5):
            await adapter.send(USER, adapter.render(Outgoing("m", USER, "您好"))[0], f"m:{at}")
        assert await reason(adapter, "m:5") == ("quota", False)


async def test_a_session_that_is_over_is_taken_up_once_or_blocked() -> None:
    async with platform() as (simulator, adapter):
        simulator.opened(USER)
        simulator.states[USER] = 2
        await adapter.send(USER, adapter.render(Outgoing("m", USER, "您好"))[0], "m:0")
        assert (simulator.states[USER], len(simulator.phones[USER])) == (1, 1)
        simulator.states[USER], simulator.fixed = 4, {4}
        assert await reason(adapter, "m:1") == ("blocked", False)


async def test_a_wrong_secret_is_a_matter_of_settings_and_never_told() -> None:
    async with platform() as (simulator, adapter):
        simulator.config["WECOM_SECRET"] = "changed"
        with pytest.raises(SendFailed) as failed:
            await adapter.pull()
        assert (failed.value.reason, failed.value.again) == ("not_configured", False)
        assert "demo-kf-secret" not in repr(failed.value) + str(failed.value)


async def test_a_picture_is_fetched_by_its_id() -> None:
    async with platform() as (simulator, adapter):
        simulator.files["m1"] = b"\xff\xd8\xff picture"
        assert await adapter.fetch(Media(Kind.IMAGE, "m1")) == simulator.files["m1"]
        with pytest.raises(SendFailed, match="gone"):
            await adapter.fetch(Media(Kind.IMAGE, "m2"))
