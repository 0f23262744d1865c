"""Read marks, ratings, wishes and the saved conversation of a web session, over HTTP and the socket."""

from __future__ import annotations

import httpx
import pytest

from tests.processes import Server
from tests.server.test_web import Client, Dial, new_session, token


def bearer(session: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {session}"}


async def asked(client: Client, text: str, ident: str = "c1") -> int:
    """Say something; the number of its answer."""
    await client.send(type="say", client_msg_id=ident, text=text)
    return int((await client.answer())["seq"])


async def test_assistant_has_read_what_it_answers(server: Server, http: httpx.Client) -> None:
    async with Dial(server, new_session(http)) as (client, ready):
        assert ready["state"] == {"read": 0, "queue": None, "language": None, "large_type": None}
        assert (ready["seen"], ready["ratings"]) == (0, {})
        await client.send(type="say", client_msg_id="c1", text="你好")
        seq = (await client.until("ack"))["seq"]
        assert (await client.until("state"))["state"]["read"] == seq


async def test_what_the_borrower_has_seen_is_kept_and_only_grows(server: Server, http: httpx.Client) -> None:
    session = new_session(http)
    async with Dial(server, session) as (client, _):
        seq = await asked(client, "你好")
        await client.send(type="seen", seq=seq)
        await client.send(type="seen", seq=1)
        await client.send(type="seen", seq=10_000)  # more than was sent: as much as was sent
        await client.send(type="ping")
        await client.until("pong")
    async with Dial(server, session) as (_, ready):
        assert ready["seen"] == seq
    assert http.post("/web/seen", json={"session": session, "seq": seq + 50}).status_code == 204
    async with Dial(server, session) as (_, ready):
        assert ready["seen"] == seq
    for bad in (0, -1, "1", None, 2**40):
        assert http.post("/web/seen", json={"session": session, "seq": bad}).status_code == 400
    assert http.post("/web/seen", json={"session": "forged", "seq": 1}).status_code == 401


async def test_rating_is_kept_changed_and_taken_back(server: Server, http: httpx.Client) -> None:
    session = new_session(http)

    def rate(value: str, seq: int) -> int:
        return http.post("/web/ratings", json={"session": session, "seq": seq, "value": value}).status_code

    assert rate("up", 1) == 404  # nothing was said yet
    async with Dial(server, session) as (client, _):
        seq = await asked(client, "你好")
    assert [rate("up", seq), rate("down", seq), rate("down", seq)] == [204, 204, 204]
    async with Dial(server, session) as (_, ready):
        assert ready["ratings"] == {str(seq): "down"}
    assert rate("none", seq) == 204
    async with Dial(server, session) as (_, ready):
        assert ready["ratings"] == {}
    assert rate("sideways", seq) == 400
    assert rate("up", seq - 1) == 404  # the borrower's own words are no answer
    assert {rate(("up", "down")[turn % 2], seq) for turn in range(30)} == {204, 400}


async def test_rating_of_an_answer_above_the_level_is_refused(server: Server, http: httpx.Client) -> None:
    proven, other = new_session(http), new_session(http)
    http.post("/web/identity", json={"session": proven, "token": token(http, "C1003")})
    async with Dial(server, proven) as (client, _):
        seq = await asked(client, "余额")
    assert http.post("/web/ratings", json={"session": proven, "seq": seq, "value": "up"}).status_code == 204
    http.post("/web/identity", json={"session": other, "token": token(http, "C1003", "1")})
    async with Dial(server, other) as (_, ready):
        assert ready["messages"][-1]["hidden"]
    assert http.post("/web/ratings", json={"session": other, "seq": seq, "value": "up"}).status_code == 404


@pytest.mark.parametrize("kind", ["html", "txt"])
async def test_export_holds_what_the_session_may_read_and_no_more(
    server: Server, http: httpx.Client, kind: str
) -> None:
    low, high = new_session(http), new_session(http)
    http.post("/web/identity", json={"session": high, "token": token(http, "C1004")})
    http.post("/web/identity", json={"session": low, "token": token(http, "C1004", "1")})
    async with Dial(server, high) as (client, _):
        await asked(client, "余额 <b>&</b>", kind)
    mine = http.get("/web/export", params={"format": kind}, headers=bearer(high))
    assert mine.headers["content-disposition"] == f'attachment; filename="conversation.{kind}"'
    assert ("&lt;b&gt;" in mine.text) == (kind == "html")
    assert "balance of C1004" in mine.text
    less = http.get("/web/export", params={"format": kind, "language": "zh-Hant"}, headers=bearer(low))
    assert "驗證後" in less.text
    assert "balance" not in less.text
    nothing = http.get("/web/export", params={"format": kind, "language": "en"}, headers=bearer(new_session(http)))
    assert nothing.status_code == 200
    assert "Your conversation" in nothing.text


def test_export_refuses_strangers_and_unknown_formats(http: httpx.Client) -> None:
    assert http.get("/web/export").status_code == 401
    session = new_session(http)
    assert http.get("/web/export", params={"format": "pdf"}, headers=bearer(session)).status_code == 400
    assert http.get("/web/export", params={"language": "fr"}, headers=bearer(session)).status_code == 400


def test_wishes_are_kept_under_the_session_and_become_the_customers(http: httpx.Client) -> None:
    session = new_session(http)
    nothing = dict.fromkeys(("channel", "quiet_from", "quiet_until", "language", "large_type", "elsewhere"))
    assert http.get("/web/preferences", headers=bearer(session)).json() == nothing
    wished = {"large_type": True, "quiet_from": "21:00", "quiet_until": "08:30", "elsewhere": ["sms", "sms"]}
    kept = http.post("/web/preferences", json=wished, headers=bearer(session)).json()
    assert kept == {**nothing, **wished, "elsewhere": ["sms"]}
    http.post("/web/identity", json={"session": session, "token": token(http, "C1006")})
    assert http.get("/web/preferences", headers=bearer(session)).json()["large_type"] is True
    back = {"quiet_from": None, "quiet_until": None, "elsewhere": None, "large_type": False}
    assert http.post("/web/preferences", json=back, headers=bearer(session)).json() == {**nothing, "large_type": False}


@pytest.mark.parametrize(
    "body",
    [
        {"channel": "pigeon"},
        {"language": "fr"},
        {"quiet_from": "21:00"},
        {"quiet_from": "21:00", "quiet_until": "21:00"},
        {"quiet_from": "24:00", "quiet_until": "08:00"},
        {"quiet_from": None, "quiet_until": "08:00"},
        {"elsewhere": ["sms", 3]},
        {"elsewhere": "sms"},
        {"large_type": 1},
        {"phone": "13800000001"},
        [],
    ],
)
def test_wishes_that_cannot_be_honoured_are_refused(http: httpx.Client, body: object) -> None:
    assert http.post("/web/preferences", json=body, headers=bearer(new_session(http))).status_code == 400


def test_where_a_customer_is_reached_needs_a_full_proof(http: httpx.Client) -> None:
    session = new_session(http)
    http.post("/web/identity", json={"session": session, "token": token(http, "C1007", "1")})
    assert http.post("/web/preferences", json={"elsewhere": ["email"]}, headers=bearer(session)).status_code == 401
    assert http.post("/web/preferences", json={"large_type": True}, headers=bearer(session)).status_code == 200


async def test_a_wish_reaches_the_open_page_at_once(server: Server, http: httpx.Client) -> None:
    session = new_session(http)
    async with Dial(server, session) as (client, _):
        http.post("/web/preferences", json={"large_type": True}, headers=bearer(session))
        assert (await client.until("state"))["state"]["large_type"] is True
