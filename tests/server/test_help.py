"""Staff API, documents of arrangements and added papers, over HTTP against a real server."""

from __future__ import annotations

import io
import time
import uuid
import zlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from bot.app import Services, build
from bot.channels.web_sessions import WebSessions
from bot.errors import NotAllowed
from bot.lending.wishes import Kind, Wish
from bot.services.uploads import LARGEST
from bot.settings import Settings
from bot.store.conversation_rows import session_key
from bot.store.help_schema import arrangements
from tests.processes import Server
from tests.services.test_agreeing import carry_out, filed, ready, turn

SECRET = "k" * 40


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("help"), STAFF_SECRET=SECRET, SESSION_SECRET=SECRET).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def services(server: Server) -> Iterator[Services]:
    """The same database from outside, as the server sees it."""
    made = build(Settings.from_env(server.env))
    for name, role in (("a1", "agent"), ("l1", "lead"), ("s1", "supervisor"), ("s2", "supervisor")):
        made.staff.put(name, role)
    yield made
    made.close()


@pytest.fixture
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client


def bearer(services: Services, staff_id: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {services.staff.token(staff_id, services.wall.now())}"}


def proven(http: httpx.Client, customer: str = "C1001", acr: str = "2") -> tuple[str, dict[str, str]]:
    """A web session at level 2; its id in the tables and its header."""
    token = http.post("/web/session").json()["session"]
    body = {"session": token, "client_msg_id": uuid.uuid4().hex, "text": "你好"}
    assert http.post("/web/messages", json=body).status_code == 202
    login = http.post("/demo/login", json={"customer_id": customer, "acr": acr}).json()["token"]
    http.post("/web/identity", json={"session": token, "token": login})
    user = WebSessions(SECRET).user(token)
    assert user is not None
    return session_key("web", user), {"Authorization": f"Bearer {token}"}


# -- staff


def test_nobody_gets_in_without_a_token(http: httpx.Client) -> None:
    for method, path in (("GET", "/staff/cases"), ("GET", "/staff/cases/HX-1"), ("POST", "/staff/cases/HX-1/approve")):
        for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic x"}):
            answer = http.request(method, path, headers=headers)
            assert answer.status_code == 401
            assert answer.json()["code"] == "staff_token"


def test_a_case_from_the_list_to_the_approval(http: httpx.Client, services: Services) -> None:
    made = filed(services, Wish(Kind.EXTENSION, count=20))
    listed = http.get("/staff/cases", headers=bearer(services, "a1")).json()["cases"]
    assert made.ref in [one["ref"] for one in listed]
    case = http.get(f"/staff/cases/{made.ref}", headers=bearer(services, "a1")).json()
    assert case["figures"]["before"]["total"] < case["figures"]["after"]["total"]
    assert case["file"]["answers"]["income"] == 2_000_000
    refused = http.post(f"/staff/cases/{made.ref}/approve", headers=bearer(services, "a1"))
    assert (refused.status_code, refused.json()["code"]) == (403, "above_limit")
    done = http.post(f"/staff/cases/{made.ref}/approve", headers=bearer(services, "l1"))
    assert done.json() == {"ref": made.ref, "verdict": "approved"}
    again = http.post(f"/staff/cases/{made.ref}/approve", headers=bearer(services, "l1"))
    assert (again.status_code, again.json()["code"]) == (409, "decided")


def test_bad_bodies_are_named(http: httpx.Client, services: Services) -> None:
    made = filed(services, Wish(Kind.EXTENSION, count=6))
    headers = bearer(services, "l1")
    for path, body, code in (
        ("decline", {"reason": "no"}, "reason"),
        ("decline", {}, "missing_field"),
        ("counter", {"wish": {"kind": "magic"}}, "wish"),
        ("counter", {"wish": {"kind": "extension", "count": -1}}, "wish"),
        ("counter", {"wish": {"kind": "extension", "count": 1, "loan": "x"}}, "wish"),
        ("counter", {"wish": {"kind": "settlement"}}, "kind"),
        ("counter", {"wish": {"kind": "due_day", "day": 5}}, "same_day"),
    ):
        answer = http.post(f"/staff/cases/{made.ref}/{path}", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert http.get("/staff/cases/HX-0", headers=headers).status_code == 404
    assert (
        http.post(f"/staff/cases/{made.ref}/decline", json={"reason": "too_often"}, headers=headers).status_code == 200
    )


# -- the document of an arrangement


def signed(services: Services) -> str:
    made, drawn = ready(services, filed(services, Wish(Kind.DUE_DAY, day=20)))
    loan = services.loans.loan(made.loan_id)
    one = turn(services)
    contents = {
        "title": "还款日改为每月20日",
        "ref": made.ref,
        "loan": "消费贷（尾号 1001）",
        "rows": [["合计", "¥1.00 <b>"]],
        "columns": ["期数", "还款日", "应还"],
        "table": [["1", "2026年12月20日", "¥1.00"]],
        "notes": ["除上表所列，没有其他收费。"],
    }
    services.agreeing.disclose(one, made, drawn, loan, contents)
    carry_out(services, one)
    with services.database.write() as connection:
        connection.execute(
            arrangements.update().where(arrangements.c.ref == made.ref).values(signed_at=services.clock.now())
        )
    return made.ref


def test_the_document_opens_for_its_own_proven_session_only(http: httpx.Client, services: Services) -> None:
    ref = signed(services)
    session_id, _ = proven(http)
    papers = services.papers
    link = papers.link(ref, session_id, "html")
    page = http.get(link)
    assert page.status_code == 200
    assert "王**" in page.text
    assert "王小明" not in page.text
    assert "&lt;b&gt;" in page.text
    assert "script" not in page.headers["content-security-policy"]
    stranger, _ = proven(http, "C1002")
    unproven, _ = proven(http, acr="1")
    for bad in (
        papers.link(ref, stranger, "html"),
        papers.link(ref, unproven, "html"),
        papers.link(ref, "0" * 32, "html"),
        papers.link("HX-20990101-0001", session_id, "html").replace("HX-20990101-0001", ref, 1),
        f"/documents/{ref}.html",
        f"/documents/{ref}.html?k=x",
    ):
        assert http.get(bad).status_code == 401
    with pytest.raises(NotAllowed):
        papers.paper(ref, link.partition("k=")[2], lambda session: True)  # silent for too long
    pdf = http.get(papers.link(ref, session_id, "pdf"))
    if pdf.status_code == 200:  # the font comes with the pages
        assert pdf.content.startswith(b"%PDF-")
        assert "attachment" in pdf.headers["content-disposition"]
    else:
        assert pdf.status_code == 503


# -- added documents


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 40)) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, "white").save(made, kind)
    return made.getvalue()


def pdf(inside: bytes = b"", packed: bytes = b"") -> bytes:
    body = b"%PDF-1.4\n1 0 obj<</Type/Catalog" + inside + b">>endobj\n"
    if packed:
        body += b"2 0 obj<</Filter/FlateDecode>>stream\n" + zlib.compress(packed) + b"\nendstream endobj\n"
    return body + b"trailer<</Root 1 0 R>>\n%%EOF\n"


GOOD = [("pdf", pdf()), ("png", picture()), ("jpeg", picture("JPEG")), ("pdf", pdf(packed=b"1 0 0 1 0 0 cm" * 50))]
BAD = [
    ("empty", b"", "empty"),
    ("text", b"hello", "document_kind"),
    ("zip", b"PK\x03\x04" + b"0" * 99, "document_kind"),
    ("svg", b"<svg onload=alert(1)>", "document_kind"),
    ("half a picture", picture()[:60], "document_broken"),
    ("no end", pdf()[:-8], "document_broken"),
    ("script", pdf(b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>"), "document_active"),
    ("script, name written in hex", pdf(b"/OpenAction<</S/J#61vaScript>>"), "document_active"),
    ("packed script", pdf(packed=b"<</S/JavaScript>>"), "document_active"),
    ("attachment", pdf(b"/EmbeddedFiles 3 0 R"), "document_active"),
    ("picture with a zip behind", picture() + b"PK\x03\x04" + b"x" * 50, "document_active"),
    ("picture with a page behind", picture("JPEG") + b"<script>alert(1)</script>", "document_active"),
    ("bomb", pdf(packed=b"0" * (101 * 1024 * 1024)), "too_large"),
    ("large", b"%PDF-" + b"0" * LARGEST, "too_large"),
]


def test_good_papers_are_kept_outside_the_web_root(http: httpx.Client, services: Services, server: Server) -> None:
    made = filed(services, Wish(Kind.EXTENSION, count=6))
    _, headers = proven(http)
    for kind, content in GOOD:
        answer = http.post(f"/web/documents?ref={made.ref}", content=content, headers=headers)
        assert (answer.status_code, answer.json()["kind"]) == (201, kind)
        kept = Path(server.env["VAR_DIR"]) / "documents" / answer.json()["document"]
        assert kept.read_bytes() == content
        assert kept.stat().st_mode & 0o077 == 0
        same = http.post(f"/web/documents?ref={made.ref}", content=content, headers=headers)
        assert same.json()["document"] == answer.json()["document"]
    case = http.get(f"/staff/cases/{made.ref}", headers=bearer(services, "a1")).json()
    assert len(case["documents"]) == len(GOOD)
    got = http.get(f"/staff/documents/{case['documents'][0]['document_id']}", headers=bearer(services, "a1"))
    assert got.content == GOOD[0][1]
    assert "attachment" in got.headers["content-disposition"]
    assert http.get(f"/staff/documents/{case['documents'][0]['document_id']}").status_code == 401
    assert http.get("/staff/documents/..%2f..%2fdaihou.db", headers=bearer(services, "a1")).status_code == 404


@pytest.mark.parametrize(("name", "content", "code"), BAD, ids=[name for name, _, _ in BAD])
def test_bad_papers_are_named(http: httpx.Client, services: Services, name: str, content: bytes, code: str) -> None:
    made = filed(services, Wish(Kind.EXTENSION, count=6))
    _, headers = proven(http)
    answer = http.post(f"/web/documents?ref={made.ref}", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, code), name


def test_fifty_megabytes_are_refused_early(http: httpx.Client, services: Services) -> None:
    made = filed(services, Wish(Kind.EXTENSION, count=6))
    _, headers = proven(http)
    started = time.monotonic()
    try:
        answer = http.post(f"/web/documents?ref={made.ref}", content=b"0" * 50_000_000, headers=headers)
    except httpx.TransportError:
        pass  # the connection was closed while we were still sending
    else:
        assert answer.status_code in (400, 413)
    assert time.monotonic() - started < 20
    assert http.get("/health").status_code == 200


def test_papers_of_others_and_of_the_unproven_are_refused(http: httpx.Client, services: Services) -> None:
    made = filed(services, Wish(Kind.EXTENSION, count=6))
    _, stranger = proven(http, "C1002")
    _, unproven = proven(http, acr="1")
    for headers, status in ((stranger, 404), (unproven, 401), ({}, 401)):
        answer = http.post(f"/web/documents?ref={made.ref}", content=picture(), headers=headers)
        assert answer.status_code == status
