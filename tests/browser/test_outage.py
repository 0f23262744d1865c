"""What a bad network may not break: nothing is lost, nothing is said twice, and the borrower knows."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from playwright.sync_api import TimeoutError, WebSocketRoute, expect

from tests.browser.screens import Chat
from tests.processes import Server
from tests.proxy import Proxy

Visit = Callable[..., Chat]


def test_message_written_during_an_outage_is_sent_once_afterwards(visit: Visit, proxy: Proxy) -> None:
    chat = visit(url=proxy.url).open()
    chat.say("你好")
    chat.answered("你好")
    proxy.down()
    chat.say("怎么还款")
    chat.say("有哪些方式")
    expect(chat.banner).to_contain_text("正在重新连接")
    expect(chat.log.locator(".delivery.waiting")).to_have_count(2)
    chat.shot("reconnecting")
    retry = chat.page.get_by_role("button", name="马上重试")
    expect(retry).to_be_visible()
    proxy.up = True
    with suppress(TimeoutError):  # the page may have reconnected by itself just before, and the button is gone
        retry.click(timeout=2_000)
    chat.answered("怎么还款")
    chat.answered("有哪些方式")
    expect(chat.banner).to_have_text("")
    mine = chat.said.locator(".bubble").all_inner_texts()
    assert [words.splitlines()[-1] for words in mine] == ["你好", "怎么还款", "有哪些方式"]


def test_unsent_message_survives_a_reload(visit: Visit, proxy: Proxy) -> None:
    chat = visit(url=proxy.url).open()
    chat.say("你好")
    chat.answered("你好")
    proxy.refused = (b"/web/",)
    proxy.drop()
    chat.say("月底还可以吗")
    expect(chat.log.locator(".delivery.waiting")).to_have_count(1)
    chat.goto()
    chat.open()
    expect(chat.mine("月底还可以吗").locator(".delivery.waiting")).to_have_count(1)
    proxy.refused = ()
    chat.answered("月底还可以吗")
    expect(chat.mine("你好")).to_have_count(1)


def test_unsent_message_leaves_after_a_reload_even_if_the_chat_stays_closed(visit: Visit, proxy: Proxy) -> None:
    chat = visit(url=proxy.url).open()
    proxy.refused = (b"/web/",)
    proxy.drop()
    chat.say("怎么还款")
    expect(chat.log.locator(".delivery.waiting")).to_have_count(1)
    proxy.refused = ()
    chat.goto()
    expect(chat.launcher.locator("b")).to_be_visible()  # unread: the answer is there
    chat.open()
    chat.answered("怎么还款")
    expect(chat.launcher).to_have_count(0)


def test_offline_browser_says_so_at_once(visit: Visit) -> None:
    chat = visit("desk").open()
    chat.say("你好")
    chat.answered("你好")
    chat.context.set_offline(True)
    expect(chat.banner).to_contain_text("网络断开了")
    chat.say("怎么还款")
    expect(chat.mine("怎么还款").locator(".delivery")).to_have_text("已存好，连上后自动发送")
    chat.shot("offline")
    chat.context.set_offline(False)
    chat.answered("怎么还款")


def test_swallowed_message_shows_as_sending_until_it_is_through(visit: Visit, proxy: Proxy) -> None:
    chat = visit(url=proxy.url).open()
    chat.say("你好")
    chat.answered("你好")
    proxy.freeze()
    chat.say("怎么还款")
    expect(chat.mine("怎么还款").locator(".delivery")).to_have_text("发送中")
    proxy.thaw()
    chat.answered("怎么还款")


def test_killed_server_loses_and_repeats_nothing(visit: Visit, echo: Server) -> None:
    chat = visit("desk", url=echo.url).open()
    chat.say("第一句")
    chat.answered("第一句")
    echo.kill()
    chat.say("第二句")
    expect(chat.log.locator(".delivery.waiting")).to_have_count(1)
    echo.start()
    chat.answered("第二句")
    chat.say("第三句")
    chat.answered("第三句")
    expect(chat.answers).to_have_count(4)  # the greeting too


def test_where_websockets_are_blocked_the_poll_carries_on(visit: Visit, proxy: Proxy) -> None:
    proxy.refused = (b"/web/ws",)
    chat = visit(url=proxy.url).login("王小明")
    chat.say("本期应还多少")
    chat.answered("本期应还多少")
    expect(chat.answers.last).to_contain_text("¥")
    assert any(line.startswith(b"GET /web/messages") for line in proxy.seen)
    assert any(line.startswith(b"POST /web/messages") for line in proxy.seen)


def test_refused_message_shows_the_servers_words_and_can_be_edited(visit: Visit) -> None:
    def refuse(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def from_page(frame: str | bytes) -> None:
            if b'"say"' in (frame if isinstance(frame, bytes) else frame.encode()):
                message_id = str(frame).split('"client_msg_id":"')[1].split('"')[0]
                route.send(
                    f'{{"type":"refused","client_msg_id":"{message_id}","code":"bad_value","text":"这条消息不能发送"}}'
                )
            else:
                server.send(frame)

        route.on_message(from_page)

    chat = visit(before=lambda page: page.route_web_socket("**/web/ws", refuse)).open()
    chat.say("写错了的话")
    failed = chat.log.locator(".delivery.failed")
    expect(failed).to_contain_text("这条消息不能发送")
    chat.shot("refused")
    failed.get_by_role("button", name="修改").click()
    expect(chat.field).to_have_value("写错了的话")
    expect(chat.said).to_have_count(0)
