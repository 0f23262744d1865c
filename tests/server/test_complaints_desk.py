"""Complaints at the desk, on a real server: from entry to closing, who may what, documents, bad input."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from tests.processes import Server
from tests.server.test_complaints import WORDS, key_of, png, post, ref_of
from tests.server.test_desk import Desk


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("complaints")).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def lead(server: Server) -> Desk:
    return Desk(server, "chenlead")


@pytest.fixture(scope="module")
def boss(server: Server) -> Desk:
    return Desk(server, "wangboss")


def entered(lead: Desk, **more: Any) -> str:
    body = {"words": WORDS, "channel": "phone", "customer_id": "C1003", **more}
    answer = lead.post("/complaints", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["ref"])


def do(desk: Desk, ref: str, verb: str, **body: Any) -> dict[str, Any]:
    version = desk.get(f"/complaints/{ref}").json()["case"]["version"]
    answer = desk.post(f"/complaints/{ref}/do/{verb}", {"version": version, **body})
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_the_desk_from_entry_to_closing(lead: Desk, boss: Desk) -> None:
    ref = entered(lead)
    board = lead.get("/complaints?level=P1").json()
    assert any(one["ref"] == ref for one in board["complaints"])
    assert board["counts"]["level"]["P1"] >= 1
    do(lead, ref, "investigate")
    note = lead.post(f"/complaints/{ref}/note", {"text": "录音 3 段，证实致电单位 13912345678"})
    assert note.status_code == 201
    remedy = lead.post(f"/complaints/{ref}/remedies", {"kind": "apology", "words": "当面致歉"}).json()
    assert remedy["needs"] == "agent"
    assert lead.post(f"/complaints/{ref}/remedies/{remedy['remedy_id']}/approve").status_code == 403
    assert boss.post(f"/complaints/{ref}/remedies/{remedy['remedy_id']}/approve").json() == {"status": "approved"}
    do(lead, ref, "propose", findings="录音证实三次致电单位。", merit="upheld", grounds="违反规范第七条。")
    may = boss.get(f"/complaints/{ref}").json()["may"]
    assert "decide" in may
    assert "decide" not in lead.get(f"/complaints/{ref}").json()["may"]
    do(boss, ref, "decide")
    for language in ("zh-Hans", "zh-Hant", "en"):
        draft = lead.get(f"/complaints/{ref}/letters/draft?language={language}").json()
        assert draft["faults"] == [], draft["faults"]
    draft = lead.get(f"/complaints/{ref}/letters/draft").json()
    broken = {**draft["contents"], "regulator": ""}
    faults = lead.post(f"/complaints/{ref}/letters/check", {"language": "zh-Hans", "contents": broken}).json()
    assert {one["rule"] for one in faults["faults"]} == {"missing", "regulator"}
    letter = lead.post(f"/complaints/{ref}/letters", {"language": "zh-Hans", "contents": draft["contents"]}).json()
    page = lead.get(f"/complaints/{ref}/letters/{letter['letter_id']}.html")
    assert "投诉处理结果告知书" in page.text
    pdf = lead.get(f"/complaints/{ref}/letters/{letter['letter_id']}.pdf")
    assert pdf.content.startswith(b"%PDF-")
    do(lead, ref, "notify", letter_id=letter["letter_id"])
    file = lead.get(f"/complaints/{ref}").json()
    assert file["case"]["state"] == "notified"
    assert "13912345678" not in str(file)
    action = {"kind": "corrective", "words": "删掉单位电话", "owner": "collection", "due_on": "2099-01-01"}
    assert lead.post(f"/complaints/{ref}/actions", action).status_code == 201
    early = lead.post(
        f"/complaints/{ref}/do/close",
        {
            "version": file["case"]["version"] + 1,
            "root_cause": "vendor",
            "preventability": "preventable",
            "owner": "legal",
        },
    )
    assert (early.status_code, early.json()["code"]) == (409, "review_period")


def test_catalogue_compliance_and_links(lead: Desk, http: httpx.Client) -> None:
    words = lead.get("/complaints/catalogue").json()
    assert {"COLL", "FEE", "OTHER"} <= set(words["l1"])
    page = lead.get("/complaints/compliance").json()
    assert set(page["years"].values()) <= {"known", "assumed"}
    assert len(page["warnings"]) == list(page["years"].values()).count("assumed")
    made = post(http, words="结清证明一直不给开", phone="13700004444")
    ref, key = ref_of(made.text), key_of(made.text)
    assert http.get("/complaint/follow", params={"k": key}).status_code == 200
    assert lead.post(f"/complaints/{ref}/links/revoke").json()["revoked"] == 1
    assert http.get("/complaint/follow", params={"k": key}).status_code == 403


def test_bad_input_at_the_desk_has_a_code_and_never_a_500(lead: Desk, server: Server) -> None:
    ref = entered(lead, customer_id="C1005", words="罚息不合理")
    version = lead.get(f"/complaints/{ref}").json()["case"]["version"]
    bad: list[tuple[str, Any, int, str]] = [
        ("", {"words": " ", "channel": "phone"}, 400, "words"),
        ("", {"words": "x", "channel": "fax"}, 400, "channel"),
        ("", {"words": "x", "channel": "phone", "customer_id": "nobody"}, 400, "customer_id"),
        ("", {"words": "x", "channel": "phone", "customer_id": "C1005", "loan_id": "LN1001"}, 400, "loan_id"),
        ("", {"words": "x", "channel": "phone", "received_at": "2999-01-01T00:00:00+08:00"}, 400, "received_at"),
        ("", {"words": "x", "channel": "phone", "received_at": "yesterday"}, 400, "received_at"),
        (f"/{ref}/do/fly", {"version": version}, 400, "verb"),
        (f"/{ref}/do/decide", {"version": version}, 409, "state"),
        (f"/{ref}/do/investigate", {"version": version + 9}, 409, "changed"),
        (f"/{ref}/do/investigate", {}, 400, "missing_field"),
        ("/TS-20200101-0001/do/investigate", {"version": 1}, 404, "not_found"),
        (f"/{ref}/classify", {"version": version, "l1": "X", "l2": "y", "urgency": "P1"}, 400, "l1"),
        (f"/{ref}/classify", {"version": version, "l1": "COLL", "l2": "threat", "urgency": "P9"}, 400, "urgency"),
        (f"/{ref}/assign", {"version": version, "to": "nobody"}, 400, "staff_id"),
        (f"/{ref}/extend", {"version": version, "to": 45, "reason": "x"}, 400, "to"),
        (f"/{ref}/evidence", {"kind": "ledger", "pointer": "LN1001#1", "label": "x"}, 404, "not_found"),
        (f"/{ref}/evidence", {"kind": "ledger", "pointer": "x", "label": "x"}, 400, "pointer"),
        (f"/{ref}/remedies", {"kind": "cake", "words": "x"}, 400, "kind"),
        (f"/{ref}/letters", {"language": "fr", "contents": {}}, 400, "language"),
        (f"/{ref}/letters", {"language": "en", "contents": {"x": "y"}}, 400, "contents"),
        (f"/{ref}/letters", {"language": "en", "contents": {"greeting": 7}}, 400, "contents"),
    ]
    for path, body, status, code in bad:
        answer = lead.post(f"/complaints{path}", body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), (path, body, answer.text)
    for query in ("state=x", "level=P7", "clock=never", "page=0", "page=x"):
        assert lead.get(f"/complaints?{query}").status_code == 400
    assert lead.get("/complaints?q=%25_%27").status_code == 200
    assert httpx.get(f"{server.url}/desk/api/complaints").status_code == 401
    no_csrf = lead.http.post("/desk/api/complaints", json={}, headers={"X-CSRF": "no"})
    assert no_csrf.status_code in (401, 403)


def test_documents_of_staff_are_checked_and_saved_as_evidence(lead: Desk) -> None:
    ref = entered(lead, customer_id="C1006", words="重复扣款")
    path = f"/desk/api/complaints/{ref}/documents"
    made = lead.http.post(path, content=png(), params={"label": "截图"})
    assert made.status_code == 201
    kept = lead.get(f"/complaints/{ref}").json()["evidence"]
    assert [one["kind"] for one in kept] == ["document"]
    got = lead.http.get(f"{path}/{made.json()['document']}")
    assert got.content == png()
    assert "attachment" in got.headers["content-disposition"]
    assert lead.http.post(path, content=b"MZ executable").json()["code"] == "document_kind"
    assert lead.http.post(path, content=b"").json()["code"] == "empty"
    assert lead.http.get(f"{path}/{uuid.uuid4().hex}").status_code == 400


def test_an_agent_does_not_see_what_is_about_them(lead: Desk, server: Server) -> None:
    ref = entered(lead, customer_id="C1007", words="小梅态度太差，骂我")
    mei = Desk(server, "xiaomei")
    assert mei.get(f"/complaints/{ref}").status_code == 404
    assert not any(one["ref"] == ref for one in mei.get("/complaints?state=all").json()["complaints"])


def test_opening_a_file_is_in_the_access_log(lead: Desk, boss: Desk) -> None:
    ref = entered(lead, customer_id="C1004", words="服务态度差")
    lead.get(f"/complaints/{ref}")
    seen = boss.get("/access-log?customer=C1004").json()["entries"]
    assert any((one["what"], one["purpose"]) == ("view_complaint", ref) for one in seen)


def test_staff_enter_a_withdrawal_with_the_borrower_s_own_writing(lead: Desk, server: Server) -> None:
    ref = entered(lead, customer_id="C1008", words="客服不接电话")
    file = lead.get(f"/complaints/{ref}").json()
    assert "withdraw" in file["may"]
    body = {"version": file["case"]["version"]}
    bare = lead.post(f"/complaints/{ref}/do/withdraw", body)
    assert (bare.status_code, bare.json()["code"]) == (400, "evidence_id")
    path = f"/desk/api/complaints/{ref}/documents"
    paper = lead.http.post(path, content=png(), params={"label": "客户手写的撤回"}).json()["evidence_id"]
    assert do(lead, ref, "withdraw", evidence_id=paper)["state"] == "withdrawn"
    assert "withdraw" not in lead.get(f"/complaints/{ref}").json()["may"]


def test_a_colleague_who_is_not_there_can_be_named_as_the_accused(lead: Desk) -> None:
    everybody = {one["staff_id"]: one for one in lead.get("/complaints/catalogue").json()["staff"]}
    there = {one["staff_id"] for one in lead.get("/inbox").json()["staff"]}
    assert {"xiaomei", "xiaolin", "chenlead", "wangboss"} <= set(everybody)
    absent = next(one for one in everybody if one not in there and everybody[one]["role"] == "agent")
    assert everybody[absent]["name"]
    ref = entered(lead, customer_id="C1001", words="材料丢了两次")
    version = lead.get(f"/complaints/{ref}").json()["case"]["version"]
    assert lead.post(f"/complaints/{ref}/accused", {"version": version, "staff": [absent]}).status_code == 200
    assert lead.get(f"/complaints/{ref}").json()["case"]["accused"] == [absent]


def test_a_late_first_contact_is_late_on_the_board(lead: Desk) -> None:
    before = lead.get("/complaints").json()["counts"]["late"]
    came = (datetime.now(timezone.utc) - timedelta(hours=20)).isoformat()
    ref = entered(lead, customer_id="C1002", received_at=came)  # P1: a word within two hours, a result within two days
    board = lead.get("/complaints?clock=late").json()
    assert [one["late"] for one in board["complaints"] if one["ref"] == ref] == [True]
    assert board["counts"]["late"] == before + 1
    assert not any(one["ref"] == ref for one in lead.get("/complaints?clock=soon").json()["complaints"])
    assert lead.post(f"/complaints/{ref}/contacted", {"outcome": "reached"}).status_code == 200
    board = lead.get("/complaints?clock=late").json()
    assert not any(one["ref"] == ref for one in board["complaints"])
    assert board["counts"]["late"] == before
