"""For everybody: axe, small screens, less motion."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.screens import AXE, Chat

Visit = Callable[..., Chat]


@pytest.fixture(autouse=True)
def axe() -> None:
    assert AXE.is_file(), "axe-core is missing: rm -r bot/web/dist, then make pages"


@pytest.mark.parametrize("screen", ["phone", "desk"])
def test_axe_finds_nothing_serious(visit: Visit, screen: str) -> None:
    chat = visit(screen)
    assert chat.serious() == []
    chat.shot("page")
    chat.page.locator("#who").click()
    chat.shot("menu")
    assert chat.serious() == []
    chat.close()
    chat.open()
    chat.shot("welcome")
    assert chat.serious() == []
    chat.say("你好")
    expect(chat.quick.first).to_be_visible()
    assert chat.serious() == []
    chat.login("吴芳")
    chat.say("这期账单明细")
    expect(chat.log.get_by_role("table").last).to_be_visible()
    assert chat.serious() == []


def test_axe_finds_nothing_serious_offline(visit: Visit) -> None:
    chat = visit().open()
    chat.context.set_offline(True)
    chat.say("怎么还款")
    expect(chat.banner).to_contain_text("网络断开了")
    assert chat.serious() == []
    chat.context.set_offline(False)


def test_nothing_is_cut_off_at_360_pixels(visit: Visit) -> None:
    chat = visit("phone", viewport={"width": 360, "height": 640}).login("李静")
    chat.say("这期账单明细")
    expect(chat.log.get_by_role("table").last).to_be_visible()
    inside = "e => e.scrollWidth <= e.clientWidth"
    assert chat.log.evaluate(inside)
    assert chat.page.locator("daihou-widget header").evaluate(inside)
    assert chat.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    chat.shot("small")


def test_last_words_stay_in_sight_when_the_keyboard_comes_up(visit: Visit) -> None:
    chat = visit().open()
    for text in ("你好", "怎么还款", "逾期有什么影响"):
        chat.say(text)
        chat.answered(text)
    chat.page.set_viewport_size({"width": 390, "height": 480})
    expect(chat.answers.last).to_be_in_viewport()
    expect(chat.field).to_be_in_viewport(ratio=1)


def test_less_motion_is_respected(visit: Visit) -> None:
    chat = visit("phone", reduced_motion="reduce").open()
    assert chat.page.locator("daihou-widget .panel").evaluate("e => getComputedStyle(e).animationName") == "none"


def test_log_is_a_live_region_with_a_name(visit: Visit) -> None:
    chat = visit().open()
    expect(chat.log).to_have_attribute("aria-live", "polite")
    expect(chat.page.get_by_role("log", name="对话记录")).to_be_visible()
    expect(chat.page.get_by_role("dialog", name="贷后服务")).to_be_visible()
