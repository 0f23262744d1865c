"""A borrower talks: figures, cards, choices, history, identity."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DIST
from tests.browser.screens import Chat
from tests.processes import Server

Visit = Callable[..., Chat]
both = pytest.mark.parametrize("screen", ["phone", "desk"])


@pytest.mark.parametrize(
    "screen, name, figure", [("phone", "王小明", r"¥5,3\d\d\.\d\d"), ("desk", "孙丽", r"¥4\d\d\.00")]
)
def test_borrower_asks_and_gets_the_figure(visit: Visit, screen: str, name: str, figure: str) -> None:
    chat = visit(screen).login(name)
    chat.say("本期应还多少")
    chat.answered("本期应还多少")
    expect(chat.answers.last).to_contain_text(re.compile(figure))
    expect(chat.log.locator(".delivery.sent")).to_have_count(1)
    chat.shot("answer")


@both
def test_schedule_is_a_table_that_unfolds(visit: Visit, screen: str) -> None:
    chat = visit(screen).login("王小明")
    chat.say("看一下还款计划")
    table = chat.log.get_by_role("table").last
    expect(table.get_by_role("row")).to_have_count(7)
    chat.shot("schedule")
    chat.log.get_by_role("button", name="显示全部 24 行").last.click()
    expect(table.get_by_role("row")).to_have_count(25)
    chat.shot("schedule-all")


def test_choices_are_taken_by_tapping_and_then_closed(visit: Visit) -> None:
    chat = visit().login("赵强")
    chat.say("本期应还多少")
    choice = chat.log.locator("button.choice:enabled")
    expect(choice).to_have_count(3)
    expect(chat.quick).to_have_count(0)  # the card says it; chips would say it again
    assert chat.serious() == []
    chat.shot("choices")
    choice.nth(1).click()
    expect(chat.answers.last).to_contain_text("¥31,")
    expect(choice).to_have_count(0)


@both
def test_quick_replies_are_offered_until_something_is_said(visit: Visit, screen: str) -> None:
    chat = visit(screen).open()
    expect(chat.answers).to_contain_text("AI 助手")  # the server opens the conversation
    expect(chat.quick.first).to_be_visible()
    chat.shot("greeting")
    words = chat.quick.first.inner_text()
    chat.quick.first.click()
    chat.answered(words)


def test_history_is_there_after_a_reload(visit: Visit) -> None:
    chat = visit().login("李静")
    chat.say("逾期几天了")
    chat.answered("逾期几天了")
    before = chat.log.inner_text()
    chat.goto()
    chat.open()
    chat.answered("逾期几天了")
    assert chat.log.inner_text() == before


def test_unproven_session_of_the_same_customer_sees_what_is_hidden_only_as_hidden(visit: Visit) -> None:
    first = visit().login("吴芳")
    first.say("我还欠多少")
    first.answered("我还欠多少")
    expect(first.answers.last).to_contain_text("¥")
    second = visit("desk").login("吴芳", acr="1")
    expect(second.log.locator(".bubble.hidden").first).to_have_text("验证后可见")
    expect(second.log).not_to_contain_text("¥")
    expect(second.quick.filter(has_text="验证身份")).to_be_visible()
    second.shot("hidden")
    second.login("吴芳", acr="2")
    expect(second.log).to_contain_text("¥")


def test_login_in_chat_never_shows_the_code(visit: Visit, server: Server) -> None:
    chat = visit("desk").open()
    chat.say("我要验证身份")
    chat.answered("我要验证身份")
    chat.say("13800000003")
    expect(chat.answers).to_have_count(3)  # the greeting too
    chat.say("0033")
    expect(chat.answers).to_have_count(4)
    texts = httpx.get(f"{server.url}/demo/outbox", params={"to": "13800000003"}).json()
    found = re.search(r"\d{6}", texts[-1]["text"])
    assert found is not None
    chat.page.locator("#number").fill("13800000003")
    chat.page.get_by_role("button", name="查看短信").click()
    expect(chat.page.locator("#texts")).to_contain_text(found.group())
    chat.say(found.group())
    expect(chat.page.locator("daihou-widget .level")).to_have_class("level level-2")
    expect(chat.log).not_to_contain_text(found.group())


def test_person_is_one_tap_away(visit: Visit) -> None:
    chat = visit().open()
    chat.page.get_by_role("button", name="转人工").click()
    chat.answered("人工")
    expect(chat.page.get_by_role("button", name="转人工")).to_be_visible()


def test_assistant_says_that_it_is_one(visit: Visit) -> None:
    chat = visit().open()
    expect(chat.page.locator("daihou-widget .ai")).to_have_text("AI 助手")


def test_markup_is_shown_as_text(visit: Visit) -> None:
    chat = visit().open()
    words = "<img src=x onerror=\"document.title='owned'\"><b>粗</b> javascript:alert(1)"
    chat.say(words)
    chat.answered("<img src=x")
    expect(chat.log.locator("img, b, a")).to_have_count(0)
    assert "owned" not in chat.page.title()


def test_guest_begins_as_a_stranger(visit: Visit) -> None:
    chat = visit("desk").login("王小明")
    chat.say("本期应还多少")
    chat.answered("本期应还多少")
    chat.page.locator("#who").click()
    chat.page.locator("#guest").click()
    expect(chat.page.locator("daihou-widget .level")).to_have_class("level level-0")
    expect(chat.said).to_have_count(0)


def test_page_tasks_open_the_chat_and_ask(visit: Visit) -> None:
    chat = visit()
    chat.page.locator("[data-say=hard]").click()
    chat.answered("最近还款有困难")


def test_widget_keeps_its_budget() -> None:
    sizes = {
        path.name: len(gzip.compress(path.read_bytes(), 9)) for path in (DIST / "widget.js", DIST / "assets/widget.css")
    }
    assert sum(sizes.values()) <= 40_000, sizes
