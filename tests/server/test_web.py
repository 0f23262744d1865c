"""The widget's channel: signed sessions, WebSocket, resume by seq, long poll, reset."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import httpx
import pytest
import websockets

from tests.processes import Server


class Client:
    """A widget: what it received, and what it may send."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket

    async def send(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def until(self, kind: str, seconds: float = 10, **fields: Any) -> dict[str, Any]:
        """The next frame of that type (others are passed over)."""

        async def wait() -> dict[str, Any]:
            while True:
                frame: dict[str, Any] = json.loads(await self.socket.recv())
                if frame["type"] == kind and all(frame.get(key) == value for key, value in fields.items()):
                    return frame

        return await asyncio.wait_for(wait(), seconds)

    async def answer(self) -> dict[str, Any]:
        while True:
            message: dict[str, Any] = (await self.until("message"))["message"]
            if message["from"] == "bot":
                return message


class Dial:
    def __init__(self, server: Server, session: str, after: int = 0) -> None:
        self.server, self.session, self.after = server, session, after

    async def __aenter__(self) -> tuple[Client, dict[str, Any]]:
        self.socket = await websockets.connect(self.server.url.replace("http", "ws") + "/web/ws")
        client = Client(self.socket)
        await client.send(type="hello", session=self.session, after=self.after)
        return client, await client.until("ready")

    async def __aexit__(self, *args: object) -> None:
        await self.socket.close()


def new_session(http: httpx.Client) -> str:
    return str(http.post("/web/session", json={}).json()["session"])


def token(http: httpx.Client, customer: str = "C1001", acr: str = "2") -> str:
    return str(http.post("/demo/login", json={"customer_id": customer, "acr": acr}).json()["token"])


def test_session_known_is_kept_and_forged_is_replaced(http: httpx.Client) -> None:
    session = new_session(http)
    assert http.post("/web/session", json={"session": session}).json()["session"] == session
    for forged in (session[:-3] + "abc", "x", ""):
        assert http.post("/web/session", json={"session": forged}).json()["session"] not in (forged, session)
    assert http.post("/web/session").status_code == 200


async def test_socket_says_and_hears(server: Server, http: httpx.Client) -> None:
    async with Dial(server, new_session(http)) as (client, ready):
        assert (ready["level"], ready["customer"], ready["typing"]) == (0, None, False)
        assert [(message["seq"], "AI" in message["text"]) for message in ready["messages"]] == [(0, True)]
        await client.send(type="say", client_msg_id="c1", text="你好")
        ack = await client.until("ack")
        assert ack["client_msg_id"] == "c1"
        answer = await client.answer()
        assert answer["text"] == "echo: 你好"
        assert answer["seq"] > ack["seq"]
        await client.send(type="ping")
        await client.until("pong")


async def test_socket_resumes_after_a_seq_and_repeats_nothing(server: Server, http: httpx.Client) -> None:
    session = new_session(http)
    async with Dial(server, session) as (client, _):
        await client.send(type="say", client_msg_id="c1", text="你好")
        seen = (await client.answer())["seq"]
        await client.send(type="say", client_msg_id="c2", text="慢")
        await client.until("ack")
    async with Dial(server, session, seen) as (client, ready):
        got = [m["text"] for m in ready["messages"]]
        if "echo: 慢" not in got:
            got.append((await client.answer())["text"])
        assert got == ["慢", "echo: 慢"]
        await client.send(type="say", client_msg_id="c2", text="慢")
        assert (await client.until("ack"))["client_msg_id"] == "c2"
    async with Dial(server, session) as (_, ready):
        assert [m["from"] for m in ready["messages"]] == ["borrower", "bot", "borrower", "bot"]


async def test_socket_typing_is_shown_while_the_answer_is_made(server: Server, http: httpx.Client) -> None:
    async with Dial(server, new_session(http)) as (client, _):
        await client.send(type="say", client_msg_id="c1", text="慢")
        await client.until("typing", on=True)
        await client.answer()
        await client.until("typing", on=False)


async def test_socket_identity_resets_and_shows_the_level(server: Server, http: httpx.Client) -> None:
    session = new_session(http)
    async with Dial(server, session) as (client, _):
        await client.send(type="identity", token=token(http, acr="1"))
        shown = await client.until("identity")
        assert (shown["level"], shown["customer"]) == (1, "王**")
        await client.until("reset")
        await client.send(type="hello", session=session, after=0)
        assert (await client.until("ready"))["level"] == 1
        await client.send(type="say", client_msg_id=uuid.uuid4().hex, text="你好")
        assert (await client.answer())["text"] == "echo: 你好"


async def test_socket_of_another_session_hears_nothing(server: Server, http: httpx.Client) -> None:
    async with Dial(server, new_session(http)) as (first, _), Dial(server, new_session(http)) as (second, _):
        await first.send(type="say", client_msg_id="c1", text="你好")
        await first.answer()
        with pytest.raises(asyncio.TimeoutError):
            await second.until("message", seconds=0.5)


@pytest.mark.parametrize(
    "frame, code",
    [
        ("{", "bad_frame"),
        ("[]", "bad_frame"),
        ('{"type": "nothing"}', "bad_frame"),
        ('{"type": 1}', "bad_frame"),
        ("{}", "bad_frame"),
        ('{"type": "say", "text": "x"}', "missing_field"),
        ('{"type": "say", "client_msg_id": "", "text": "x"}', "bad_value"),
        ('{"type": "say", "client_msg_id": "c9", "text": 5}', "wrong_type"),
        ('{"type": "identity", "token": {}}', "wrong_type"),
    ],
)
async def test_socket_bad_frame_is_refused_with_a_reason_and_stays_open(
    server: Server, http: httpx.Client, frame: str, code: str
) -> None:
    async with Dial(server, new_session(http)) as (client, _):
        await client.socket.send(frame)
        assert (await client.until("refused"))["code"] == code
        await client.send(type="ping")
        await client.until("pong")


async def test_socket_with_an_unknown_session_is_told_so(server: Server) -> None:
    socket = await websockets.connect(server.url.replace("http", "ws") + "/web/ws")
    await socket.send(json.dumps({"type": "hello", "session": "forged"}))
    assert json.loads(await socket.recv())["code"] == "session_unknown"
    await socket.close()


def test_poll_says_and_hears_and_resets(http: httpx.Client) -> None:
    session = new_session(http)
    header = {"Authorization": f"Bearer {session}"}
    said = http.post("/web/messages", json={"session": session, "client_msg_id": "c1", "text": "你好"})
    assert said.status_code == 202
    first = http.get("/web/messages", params={"after": 0}, headers=header).json()
    assert first["messages"][0]["client_msg_id"] == "c1"
    news = http.get("/web/messages", params={"after": said.json()["seq"], "wait": 10}, headers=header).json()
    assert (news["reset"], [m["text"] for m in news["messages"]]) == (False, ["echo: 你好"])
    seen = news["messages"][-1]["seq"]
    assert http.post("/web/identity", json={"session": session, "token": token(http)}).json() == {
        "level": 2,
        "customer": "王**",
    }
    news = http.get("/web/messages", params={"after": seen, "wait": 5, "view": news["view"]}, headers=header).json()
    assert news["reset"] is True
    assert len(news["messages"]) >= 2
    assert (
        http.post("/web/messages", json={"session": session, "client_msg_id": "c1", "text": "再见"}).status_code == 409
    )


@pytest.mark.parametrize(
    "params, header, status",
    [
        ({"after": "-1"}, True, 400),
        ({"after": "x"}, True, 400),
        ({"wait": "999"}, True, 400),
        ({}, False, 401),
    ],
)
def test_poll_bad_query_is_refused(http: httpx.Client, params: dict[str, str], header: bool, status: int) -> None:
    headers = {"Authorization": f"Bearer {new_session(http)}"} if header else {}
    assert http.get("/web/messages", params=params, headers=headers).status_code == status
