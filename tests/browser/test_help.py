"""Repayment help in the widget: options side by side, the disclosure with its time to read, the document, adding a paper."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import httpx
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.screens import Chat
from tests.processes import Server

Visit = Callable[..., Chat]
PHONE = "13800000003"  # 陳大文
both = pytest.mark.parametrize("screen", ["phone", "desk"])


def compared(chat: Chat, *said: str) -> None:
    for one in said:
        chat.say(one)
        chat.answered(one)
    expect(chat.log.locator(".compare").last).to_be_visible()


@both
def test_options_are_compared_without_scrolling_sideways(visit: Visit, screen: str) -> None:
    chat = visit(screen).login("李静")
    compared(chat, "我失业了，还不上了", "看方案")
    card = chat.log.locator(".compare").last
    options = card.locator(".option")
    assert 1 <= options.count() <= 3
    for index in range(options.count()):
        expect(options.nth(index)).to_contain_text("合计")
        expect(options.nth(index)).to_contain_text("征信")
    wide = chat.page.evaluate("() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth")
    assert wide <= 0
    box, log = card.bounding_box(), chat.log.bounding_box()
    assert box is not None
    assert log is not None
    assert box["width"] <= log["width"]
    assert chat.serious() == []
    chat.shot("compare")


def test_consent_opens_after_the_time_to_read_and_a_code_signs(visit: Visit, server: Server) -> None:
    chat = visit("phone").login("陳大文")
    compared(chat, "我想改还款日", "20号")
    chat.log.get_by_role("button", name="选A").click()
    consent = chat.log.locator(".consent").last
    agree = consent.get_by_role("button", name=re.compile("同意办理|同意辦理"))
    expect(agree).to_be_disabled()
    expect(consent).to_contain_text("没有其他收费")
    assert chat.serious() == []
    chat.shot("consent-waiting")
    expect(agree).to_be_enabled(timeout=15_000)
    chat.shot("consent-open")
    agree.click()
    expect(chat.answers.last).to_contain_text("验证码", timeout=15_000)
    sent = httpx.get(f"{server.url}/demo/outbox", params={"to": PHONE}).json()[-1]["text"]
    assert "还款日改为每月20日" in sent
    chat.say(re.findall(r"\d{6}", sent)[0])
    document = chat.log.locator(".document").last
    expect(document).to_be_visible(timeout=15_000)
    chat.shot("in-force")
    links = [str(one.get_attribute("href")) for one in document.get_by_role("link").all()]
    paths = [re.sub("^https?://[^/]+", "", one) for one in links]
    page = httpx.get(server.url + paths[0])
    assert page.status_code == 200
    assert "还款安排确认书" in page.text
    pdf = httpx.get(server.url + paths[1], timeout=60)
    assert pdf.content.startswith(b"%PDF-")
    chat.say("撤回方案")
    expect(chat.answers.last).to_contain_text("要撤回")
    chat.say("是的")
    expect(chat.answers.last).to_contain_text("恢复了原来的还款计划")


def test_consent_typed_too_early_is_refused_by_the_server(visit: Visit) -> None:
    chat = visit("phone").login("王小明")
    compared(chat, "我想改还款日", "20号")
    chat.log.get_by_role("button", name="选A").click()
    expect(chat.log.locator(".consent").last).to_be_visible()
    chat.say("同意")
    expect(chat.answers.last).to_contain_text("请再看")
    chat.say("不办了")
    expect(chat.answers.last).to_contain_text("原来的计划不变")


def test_a_paper_is_added_and_a_bad_one_named(visit: Visit) -> None:
    chat = visit("phone").login("吴芳")
    compared(chat, "工资降了，想协商还款", "看方案")
    chosen = chat.log.locator(".option", has_text="需要同事批准").first
    chosen.get_by_role("button").click()
    upload = chat.log.locator(".upload").last
    expect(upload).to_be_visible(timeout=15_000)
    picker = upload.locator("input[type=file]")
    picker.set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"hello"})
    expect(upload.get_by_role("status")).to_contain_text("只能收 PDF")
    assert all("400" in one for one in chat.errors)  # the browser itself notes the refusal; nothing else went wrong
    chat.errors.clear()
    made = io.BytesIO()
    Image.new("RGB", (60, 60), "white").save(made, "PNG")
    picker.set_input_files({"name": "工资.png", "mimeType": "image/png", "buffer": made.getvalue()})
    expect(upload.get_by_role("status")).to_contain_text("已收到：工资.png")
    chat.shot("upload")
