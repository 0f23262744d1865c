"""Complaints on a real server: the form without JavaScript, the signed link, a third party's code."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import httpx
import pytest
from PIL import Image

from tests.processes import Server

WORDS = "催收每天打我单位电话，告诉同事我欠钱，要求停止并道歉"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("complaints")).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client


def post(http: httpx.Client, **fields: str) -> httpx.Response:
    return http.post("/complaint", data={"words": WORDS, **fields})


def ref_of(page: str) -> str:
    found = re.search(r"TS-\d{8}-\d{4}", page)
    assert found, page
    return found.group()


def key_of(page: str) -> str:
    found = re.search(r"/complaint/follow\?k=([^\"&]+)", page)
    assert found, page
    return found.group(1)


def png() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (20, 20), "white").save(made, "PNG")
    return made.getvalue()


@pytest.mark.parametrize(
    ("language", "words"), [("zh-Hans", "发生了什么"), ("zh-Hant", "發生了什麼"), ("en", "What happened")]
)
def test_the_form_has_labels_and_no_script_in_three_languages(http: httpx.Client, language: str, words: str) -> None:
    page = http.get("/complaint", params={"lang": language})
    assert page.status_code == 200
    assert words in page.text
    assert "12378" in page.text
    assert ("working days" if language == "en" else "工作日") in page.text
    assert "<script" not in page.text
    for name in re.findall(r'<(?:input|textarea|select) id="(\w+)"', page.text):
        assert f'<label for="{name}"' in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]


def test_a_complaint_by_form_is_acknowledged_at_once_and_followed_by_link(http: httpx.Client) -> None:
    page = post(http)
    assert page.status_code == 200
    ref = ref_of(page.text)
    for needed in ("12378", "负责人", "处理结果", "法定期限"):
        assert needed in page.text
    followed = http.get("/complaint/follow", params={"k": key_of(page.text)})
    assert ref in followed.text
    assert "已" in followed.text
    assert WORDS not in followed.text
    assert "单位" not in followed.text
    again = post(http)
    assert ref_of(again.text) == ref  # the same words from the same place: once


def test_bad_links_say_nothing_about_any_number(http: httpx.Client) -> None:
    key = key_of(post(http, words="态度很差，不理人").text)
    for bad in ("", "x", key[:-3] + "abc", "W10.abc"):
        page = http.get("/complaint/follow", params={"k": bad})
        assert page.status_code == 403
        assert "TS-" not in page.text


def test_what_is_wrong_is_shown_with_what_was_written(http: httpx.Client) -> None:
    for fields in (
        {"words": "  "},
        {"words": "x" * 60_001},
        {"phone": "not a phone"},
        {"words": WORDS, "name": "n" * 81},
    ):
        page = http.post("/complaint", data={"words": WORDS, **fields})
        assert page.status_code == 400
        assert "bad" in page.text
    escaped = http.post("/complaint", data={"words": "  ", "demand": '"><script>alert(1)</script>'})
    assert "<script>" not in escaped.text


def test_twenty_pages_and_insults_are_taken(http: httpx.Client) -> None:
    long = post(http, words="你们这群骗子，罚息乱算。" * 1500, phone="13700001111")
    assert long.status_code == 200
    assert ref_of(long.text)


def test_a_bad_file_never_costs_the_complaint(http: httpx.Client) -> None:
    bad = b"%PDF-1.4 /JavaScript (app.alert(1)) %%EOF"
    files = [("files", ("good.png", png(), "image/png")), ("files", ("bad.pdf", bad, "application/pdf"))]
    page = http.post("/complaint", data={"words": "征信报错了，附截图", "phone": "13700002222"}, files=files)
    assert page.status_code == 200
    assert ref_of(page.text)
    assert "good.png" in page.text
    assert "bad.pdf" in page.text
    assert "没有收下" in page.text


def test_a_third_party_opens_details_with_a_code_to_their_phone(http: httpx.Client) -> None:
    phone = "13700003333"
    page = post(http, words="我不是借款人，你们天天打我电话找我前夫", who="third_party", phone=phone)
    assert "欠" not in page.text
    key = key_of(page.text)
    assert "验证码" in http.get("/complaint/follow", params={"k": key}).text
    http.post("/complaint/code", data={"k": key})
    sent = http.get("/demo/outbox", params={"to": phone}).json()
    code = re.search(r"\d{6}", sent[-1]["text"].replace(ref_of(page.text), ""))
    assert code is not None
    assert "前夫" not in sent[-1]["text"]
    wrong = http.post("/complaint/details", data={"k": key, "code": "000000"})
    assert wrong.status_code == 403
    right = http.post("/complaint/details", data={"k": key, "code": code.group()}, follow_redirects=True)
    assert right.status_code == 200
    assert "我不是借款人" in right.text
    visit = re.search(r'name="v" value="([^"]+)"', right.text)
    assert visit is not None
    added = http.post("/complaint/answer", data={"v": visit.group(1), "what": "add", "words": "上午十点又打了"})
    assert "上午十点又打了" in added.text
    assert http.get("/complaint/visit", params={"v": "x"}).status_code == 403


def test_many_from_one_place_are_kept_together_and_kindly(http: httpx.Client) -> None:
    numbers = [ref_of(post(http, words=f"第{n}次：罚息不对，请改").text) for n in range(40)]
    assert len(set(numbers)) < 40
    assert len(set(numbers[25:])) == 1
