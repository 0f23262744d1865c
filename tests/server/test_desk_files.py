"""Files that colleagues give to borrowers, on a real server: guarded, said in a message, opened only while that is proven."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.processes import Server
from tests.server.test_desk import Desk, epoch, later, served, server, staff, until  # noqa: F401 - fixtures

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
Served = tuple[Desk, str, str]


def picture(**more: Any) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(made, "JPEG", **more)
    return made.getvalue()


def give(desk: Desk, key: str, content: bytes, name: str = "a.pdf", **more: Any) -> httpx.Response:
    about = {"name": name, "client_msg_id": uuid.uuid4().hex, **more}
    about.setdefault("epoch", epoch(desk, key) if "epoch" not in about else 0)
    return desk.http.post(f"/desk/api/conversations/{key}/files", params=about, content=content)


def card(desk: Desk, key: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.get(f"/conversations/{key}").json()["messages"][-1]["card"]
    return found


def test_a_file_is_a_message_whose_link_opens(server: Server, served: Served) -> None:  # noqa: F811
    lin, sender, key = served
    answer = give(lin, key, PDF, "还款 说明.pdf")
    assert answer.status_code == 201, answer.text
    said = [one for one in later(server, sender)["messages"] if one["from"] == "agent"][-1]
    assert said["text"] == "[文件] 还款 说明.pdf"
    shown = card(lin, key)
    assert (shown["kind"], shown["title"]) == ("document", "还款 说明.pdf")
    opened = httpx.get(server.url + shown["links"][0]["href"])
    assert opened.content == PDF
    assert opened.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in opened.headers["content-security-policy"]
    assert "no-store" in opened.headers["cache-control"]


def test_a_picture_is_drawn_anew_before_it_leaves(server: Server, served: Served) -> None:  # noqa: F811
    lin, _, key = served
    place = Image.Exif()
    place[0x010E] = "taken at the office"
    whole = picture(exif=place, comment=b"who took it")
    assert give(lin, key, whole, "photo.png").status_code == 201
    shown = card(lin, key)
    assert shown["title"] == "photo.jpg"  # by what it is, not by what it says
    opened = httpx.get(server.url + shown["links"][0]["href"])
    assert opened.headers["content-type"] == "image/jpeg"
    assert b"office" not in opened.content
    assert b"who took it" not in opened.content


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"MZ\x90\x00", "document_kind"),
        (b"OggS" + b"x" * 99, "document_kind"),  # comes in as voice, never goes out
        (b"%PDF-1.4 cut off", "document_broken"),
        (PDF.replace(b"/Type", b"/JavaScript 2 0 R/Type"), "document_active"),
        (picture() + b"PK\x03\x04", "document_active"),
    ],
)
def test_what_is_refused_coming_in_is_refused_going_out(served: Served, content: bytes, code: str) -> None:  # noqa: F811
    lin, _, key = served
    before = lin.get(f"/conversations/{key}").json()["messages"]
    answer = give(lin, key, content)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert lin.get(f"/conversations/{key}").json()["messages"] == before


def test_eleven_megabytes_are_too_many(served: Served) -> None:  # noqa: F811
    lin, _, key = served
    answer = give(lin, key, b"%PDF-1.4" + b"0" * 11 * 1024 * 1024)
    assert (answer.status_code, answer.json()["code"]) in ((400, "too_large"), (413, "too_large"))


def test_the_same_id_twice_is_one_message(server: Server, served: Served) -> None:  # noqa: F811
    lin, _, key = served
    same = uuid.uuid4().hex
    assert give(lin, key, PDF, client_msg_id=same).status_code == 201
    href = card(lin, key)["links"][0]["href"]
    again = give(lin, key, PDF, client_msg_id=same)
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    assert card(lin, key)["links"][0]["href"] == href
    assert httpx.get(server.url + href).content == PDF


def test_who_does_not_own_the_conversation_gives_nothing(
    served: Served,  # noqa: F811
    staff: Callable[[str], Desk],  # noqa: F811
) -> None:
    lin, _, key = served
    stale = give(lin, key, PDF, epoch=epoch(lin, key) - 1)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_epoch")
    assert give(lin, key, PDF, epoch="x").json()["code"] == "bad_value"
    assert give(lin, key, PDF, client_msg_id="").json()["code"] == "bad_value"
    without = httpx.post(
        f"{lin.http.base_url}/desk/api/conversations/{key}/files",
        params={"name": "a", "client_msg_id": "x", "epoch": 1},
        content=PDF,
    )
    assert without.status_code == 401
    assert give(lin, "0" * 32, PDF, epoch=1).status_code == 404


def test_a_name_hides_nothing(served: Served) -> None:  # noqa: F811
    lin, _, key = served
    for written, shown in (
        ("../../etc/passwd", "passwd.pdf"),
        ("a\u202efdp.exe", "afdp.pdf"),
        ("", "文件.pdf"),
        ("C:\\x\\y.PDF", "y.pdf"),
    ):
        assert give(lin, key, PDF, written).json()["name"] == shown


def test_a_forged_link_opens_nothing(server: Server, served: Served) -> None:  # noqa: F811
    lin, _, key = served
    give(lin, key, PDF)
    href = card(lin, key)["links"][0]["href"]
    for forged in (href[:-2] + "xx", "/documents/sent/x", "/documents/sent/" + "0" * 32):
        assert httpx.get(server.url + forged).status_code == 404


def test_a_link_is_worth_nothing_once_the_proof_is_over(server: Server, staff: Callable[[str], Desk]) -> None:  # noqa: F811
    lin, sender = staff("xiaolin"), uuid.uuid4().hex
    lin.post("/presence", {"status": "online"})

    def says(text: str, customer: str) -> None:
        token = httpx.post(f"{server.url}/demo/login", json={"customer_id": customer, "acr": "2"}).json()["token"]
        body = {"sender": sender, "message": text, "metadata": {"identity_token": token}}
        assert httpx.post(f"{server.url}/webhooks/rest/webhook", json=body, timeout=30).status_code == 200

    says("叫人", "C1003")
    key = until(lin.mine)[-1]["conversation_id"]
    assert give(lin, key, PDF, "方案.pdf").status_code == 201
    link = server.url + card(lin, key)["links"][0]["href"]
    assert httpx.get(link).content == PDF
    says("换人了", "C1001")  # the same account proves to be somebody else: it leaves the conversation
    closed = httpx.get(link)
    assert (closed.status_code, closed.json()["code"]) == (401, "document")
    assert PDF not in closed.content
    message = lin.get(f"/conversations/{key}").json()["messages"][-1]
    assert message["card"]["title"] == "方案.pdf"  # the colleague sees what was given
    talk = lin.get(f"/conversations/{key}").json()
    lin.post(f"/conversations/{key}/close", {"epoch": talk["epoch"], "topic": "x", "outcome": "no_reply"})
