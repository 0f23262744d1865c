"""The generic pair: fields checked by name, two secrets while one is changed, repeated keys, and no way into our own network."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest

from bot.channels.platforms import fetching
from bot.errors import BadInput
from bot.services.channels.model import Kind, Outgoing, SendFailed, SignatureRefused, State
from bot.simulators.webhook import WebhookSimulator
from tests.channels.cases.webhook import CASE
from tests.channels.conftest import serving
from tests.fakes import NOON


@pytest.fixture
def adapter() -> Any:
    return CASE.adapter("http://127.0.0.1:1", httpx.AsyncClient())


def read(adapter: Any, body: Any) -> Any:
    return adapter.receive(CASE.garbage(orjson.dumps(body), NOON))


def test_messages_files_and_statuses_are_read(adapter: Any) -> None:
    file = {"url": "https://files.example/a.jpg", "name": "a.jpg", "content_type": "image/jpeg"}
    found = read(
        adapter,
        {
            "messages": [
                {"user": "u", "id": "1", "text": "你好", "language": "en", "sent_at": "2026-03-01T10:00:00Z"},
                {"user": "u", "id": "2", "kind": "image", "files": [file]},
                {"user": "u", "id": "3", "kind": "hologram"},
            ],
            "statuses": [{"id": "m1", "state": "read"}],
        },
    )
    assert [one.kind for one in found.inbound] == [Kind.TEXT, Kind.IMAGE, Kind.UNSUPPORTED]
    assert found.inbound[1].media[0].ref == file["url"]
    assert [one.state for one in found.statuses] == [State.READ]


@pytest.mark.parametrize(
    "message",
    [
        {"id": "1", "text": "x"},
        {"user": "", "id": "1"},
        {"user": 7, "id": "1"},
        {"user": "u", "id": "x" * 129},
        {"user": "u", "id": "1", "text": ["x"]},
        {"user": "u", "id": "1", "sent_at": "yesterday"},
        {"user": "u", "id": "1", "sent_at": "2026-03-01T10:00:00"},
        {"user": "u", "id": "1", "files": [{"url": "http://files.example/a"}]},
        {"user": "u", "id": "1", "files": [{"url": "file:///etc/passwd"}]},
    ],
)
def test_a_bad_field_is_named(adapter: Any, message: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        read(adapter, {"messages": [message]})


def test_the_secret_before_is_taken_while_it_is_changed() -> None:
    env = {**CASE.env("http://127.0.0.1:1"), "HOOK_SECRET": "the new one", "HOOK_SECRET_OLD": "demo-hook-secret"}
    changed = type("Changed", (type(CASE),), {"env": lambda self, api: env})()
    hook = CASE.hook("u", "你好", "1", NOON)
    assert changed.adapter("", httpx.AsyncClient()).receive(hook).inbound
    env["HOOK_SECRET_OLD"] = ""
    with pytest.raises(SignatureRefused):
        changed.adapter("", httpx.AsyncClient()).receive(hook)


def test_a_signature_from_the_future_or_past_is_refused(adapter: Any) -> None:
    hook = CASE.hook("u", "你好", "1", NOON)
    for seconds in (-400, 400):
        moved = replace(hook, now=NOON.replace(minute=(NOON.minute + 10) % 60) if seconds > 0 else NOON.replace(hour=1))
        with pytest.raises(SignatureRefused):
            adapter.receive(moved)


async def test_a_repeated_key_is_shown_once() -> None:
    simulator = WebhookSimulator("http://127.0.0.1:1/none", CASE.env(""))
    async with serving(simulator) as api, httpx.AsyncClient() as http:
        adapter = CASE.adapter(api, http)
        payload = adapter.render(Outgoing("m1", "u", "你好"))[0]
        simulator.order("lost_answer")
        with pytest.raises(SendFailed):
            await adapter.send("u", payload, "m1:0")
        await adapter.send("u", payload, "m1:0")
        assert [one.text for one in simulator.phones["u"]] == ["你好"]


INSIDE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "::1",
    "fe80::1",
    "fc00::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "2002:7f00:1::",
    "64:ff9b::7f00:1",
    "not an address",
]


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_of_a_private_network_is_asked(address: str) -> None:
    assert not fetching.allowed(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses_may_be_asked(address: str) -> None:
    assert fetching.allowed(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://files.example/a",
        "https://user:word@files.example/a",
        "https://files.example:8443/a",
        "https:///a",
        "ftp://files.example/a",
        "https://[::1",
    ],
)
async def test_addresses_of_another_form_are_not_asked(url: str) -> None:
    async with httpx.AsyncClient() as http:
        with pytest.raises(SendFailed, match="no_media"):
            await fetching.fetch(http, url, look_up=_public)


async def test_one_private_address_among_several_is_enough_to_refuse() -> None:
    async def mixed(host: str, port: int) -> list[str]:
        return ["93.184.216.34", "127.0.0.1"]

    async with httpx.AsyncClient() as http:
        with pytest.raises(SendFailed, match="no_media"):
            await fetching.fetch(http, "https://files.example/a", look_up=mixed)


def transport(answer: httpx.Response, asked: list[httpx.Request]) -> httpx.MockTransport:
    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answer

    return httpx.MockTransport(handle)


async def _public(host: str, port: int) -> list[str]:
    return ["93.184.216.34"]


async def test_the_connection_goes_to_the_checked_address() -> None:
    asked: list[httpx.Request] = []
    async with httpx.AsyncClient(transport=transport(httpx.Response(200, content=b"abc"), asked)) as http:
        assert await fetching.fetch(http, "https://files.example/a?b=1", look_up=_public) == b"abc"
    [request] = asked
    assert (request.url.host, request.headers["host"], request.extensions["sni_hostname"]) == (
        "93.184.216.34",
        "files.example",
        "files.example",
    )


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (httpx.Response(302, headers={"Location": "http://127.0.0.1/"}), "gone"),
        (httpx.Response(404), "gone"),
        (httpx.Response(503), "busy"),
        (httpx.Response(200, headers={"Content-Length": "3"}, content=b"x" * 2000), "too_large"),
    ],
)
async def test_redirects_and_lies_lead_nowhere(answer: httpx.Response, reason: str) -> None:
    async with httpx.AsyncClient(transport=transport(answer, [])) as http:
        with pytest.raises(SendFailed, match=reason):
            await fetching.fetch(http, "https://files.example/a", most=1000, look_up=_public)
