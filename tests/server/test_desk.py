"""The desk's routes on a real server: who gets in, who may do what, and what bad input is told."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from tests.processes import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One of its own: agents who are online change what borrowers are told."""
    running = Server(tmp_path_factory.mktemp("desk")).start()
    yield running
    running.stop()


class Desk:
    """Somebody of the staff, logged in."""

    def __init__(self, server: Server, staff_id: str) -> None:
        self.http = httpx.Client(base_url=server.url, timeout=30)
        for _ in range(20):  # a code counts once
            one = next(one for one in self.http.get("/demo/staff").json() if one["staff_id"] == staff_id)
            answer = self.http.post(
                "/desk/api/login", json={"staff_id": staff_id, "password": one["password"], "code": one["code"]}
            )
            if answer.status_code == 200:
                break
            time.sleep(3)
        assert answer.status_code == 200, answer.text
        self.me = answer.json()
        self.http.headers["X-CSRF"] = self.me["csrf"]

    def get(self, path: str) -> httpx.Response:
        return self.http.get(f"/desk/api{path}")

    def post(self, path: str, body: Any = None) -> httpx.Response:
        return self.http.post(f"/desk/api{path}", json=body or {})

    def waiting(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("/inbox").json()["waiting"]
        return found

    def mine(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("/inbox").json()["mine"]
        return found


@pytest.fixture(scope="module")
def staff(server: Server) -> Callable[[str], Desk]:
    known: dict[str, Desk] = {}

    def somebody(staff_id: str) -> Desk:
        if staff_id not in known:
            known[staff_id] = Desk(server, staff_id)
        return known[staff_id]

    return somebody


def say(server: Server, sender: str, text: str) -> list[str]:
    answer = httpx.post(f"{server.url}/webhooks/rest/webhook", json={"sender": sender, "message": text}, timeout=30)
    assert answer.status_code == 200, answer.text
    return [one["text"] for one in answer.json()]


def later(server: Server, sender: str, after: int = 0) -> dict[str, Any]:
    answer = httpx.get(f"{server.url}/webhooks/rest/messages", params={"sender": sender, "after": after}, timeout=30)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def until(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")


@pytest.fixture
def served(server: Server, staff: Callable[[str], Desk]) -> Iterator[tuple[Desk, str, str]]:
    """An agent, a borrower (REST sender) whose conversation is theirs, and the conversation's id."""
    lin = staff("xiaolin")
    assert lin.post("/presence", {"status": "online"}).status_code == 200
    sender = uuid.uuid4().hex
    assert say(server, sender, "叫人")[0].startswith("queue RG-")
    item = until(lin.mine)[-1]
    yield lin, sender, item["conversation_id"]
    for one in lin.mine():
        talk = lin.get(f"/conversations/{one['conversation_id']}").json()
        lin.post(
            f"/conversations/{one['conversation_id']}/close",
            {"epoch": talk["epoch"], "topic": "x", "outcome": "no_reply"},
        )


def epoch(desk: Desk, key: str) -> int:
    return int(desk.get(f"/conversations/{key}").json()["epoch"])


def send(desk: Desk, key: str, text: str, **more: Any) -> httpx.Response:
    body = {"text": text, "client_msg_id": uuid.uuid4().hex, "epoch": epoch(desk, key), **more}
    return desk.post(f"/conversations/{key}/messages", body)


def test_rest_gets_one_acknowledgement_then_nothing_and_fetches_what_a_person_says(
    server: Server, served: tuple[Desk, str, str]
) -> None:
    lin, sender, key = served
    assert say(server, sender, "在吗") == []
    assert send(lin, key, "您好，我在。").status_code == 201
    found = later(server, sender)
    assert [one["text"] for one in found["messages"] if one["from"] == "agent"] == ["您好，我在。"]
    assert later(server, sender, found["after"])["messages"] == []


def test_without_a_login_nothing_is_shown(server: Server) -> None:
    for path in ("/inbox", "/me", "/overview", "/knowledge?q=a", "/conversations/x", "/access-log"):
        answer = httpx.get(f"{server.url}/desk/api{path}")
        assert (answer.status_code, answer.json()["code"]) == (401, "desk_session"), path
    assert httpx.get(f"{server.url}/staff/cases").status_code == 401


def test_a_change_without_the_csrf_value_is_refused(server: Server, served: tuple[Desk, str, str]) -> None:
    lin, _, key = served
    body = {"text": "x", "client_msg_id": "1", "epoch": epoch(lin, key)}
    answer = lin.http.post(f"/desk/api/conversations/{key}/messages", json=body, headers={"X-CSRF": "wrong"})
    assert (answer.status_code, answer.json()["code"]) == (401, "csrf")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(server: Server) -> None:
    one = next(one for one in httpx.get(f"{server.url}/demo/staff").json() if one["staff_id"] == "trainer")
    body = {"staff_id": "trainer", "password": one["password"]}
    cookie = httpx.post(f"{server.url}/desk/api/login", json=body).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_wrong_password_wrong_code_and_unknown_name_read_the_same_and_lock(server: Server) -> None:
    def try_(staff_id: str, password: str, code: str = "000000") -> tuple[int, str]:
        body = {"staff_id": staff_id, "password": password, "code": code}
        answer = httpx.post(f"{server.url}/desk/api/login", json=body, timeout=30)
        return answer.status_code, answer.json()["code"]

    assert try_("nobody", "x" * 12) == (401, "login")
    right = httpx.get(f"{server.url}/demo/staff").json()[0]["password"]
    for _ in range(5):
        assert try_("chenlead", right, "000000") == (401, "login")
    assert try_("chenlead", right, "000000") == (401, "locked")


@pytest.mark.parametrize(
    ("who", "path", "method"),
    [
        ("trainer", "/inbox", "get"),
        ("compliance", "/presence", "post"),
        ("xiaolin", "/overview", "get"),
        ("xiaolin", "/access-log", "get"),
    ],
)
def test_a_role_may_do_only_its_own(staff: Callable[[str], Desk], who: str, path: str, method: str) -> None:
    answer = staff(who).get(path) if method == "get" else staff(who).post(path, {"status": "online"})
    assert (answer.status_code, answer.json()["code"]) == (403, "role")


def test_a_conversation_of_another_queue_is_closed_to_others(
    served: tuple[Desk, str, str], staff: Callable[[str], Desk]
) -> None:
    _, _, key = served
    mei = staff("xiaomei")  # service and complaints, but it is somebody else's by now
    answer = mei.get(f"/conversations/{key}")
    assert (answer.status_code, answer.json()["code"]) == (403, "other_queue")
    assert send(staff("wangboss"), key, "我来").json()["code"] == "stale_epoch"
    assert staff("compliance").get(f"/conversations/{key}").status_code == 200
    assert staff("xiaolin").get("/conversations/nothere").status_code == 404
    gone = {"epoch": 1, "topic": "x", "outcome": "resolved"}
    assert staff("xiaolin").post("/conversations/nothere/close", gone).status_code == 404


def test_a_note_lets_a_colleague_look(served: tuple[Desk, str, str], staff: Callable[[str], Desk]) -> None:
    lin, _, key = served
    assert lin.post(f"/conversations/{key}/notes", {"text": "@xiaomei 帮忙看看"}).status_code == 201
    shown = staff("xiaomei").get(f"/conversations/{key}").json()
    assert shown["notes"][0]["mentions"] == ["xiaomei"]


def test_a_stale_epoch_is_refused_and_a_takeover_goes_to_the_supervisor(
    server: Server, served: tuple[Desk, str, str], staff: Callable[[str], Desk]
) -> None:
    lin, sender, key = served
    before = epoch(lin, key)
    boss = staff("wangboss")
    assert boss.post(f"/conversations/{key}/take").status_code == 200
    body = {"text": "还是我", "client_msg_id": "late", "epoch": before}
    answer = lin.post(f"/conversations/{key}/messages", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "stale_epoch")
    assert not any(one["text"] == "还是我" for one in later(server, sender)["messages"])
    boss.post(f"/conversations/{key}/transfer", {"to": "staff:xiaolin", "note": "还给你", "epoch": epoch(boss, key)})
    assert send(lin, key, "回来了").status_code == 201


def test_the_guard_answers_with_its_rules_and_records_the_choice(server: Server, served: tuple[Desk, str, str]) -> None:
    lin, _, key = served
    answer = send(lin, key, "不还就起诉你")
    assert (answer.status_code, answer.json()["code"]) == (400, "guard_blocked")
    assert answer.json()["rules"][0]["rule"] == "threat"
    assert send(lin, key, "不还就起诉你", confirmed=["threat"]).json()["code"] == "guard_blocked"
    warned = send(lin, key, "我会联系您的公司核实")
    assert warned.json()["code"] == "guard_warned"
    assert send(lin, key, "我会联系您的公司核实", confirmed=["third_party"]).status_code == 201


def test_scripts_in_names_and_messages_stay_words(server: Server, served: tuple[Desk, str, str]) -> None:
    lin, sender, key = served
    nasty = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    say(server, sender, nasty)
    shown = lin.get(f"/conversations/{key}").json()
    assert nasty in [one["text"] for one in shown["messages"]]
    assert send(lin, key, nasty).status_code == 201
    csp = lin.http.get("/desk").headers["content-security-policy"]
    assert "script-src 'self'" in csp
    assert "unsafe" not in csp


def test_a_message_of_a_megabyte_is_refused_with_a_reason(served: tuple[Desk, str, str]) -> None:
    lin, _, key = served
    answer = lin.post(f"/conversations/{key}/messages", {"text": "长" * 400_000, "client_msg_id": "1", "epoch": 1})
    assert answer.status_code == 413
    assert send(lin, key, "长" * 2001).json()["code"] == "too_long"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": 1},
        [],
        {"text": "x", "client_msg_id": "a", "epoch": "1"},
        {"unknown": 1},
        {"text": "x", "epoch": True},
    ],
)
def test_bad_bodies_are_400(served: tuple[Desk, str, str], body: Any) -> None:
    lin, _, key = served
    for path in ("messages", "transfer", "close", "notes", "promises", "what-if", "offers", "interactions", "reveal"):
        answer = lin.http.post(f"/desk/api/conversations/{key}/{path}", content=json.dumps(body))
        assert answer.status_code in (400, 403), (path, answer.text)


def test_an_unverified_borrower_has_no_panel_and_no_figures_in_ready_replies(served: tuple[Desk, str, str]) -> None:
    lin, _, key = served
    answer = lin.get(f"/conversations/{key}/customer")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_verified")
    replies = lin.get(f"/conversations/{key}/canned").json()["replies"]
    assert {"greet", "checking"} <= {one["key"] for one in replies}
    assert not {"due", "overdue", "payoff"} & {one["key"] for one in replies}


def test_a_known_borrower_panel_is_masked_revealed_with_a_reason_and_logged(
    server: Server, staff: Callable[[str], Desk]
) -> None:
    lin = staff("xiaolin")
    lin.post("/presence", {"status": "online"})
    sender = uuid.uuid4().hex
    token = httpx.post(f"{server.url}/demo/login", json={"customer_id": "C1002", "acr": "2"}).json()["token"]
    body = {"sender": sender, "message": "叫人", "metadata": {"identity_token": token}}
    assert httpx.post(f"{server.url}/webhooks/rest/webhook", json=body, timeout=30).status_code == 200
    key = until(lin.mine)[-1]["conversation_id"]
    panel = lin.get(f"/conversations/{key}/customer").json()
    assert (panel["name"], panel["phone"]) == ("李*", "138****0002")
    loan = panel["loans"][0]
    assert loan["days_overdue"] > 0
    assert lin.post(f"/conversations/{key}/reveal", {"datum": "phone", "purpose": " "}).status_code == 400
    shown = lin.post(f"/conversations/{key}/reveal", {"datum": "phone", "purpose": "回电"}).json()
    assert shown["value"] == "13800000002"
    what_if = lin.post(
        f"/conversations/{key}/what-if", {"loan_id": "LN1002", "wish": {"kind": "extension", "count": 6}}
    ).json()
    assert what_if["figures"]["after"]["usual"] < what_if["figures"]["before"]["plan"][0][1]
    other = lin.post(f"/conversations/{key}/what-if", {"loan_id": "LN1001", "wish": {"kind": "extension", "count": 6}})
    assert other.json()["code"] == "other_customer"
    promised = lin.post(
        f"/conversations/{key}/promises", {"loan_id": "LN1002", "cents": 50_000, "by_day": "2000-01-01"}
    )
    assert promised.json()["code"] == "by_day"
    log = staff("compliance").get("/access-log?customer=C1002").json()["entries"]
    assert {"view_customer", "reveal_phone"} <= {one["what"] for one in log}
    assert next(one["purpose"] for one in log if one["what"] == "reveal_phone") == "回电"
    overview = staff("wangboss").get("/overview").json()
    assert overview["first_response"]["n"] >= 1
    lin.post(
        f"/conversations/{key}/close",
        {"epoch": epoch(lin, key), "topic": "账单", "outcome": "resolved", "summary": "说明了逾期金额"},
    )
    found = lin.get("/knowledge?q=逾期金额").json()["found"]
    assert any(one["kind"] == "case" for one in found)


def test_a_correction_is_a_masked_candidate(server: Server, staff: Callable[[str], Desk], served: Any) -> None:
    lin, _, key = served
    shown = lin.get(f"/conversations/{key}").json()["messages"]
    said = next(one for one in shown if one["from"] == "bot")
    mark = {"seq": said["seq"], "better": "应该说：打 13800000001 找我"}
    assert lin.post(f"/conversations/{key}/corrections", mark).status_code == 201
    own = next(one for one in shown if one["from"] == "borrower")
    assert lin.post(f"/conversations/{key}/corrections", {"seq": own["seq"]}).json()["code"] == "not_the_bots"


async def test_the_live_line_resumes_from_its_cursor(server: Server, served: tuple[Desk, str, str]) -> None:
    lin, _, key = served
    headers = {"Cookie": f"daihou_desk={lin.http.cookies['daihou_desk']}"}
    url = server.url.replace("http", "ws") + "/desk/ws"

    async def watch(after: int, wanted: str) -> list[int]:
        seqs: list[int] = []
        async with websockets.connect(url, extra_headers=headers) as line:  # type: ignore[attr-defined]
            await line.send(json.dumps({"type": "watch", "conversation": key, "after": after}))
            while True:
                frame = json.loads(await line.recv())
                if frame["type"] == "conversation":
                    seqs += [one["seq"] for one in frame["messages"]]
                    if any(one["text"] == wanted for one in frame["messages"]):
                        return seqs

    send(lin, key, "一")
    first = await watch(1, "一")
    send(lin, key, "二")
    send(lin, key, "三")
    second = await watch(first[-1], "三")
    assert second == [first[-1] + 1, first[-1] + 2]


async def test_the_live_line_needs_a_login_and_its_own_origin(server: Server, staff: Callable[[str], Desk]) -> None:
    url = server.url.replace("http", "ws") + "/desk/ws"
    for headers in ({}, {"Cookie": "daihou_desk=guess"}):
        async with websockets.connect(url, extra_headers=headers) as line:  # type: ignore[attr-defined]
            with pytest.raises(websockets.exceptions.ConnectionClosed) as closed:
                await line.recv()
            assert closed.value.code == 4401
    cookie = {"Cookie": f"daihou_desk={staff('xiaolin').http.cookies['daihou_desk']}"}
    async with websockets.connect(url, extra_headers=cookie, origin="http://evil.test") as line:  # type: ignore[attr-defined]
        with pytest.raises(websockets.exceptions.ConnectionClosed) as closed:
            await line.recv()
        assert closed.value.code == 4403


def test_a_killed_server_keeps_the_queue_and_what_was_said(tmp_path: Path) -> None:
    server = Server(tmp_path).start()
    lin = Desk(server, "xiaolin")
    lin.post("/presence", {"status": "online"})
    senders = [uuid.uuid4().hex for _ in range(8)]
    for sender in senders:
        say(server, sender, "叫人")
    assert len(until(lambda: len(lin.mine()) == 4 and lin.mine())) == 4  # as many of REST as policy says
    server.kill()
    server.start()
    lin.http.get("/desk/api/me")
    box = lin.get("/inbox").json()
    assert (len(box["mine"]), len(box["waiting"])) == (4, 4)
    key = box["mine"][0]["conversation_id"]
    assert send(lin, key, "重启后").status_code == 201
    lin.post(f"/conversations/{key}/close", {"epoch": epoch(lin, key), "topic": "账单", "outcome": "resolved"})
    until(lambda: len(lin.get("/inbox").json()["waiting"]) == 3)
    server.stop()


def test_the_accounts_of_a_conversation_are_shown_without_addresses(served: tuple[Desk, str, str]) -> None:
    lin, sender, key = served
    shown = lin.get(f"/conversations/{key}/accounts")
    assert shown.status_code == 200, shown.text
    assert [one["channel"] for one in shown.json()["accounts"]] == ["rest"]
    assert sender not in shown.text
