"""The launcher and its events, /chat, voice, read marks, ratings, queue, the saved conversation, large type and contrast."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from bot.app import build
from bot.lending.authority import Actor
from bot.settings import Settings
from tests.browser.screens import Chat
from tests.processes import Server

Visit = Callable[..., Chat]
both = pytest.mark.parametrize("screen", ["phone", "desk"])
SETTINGS = "显示设置和保存对话"
EVENTS = """() => { window.heard = [];
  for (const name of ['ready','open','close','unread','message','identity','language','error'])
    window.addEventListener('daihou:' + name, (event) => window.heard.push([name, event.detail])); }"""
VOICE = """() => {
  window.SpeechRecognition = class {
    start() { window.voice = this; }
    stop() { this.onend(); }
    abort() {}
  };
}"""


class ChatPage(Chat):
    """/chat instead of the demo page."""

    path = "/chat"

    def goto(self) -> None:
        self.page.goto(self.url + self.path)
        expect(self.field).to_be_visible()


@pytest.fixture
def chat_page(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Chat]:
    """Like `visit`, of /chat with a query or fragment."""

    def open_page(screen: str = "phone", path: str = "/chat", **options: Any) -> Chat:
        monkeypatch.setattr(ChatPage, "path", path)
        monkeypatch.setattr("tests.browser.conftest.Chat", ChatPage)
        return visit(screen, **options)

    return open_page


def token(server: Server, customer: str, acr: str = "2") -> str:
    return str(httpx.post(f"{server.url}/demo/login", json={"customer_id": customer, "acr": acr}).json()["token"])


def heard(chat: Chat) -> list[list[Any]]:
    return list(chat.page.evaluate("window.heard"))


def scripts(chat: Chat) -> list[str]:
    return [address for address in chat.requests if re.search(r"/assets/widget-[\w-]+\.js$", address)]


# -- the launcher


def test_page_loads_only_the_launcher_until_it_is_opened(visit: Visit) -> None:
    chat = visit("phone")
    expect(chat.launcher).to_be_visible()
    chat.page.wait_for_load_state("networkidle")
    assert scripts(chat) == []
    assert not [address for address in chat.requests if "/web/" in address]
    chat.open()
    assert len(scripts(chat)) == 1


def test_core_is_fetched_in_an_idle_moment_where_there_is_a_conversation_and_counts_what_is_unread(
    visit: Visit, server: Server
) -> None:
    chat = visit("phone").open()
    chat.say("你好")
    chat.answered("你好")
    chat.close()
    chat.page.goto("about:blank")
    session = chat.page.context.storage_state()["origins"][0]["localStorage"]
    mine = next(one["value"] for one in session if one["name"].startswith("daihou.session"))
    said = {"session": mine, "client_msg_id": "elsewhere", "text": "谢谢"}
    assert httpx.post(f"{server.url}/web/messages", json=said).status_code == 202
    chat.goto()
    expect(chat.launcher.locator("b")).to_have_text("1")
    expect(chat.launcher).to_have_attribute("aria-label", "在线客服，1 条新消息")
    chat.open()
    chat.close()
    expect(chat.launcher.locator("b")).to_be_hidden()
    chat.goto()
    chat.page.wait_for_timeout(1500)
    expect(chat.launcher.locator("b")).to_be_hidden()


def test_core_that_does_not_come_is_said_and_tried_again(visit: Visit) -> None:
    chat = visit("phone", before=lambda page: page.route("**/assets/widget-*.js", lambda route: route.abort()))
    chat.page.evaluate(EVENTS)
    chat.launcher.click()
    expect(chat.launcher).to_have_text("没有打开，请再点一次")
    assert ["error", {"code": "load"}] in heard(chat)
    chat.page.unroute("**/assets/widget-*.js")
    chat.open()


def test_host_page_is_told_of_everything_but_the_words(visit: Visit) -> None:
    chat = visit("phone")
    chat.page.evaluate(EVENTS)
    chat.open()
    chat.say("我的秘密")
    chat.answered("我的秘密")
    chat.login("王小明")
    for language in ("en", "zh-CN"):  # the second for the tests that follow: a choice is the customer's
        with chat.page.expect_response("**/web/preferences"):
            chat.page.locator("daihou-widget select").select_option(language)
    chat.close()
    told = heard(chat)
    assert {name for name, _ in told} >= {"open", "message", "identity", "language", "close"}
    assert ["identity", {"level": 2}] in told
    assert ["language", "en"] in told
    assert {frozenset(detail) for name, detail in told if name == "message"} == {frozenset({"seq", "from", "at"})}
    assert "秘密" not in json.dumps(told, ensure_ascii=False)


def test_api_hears_events_until_it_is_told_to_stop(visit: Visit) -> None:
    chat = visit("phone")
    chat.page.evaluate("() => { window.count = 0; window.stop = Daihou.on('open', () => window.count++) }")
    chat.page.evaluate("Daihou.open()")
    expect(chat.field).to_be_visible()
    chat.page.evaluate("() => { Daihou.close(); window.stop(); Daihou.open() }")
    expect(chat.field).to_be_visible()
    assert chat.page.evaluate("window.count") == 1


STRICT = "default-src 'none'; script-src 'nonce-abc'; style-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types daihou"
HOST = '<!doctype html><html lang="zh"><title>x</title><body><main><h1>x</h1><div id="who">x</div></main><script nonce="abc" src="/widget.js"></script></body></html>'


def strict(page: Page) -> None:
    """The demo page's place is taken by a page with nonces and Trusted Types."""
    headers = {"Content-Security-Policy": STRICT, "Content-Type": "text/html"}
    page.route(re.compile(r"//[^/]+/$"), lambda route: route.fulfill(headers=headers, body=HOST))


def test_widget_works_under_a_policy_of_nonces_and_trusted_types(visit: Visit) -> None:
    chat = visit("phone", before=strict).open()
    chat.say("你好")
    chat.answered("你好")


# -- /chat


@both
def test_chat_is_the_whole_page(chat_page: Visit, screen: str) -> None:
    chat = chat_page(screen)
    expect(chat.answers.first).to_contain_text("AI 助手")
    expect(chat.launcher).to_have_count(0)
    expect(chat.page.get_by_role("main")).to_have_count(1)
    expect(chat.page.get_by_role("button", name="收起对话")).to_have_count(0)
    chat.page.keyboard.press("Escape")
    expect(chat.field).to_be_visible()
    width, height = chat.page.viewport_size["width"], chat.page.viewport_size["height"]  # type: ignore[index]
    box = chat.page.get_by_role("main").bounding_box()
    assert box is not None
    assert (box["y"], box["height"], box["width"]) == (0, height, min(width, 820))
    chat.say("你好")
    chat.answered("你好")
    assert chat.serious() == []
    chat.shot("chat-page")


def test_token_of_the_fragment_is_taken_once_and_removed(chat_page: Visit, server: Server) -> None:
    chat = chat_page(path=f"/chat?lang=zh-CN#token={token(server, 'C1001')}")
    level = chat.page.locator("daihou-widget .level")
    expect(level).to_have_class("level level-2")
    assert chat.page.url == f"{server.url}/chat?lang=zh-CN"
    chat.page.reload()
    expect(level).to_have_class("level level-2")  # by the session, not by the token
    chat.page.evaluate("token => { location.hash = 'token=' + token }", token(server, "C1002", "1"))
    expect(level).to_have_class("level level-1")
    assert "token" not in chat.page.url
    assert not [address for address in chat.requests if "token=" in address.split("#")[0]]


def test_language_of_the_address_and_then_the_borrowers_own(chat_page: Visit) -> None:
    chat = chat_page(path="/chat?lang=en")
    expect(chat.answers.first).to_contain_text("I am the AI assistant")
    expect(chat.field).to_have_attribute("aria-label", "Your message")
    chat.page.locator("daihou-widget select").select_option("zh-TW")
    expect(chat.page.locator("html")).to_have_attribute("lang", "zh-TW")
    chat.page.reload()
    expect(chat.page.locator("daihou-widget .ai")).to_have_text("AI 助理")


def test_opening_is_in_the_page_before_any_script(browser: Browser, server: Server) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{server.url}/chat?lang=zh-TW")
    expect(page.locator("#greeting")).to_contain_text("示例消費金融")
    expect(page.locator(".note")).to_be_visible()
    page.context.close()


def test_chat_and_its_files_are_cached_as_they_may_be(server: Server) -> None:
    with httpx.Client(base_url=server.url) as http:
        page = http.get("/chat", headers={"Accept-Language": "zh-HK"})
        assert "zh-TW" in page.text
        assert page.headers["content-encoding"] == "gzip"
        assert "'unsafe" not in page.headers["content-security-policy"]
        again = http.get("/chat", headers={"Accept-Language": "zh-HK", "If-None-Match": page.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        for name in re.findall(r'(?:src|href)="(/[^"]*)"', page.text):
            assert "immutable" in http.get(name).headers["cache-control"]
        launcher = http.get("/widget.js")
        assert launcher.headers["cache-control"] == "no-cache"
        assert http.get("/widget.js", headers={"If-None-Match": launcher.headers["etag"]}).status_code == 304
        plain = http.get("/widget.js", headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.content == launcher.content


# -- voice


def test_voice_lands_in_the_composer_and_is_never_sent_by_itself(chat_page: Visit) -> None:
    chat = chat_page(before=lambda page: page.add_init_script(f"({VOICE})()"))
    chat.field.fill("我想")
    chat.page.get_by_role("button", name="语音输入").click()
    expect(chat.page.get_by_role("button", name="停止语音输入")).to_have_attribute("aria-pressed", "true")
    chat.page.evaluate("window.voice.onresult({results: [[{transcript: '问本期'}]]})")
    expect(chat.field).to_have_value("我想问本期")
    chat.page.evaluate("window.voice.onresult({results: [[{transcript: '问本期应还'}]]})")
    chat.shot("voice")
    chat.page.get_by_role("button", name="停止语音输入").click()
    expect(chat.field).to_have_value("我想问本期应还")
    expect(chat.page.locator("daihou-widget .told")).to_contain_text("文字不会自动发送")
    expect(chat.said).to_have_count(0)
    assert chat.page.evaluate("window.voice.lang") == "zh-CN"
    chat.field.fill("我想问本期应还多少")
    chat.field.press("Enter")
    expect(chat.mine("我想问本期应还多少")).to_have_count(1)


def test_voice_that_is_forbidden_says_so(chat_page: Visit) -> None:
    chat = chat_page(before=lambda page: page.add_init_script(f"({VOICE})()"))
    chat.page.get_by_role("button", name="语音输入").click()
    chat.page.evaluate("() => { window.voice.onerror({error: 'not-allowed'}); window.voice.onend() }")
    expect(chat.page.locator("daihou-widget .told")).to_contain_text("没有麦克风权限")


def test_voice_is_hidden_where_the_browser_has_none(chat_page: Visit) -> None:
    gone = "delete window.SpeechRecognition; delete window.webkitSpeechRecognition"
    chat = chat_page(before=lambda page: page.add_init_script(gone))
    expect(chat.page.locator("daihou-widget .voice")).to_have_count(0)


# -- marks and ratings


def test_message_is_delivered_then_read(chat_page: Visit) -> None:
    chat = chat_page()
    chat.say("你好")
    expect(chat.log.locator(".delivery.sent")).to_have_text("已读")


def test_answer_is_rated_changed_and_remembered_and_a_person_is_one_tap_away(chat_page: Visit) -> None:
    chat = chat_page()
    chat.say("你好")
    chat.answered("你好")
    up = chat.log.get_by_role("button", name="有帮助", exact=True)
    down = chat.log.get_by_role("button", name="没有帮助")
    up.click()
    expect(up).to_have_attribute("aria-pressed", "true")
    down.click()
    expect(up).to_have_attribute("aria-pressed", "false")
    expect(down).to_have_attribute("aria-pressed", "true")
    chat.shot("rated")
    chat.page.wait_for_timeout(300)
    chat.page.reload()
    expect(down).to_have_attribute("aria-pressed", "true")
    chat.log.get_by_role("button", name="找人工").click()
    chat.answered("人工")


def test_rating_that_cannot_be_stored_holds_nothing_up(chat_page: Visit) -> None:
    chat = chat_page(before=lambda page: page.route("**/web/ratings", lambda route: route.abort()))
    chat.say("你好")
    chat.answered("你好")
    up = chat.log.get_by_role("button", name="有帮助", exact=True)
    up.click()
    expect(up).to_have_attribute("aria-pressed", "false")
    chat.say("谢谢")
    chat.answered("谢谢")


# -- looks and the own copy


def settle(chat: Chat, *names: str) -> None:
    chat.page.get_by_role("button", name=SETTINGS).click()
    for name in names:
        chat.page.get_by_role("switch", name=name).click()
        expect(chat.page.get_by_role("switch", name=name)).to_have_attribute("aria-checked", "true")


@both
def test_large_type_and_contrast_are_readable_and_remembered(chat_page: Visit, server: Server, screen: str) -> None:
    customer = {"phone": "C1005", "desk": "C1006"}[screen]  # what was chosen stays with the customer
    chat = chat_page(screen, path=f"/chat#token={token(server, customer)}")
    chat.say("看一下还款计划")
    chat.answered("看一下还款计划")
    size = "() => parseFloat(getComputedStyle(document.querySelector('daihou-widget').shadowRoot.querySelector('.bubble')).fontSize)"
    before = chat.page.evaluate(size)
    assert chat.serious() == []
    settle(chat, "大字")
    assert chat.page.evaluate(size) == pytest.approx(before * 1.3)
    assert chat.serious() == []
    chat.page.get_by_role("switch", name="高对比度").click()
    assert chat.serious() == []
    chat.page.get_by_role("button", name=SETTINGS).click()
    chat.shot("large-contrast")
    wide = """() => [...document.querySelector('daihou-widget').shadowRoot.querySelectorAll('.scroll, .card, .bubble, header')]
      .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.className || one.tagName)"""
    assert chat.page.evaluate(wide) == []
    chat.page.reload()
    expect(chat.page.locator("daihou-widget .root")).to_have_class("root page large contrast")


def test_contrast_alone_has_no_serious_finding(chat_page: Visit) -> None:
    chat = chat_page("desk")
    chat.say("你好")
    chat.answered("你好")
    settle(chat, "高对比度")
    assert chat.serious() == []


def test_large_type_follows_the_customer_to_another_browser_and_the_chats_own_words(
    chat_page: Visit, server: Server
) -> None:
    first = chat_page(path=f"/chat#token={token(server, 'C1008')}")
    settle(first, "大字")
    first.page.wait_for_timeout(300)
    second = chat_page("desk", path=f"/chat#token={token(server, 'C1008')}")
    root = second.page.locator("daihou-widget .root")
    expect(root).to_have_class(re.compile("large"))
    second.say("正常字体")
    expect(root).not_to_have_class(re.compile("large"))


@pytest.mark.parametrize("kind, button", [("html", "网页文件"), ("txt", "文本文件")])
def test_conversation_is_saved_as_a_file(chat_page: Visit, server: Server, kind: str, button: str) -> None:
    chat = chat_page(path=f"/chat#token={token(server, 'C1001')}")
    chat.say("本期应还多少")
    chat.answered("本期应还多少")
    chat.page.get_by_role("button", name=SETTINGS).click()
    with chat.page.expect_download() as waiting:
        chat.page.get_by_role("button", name=button).click()
    assert waiting.value.suggested_filename.endswith(f".{kind}")
    saved = Path(waiting.value.path()).read_text(encoding="utf-8")
    assert "本期应还多少" in saved
    assert "¥" in saved
    expect(chat.page.get_by_text("已保存到您的设备")).to_be_visible()


def test_saving_that_fails_says_so(chat_page: Visit) -> None:
    chat = chat_page(before=lambda page: page.route("**/web/export*", lambda route: route.abort()))
    chat.page.get_by_role("button", name=SETTINGS).click()
    chat.page.get_by_role("button", name="文本文件").click()
    expect(chat.page.get_by_text("没有保存成功")).to_be_visible()


# -- the queue


def staffed(server: Server, folder: Path) -> Actor:
    """One agent, online, who takes one conversation at a time."""
    services = build(Settings(demo=True, database_url=server.env["DATABASE_URL"], var_dir=folder))
    services.staff.put("lin", "agent", name="小林", skills=["service"], languages=["zh", "en"], capacity=1)
    lin = Actor("lin", "agent")
    with services.database.write() as connection:
        services.desk.agents.set_status(connection, lin, "online", services.wall.now())
    services.close()
    return lin


def test_place_in_the_queue_is_shown_as_it_changes(chat_page: Visit, echo: Server, tmp_path: Path) -> None:
    staffed(echo, tmp_path)
    with httpx.Client(base_url=echo.url) as http:
        for number in ("first", "second"):
            session = http.post("/web/session").json()["session"]
            http.post("/web/messages", json={"session": session, "client_msg_id": number, "text": "叫人"})
    chat = chat_page(url=echo.url)
    chat.say("叫人")
    queue = chat.page.locator("daihou-widget .queue")
    expect(queue).to_contain_text(re.compile("您排在第 [23] 位|下一位就是您"))
    expect(queue).to_contain_text("位置会保留")
    expect(chat.log.locator(".delivery.sent").last).to_have_text("已读")
    chat.say("我的账单不对")
    expect(chat.mine("我的账单不对").locator(".delivery.sent")).to_have_text("已送达")  # nobody has it on the page yet
    assert chat.serious() == []
    chat.shot("queue")
