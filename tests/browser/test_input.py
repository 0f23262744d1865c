"""Writing Chinese, the keyboard alone, and three languages."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.screens import Chat

Visit = Callable[..., Chat]


def test_enter_inside_a_composition_does_not_send(visit: Visit) -> None:
    chat = visit("desk").open()
    ime = chat.context.new_cdp_session(chat.page)
    chat.field.focus()
    ime.send("Input.imeSetComposition", {"text": "ben'qi", "selectionStart": 6, "selectionEnd": 6})
    for kind in ("rawKeyDown", "keyUp"):
        ime.send(
            "Input.dispatchKeyEvent", {"type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
        )
    ime.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Enter", "windowsVirtualKeyCode": 13})
    expect(chat.said).to_have_count(0)
    ime.send("Input.insertText", {"text": "本期应还多少"})
    ime.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Enter", "windowsVirtualKeyCode": 13})
    expect(chat.said).to_have_count(0)  # Safari's late Enter
    expect(chat.field).to_have_value("本期应还多少")
    chat.page.wait_for_timeout(150)
    chat.field.press("Enter")
    expect(chat.mine("本期应还多少")).to_have_count(1)
    expect(chat.field).to_have_value("")


def test_shift_enter_breaks_the_line(visit: Visit) -> None:
    chat = visit("desk").open()
    chat.field.fill("第一行")
    chat.field.press("Shift+Enter")
    chat.field.press_sequentially("第二行")
    expect(chat.field).to_have_value("第一行\n第二行")
    expect(chat.said).to_have_count(0)


def test_everything_works_by_keyboard_alone(visit: Visit) -> None:
    chat = visit("desk", viewport={"width": 860, "height": 900})  # not wide enough to open by itself
    keyboard = chat.page.keyboard
    focused = "() => { const e = document.activeElement; return (e.shadowRoot?.activeElement ?? e).className }"
    for _ in range(30):
        if chat.page.evaluate(focused) == "launcher":
            break
        keyboard.press("Tab")
    keyboard.press("Enter")
    expect(chat.field).to_be_focused()
    keyboard.type("你好")
    keyboard.press("Enter")
    expect(chat.quick.first).to_be_visible()
    expect(chat.field).to_be_focused()
    keyboard.press("Shift+Tab")
    expect(chat.quick.last).to_be_focused()
    words = chat.quick.last.inner_text()
    keyboard.press("Enter")
    chat.answered(words)
    keyboard.press("Escape")
    expect(chat.launcher).to_be_focused()


def test_focus_stays_inside_on_a_phone(visit: Visit) -> None:
    chat = visit()
    chat.open()
    seen = set()
    for _ in range(20):
        chat.page.keyboard.press("Tab")
        seen.add(chat.page.evaluate("document.activeElement.tagName"))
    assert seen == {"DAIHOU-WIDGET"}


def test_words_stay_when_a_suggestion_is_tapped(visit: Visit) -> None:
    chat = visit().open()
    chat.say("你好")
    expect(chat.quick.first).to_be_visible()
    chat.field.fill("还没写完")
    chat.quick.first.click()
    expect(chat.field).to_have_value("还没写完")


def test_language_is_switched_and_kept(visit: Visit) -> None:
    chat = visit("desk").open()
    select = chat.page.locator("daihou-widget select")
    select.select_option("zh-TW")
    expect(chat.page.locator("daihou-widget .ai")).to_have_text("AI 助理")
    expect(chat.page.locator("h1")).to_contain_text("隨時問清楚")
    chat.shot("traditional")
    select.select_option("en")
    expect(chat.page.get_by_role("button", name="Talk to a person")).to_be_visible()
    chat.shot("english")
    chat.goto()
    chat.open()
    expect(chat.page.locator("daihou-widget .root")).to_have_attribute("lang", "en")
    expect(chat.field).to_have_attribute("aria-label", "Your message")


def test_browser_language_decides_at_first(visit: Visit) -> None:
    chat = visit("phone", locale="zh-HK")
    expect(chat.launcher).to_have_text("線上客服")
