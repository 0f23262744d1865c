"""The desk in a real browser beside the borrower's: from the bot to the queue, to a colleague, to a plan, and back."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, TimeoutError, expect

from tests.browser.screens import AXE, SCREENS, SHOTS, Chat
from tests.processes import Server

Visit = Callable[..., Chat]


@pytest.fixture(scope="module")
def desk_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One of its own: whoever is online at the desk changes what borrowers of other tests are told."""
    running = Server(tmp_path_factory.mktemp("desk"), real=True).start(wait=180)
    yield running
    running.stop()


class Agent:
    """One page of the desk."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context, self.url = context, url
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._console)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.talk = self.page.get_by_role("log")

    def _console(self, message: ConsoleMessage) -> None:
        """Refusals are part of these tests (nobody logged in yet, the guard); anything else is not."""
        if message.type == "error" and not re.search("status of 40[019]|net::ERR|WebSocket", message.text):
            self.errors.append(message.text)

    def login(self, name: str) -> Agent:
        self.page.goto(f"{self.url}/desk")
        bar = self.page.locator(".bar")
        for _ in range(4):  # a one-time code counts once: the third login in half a minute has to wait for the next
            self.page.get_by_role("button", name=re.compile(name)).click()
            with contextlib.suppress(TimeoutError):
                bar.wait_for(timeout=11_000)
                break
        expect(bar).to_be_visible()
        return self

    def take_next(self) -> Agent:
        self.page.get_by_role("button", name=re.compile("接下一位|Take next")).click()
        return self

    def select(self, name: str) -> Agent:
        self.page.locator(".inbox").get_by_role("button", name=re.compile(re.escape(name))).first.click()
        return self

    def say(self, text: str) -> None:
        self.page.get_by_label("回复客户").fill(text)
        self.page.get_by_label("回复客户").press("Enter")

    def close(self, outcome: str = "已解决") -> None:
        self.page.get_by_role("button", name=re.compile("^结束")).click()
        self.page.get_by_text(outcome, exact=True).click()
        self.page.get_by_role("button", name="结束并交回机器人").click()
        expect(self.page.get_by_role("dialog")).to_have_count(0)

    def serious(self) -> list[str]:
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{one['id']}: {[node['html'][:90] for node in one['nodes']][:3]}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]

    def shot(self, name: str, screen: str = "desk") -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(SHOTS / f"desk-{name}-{screen}.png"))


@pytest.fixture
def agent(browser: Browser, desk_server: Server) -> Iterator[Callable[..., Agent]]:
    opened: list[Agent] = []

    def open_desk(name: str, screen: str = "desk") -> Agent:
        context = browser.new_context(**SCREENS[screen])
        context.set_default_timeout(15_000)
        one = Agent(context, desk_server.url)
        opened.append(one)
        return one.login(name)

    yield open_desk
    for one in opened:
        one.page.get_by_role("button", name=re.compile("退出|Log out")).click()
        expect(one.page.locator(".login")).to_be_visible()
        one.context.close()
        assert one.errors == [], one.errors
        assert [address for address in one.requests if not address.startswith((one.url, "data:"))] == []


def test_from_the_bot_to_a_colleague_to_a_plan_and_back(
    visit: Visit, agent: Callable[..., Agent], desk_server: Server
) -> None:
    lin = agent("小林")
    borrower = visit("phone", url=desk_server.url).login("李静")
    borrower.say("我失业了，这个月还不上")
    borrower.answered("我失业了，这个月还不上")
    borrower.say("人工")
    expect(borrower.log).to_contain_text("客服小林已接入")
    row = lin.page.locator(".inbox").get_by_role("button", name=re.compile("李\\*"))
    expect(row).to_be_visible()
    row.click()
    file = lin.page.locator(".file")
    expect(file).to_contain_text("2 级")
    expect(file).to_contain_text("失业")
    expect(file).to_contain_text("逾期")
    lin.shot("file")
    assert lin.serious() == []

    lin.say("您好，失业的情况我看到了，我帮您算一个方案。")
    expect(borrower.log).to_contain_text("我帮您算一个方案")
    borrower.say("好的谢谢")
    expect(lin.talk).to_contain_text("好的谢谢")

    lin.page.get_by_role("tab", name=re.compile("方案")).click()
    lin.page.get_by_label("参数").fill("6")
    expect(lin.page.locator(".outcome")).to_contain_text("之后每期")
    lin.shot("plan")
    assert lin.serious() == []
    lin.page.get_by_role("button", name="提给客户").click()
    expect(lin.page.locator(".side")).to_contain_text(re.compile("已提出 HX-"))

    lin.close()
    expect(borrower.log).to_contain_text("同事已结束服务")
    expect(borrower.log).to_contain_text("请给这次人工服务打分")
    borrower.shot("survey")
    assert borrower.serious() == []
    survey = borrower.log.locator(".survey").last
    for question in ("及时 5", "方便 4", "专业 5"):
        survey.get_by_role("radio", name=question).check(force=True)
    survey.get_by_role("button", name="提交评分").click()
    expect(borrower.log).to_contain_text("谢谢")
    borrower.say("查看方案")
    borrower.answered("查看方案")
    assert "HX-" in borrower.log.inner_text()


def test_traditional_borrower_waits_with_choices_and_a_supervisor_sees_it(
    visit: Visit, agent: Callable[..., Agent], desk_server: Server
) -> None:
    boss = agent("王主管")
    boss.page.get_by_label("我的状态").select_option("busy")
    borrower = visit("phone", url=desk_server.url).login("陳大文")
    borrower.say("轉人工客服")
    expect(borrower.log).to_contain_text("第 1 位")
    expect(borrower.log).to_contain_text("無法估計")
    borrower.shot("queue")
    expect(boss.page.locator(".inbox")).to_contain_text("陳**")
    boss.page.get_by_role("button", name="总览").click()
    expect(boss.page.locator(".tiles")).to_contain_text("等候人数")
    expect(boss.page.locator(".tile").first).to_contain_text("1")
    boss.shot("overview")
    assert boss.serious() == []
    boss.page.get_by_role("button", name="会话").click()
    boss.take_next()
    boss.say("您好，我是主管。")
    expect(borrower.log).to_contain_text("我是主管")
    boss.close()


def test_the_guard_blocks_threats_and_warns_of_third_parties(
    visit: Visit, agent: Callable[..., Agent], desk_server: Server
) -> None:
    lin = agent("陈组长")
    borrower = visit("phone", url=desk_server.url).login("孙丽")
    borrower.say("转人工")
    expect(borrower.log).to_contain_text("已接入")
    lin.select("孙*")
    lin.say("再不还我们就起诉你")
    expect(lin.page.locator(".held.blocked")).to_contain_text("威胁")
    lin.shot("guard")
    expect(lin.page.get_by_label("回复客户")).to_have_value("再不还我们就起诉你")
    lin.say("我们会联系您的单位核实地址")
    expect(lin.page.locator(".held")).to_contain_text("第三人")
    lin.page.get_by_role("button", name="仍要发送").click()
    expect(borrower.log).to_contain_text("核实地址")
    assert "起诉" not in borrower.log.inner_text()
    lin.close("未解决")


def test_a_break_loses_nothing_and_doubles_nothing(
    visit: Visit, agent: Callable[..., Agent], desk_server: Server
) -> None:
    lin = agent("小林")
    borrower = visit("phone", url=desk_server.url).login("周杰")
    borrower.say("人工")
    expect(borrower.log).to_contain_text("已接入")
    lin.select("周*")
    lin.say("第一句")
    expect(borrower.log).to_contain_text("第一句")
    lin.context.set_offline(True)
    borrower.say("断线时说的话")
    borrower.page.wait_for_timeout(500)
    lin.say("断线时写的话")
    expect(lin.talk).to_contain_text("没有发出去")
    lin.context.set_offline(False)
    lin.page.get_by_role("button", name="重试").click()
    expect(borrower.log).to_contain_text("断线时写的话")
    expect(lin.talk.get_by_text("断线时说的话")).to_have_count(1)
    expect(lin.talk.get_by_text("断线时写的话")).to_have_count(1)
    lin.close()


def test_a_file_from_a_colleague_opens_on_the_borrowers_phone(
    visit: Visit, agent: Callable[..., Agent], desk_server: Server
) -> None:
    pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    lin = agent("小林")
    borrower = visit("phone", url=desk_server.url).login("王小明")
    borrower.say("人工")
    expect(borrower.log).to_contain_text("已接入")
    lin.select("王*")
    picker = lin.page.locator(".write input[type=file]")
    picker.set_input_files({"name": "run.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"})
    expect(lin.page.get_by_text("只能发送 PDF、JPEG、PNG。")).to_be_visible()
    picker.set_input_files({"name": "还款说明.pdf", "mimeType": "application/pdf", "buffer": pdf})
    expect(lin.talk).to_contain_text("还款说明.pdf")
    assert lin.serious() == []
    link = borrower.log.get_by_role("link", name="打开文件")
    expect(link).to_be_visible()
    with borrower.page.expect_download() as saved:
        link.evaluate("(one) => { one.removeAttribute('target'); one.click(); }")
    assert saved.value.suggested_filename == "还款说明.pdf"
    lin.close()


def test_enter_while_composing_does_not_send(visit: Visit, agent: Callable[..., Agent], desk_server: Server) -> None:
    lin = agent("小梅")
    borrower = visit("phone", url=desk_server.url).login("郑伟")
    borrower.say("人工")
    expect(borrower.log).to_contain_text("已接入")
    lin.select("郑*")
    field = lin.page.get_by_label("回复客户")
    field.fill("ni hao")
    field.dispatch_event("compositionstart")
    field.press("Enter")
    expect(field).to_have_value(re.compile(r"^ni hao\s*$"))  # a real input method would have taken the Enter
    expect(lin.talk).not_to_contain_text("ni hao")
    field.dispatch_event("compositionend")
    lin.page.wait_for_timeout(200)
    field.press("Enter")
    expect(borrower.log).to_contain_text("ni hao")
    lin.close()


@pytest.mark.parametrize("screen", ["phone", "desk"])
def test_pages_of_the_desk_look_right(agent: Callable[..., Agent], screen: str) -> None:
    boss = agent("王主管", screen)
    expect(boss.page.locator(".inbox")).to_be_visible()
    wide = boss.page.evaluate("() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth")
    assert wide <= 0
    boss.shot("inbox", screen)
    assert boss.serious() == []
    boss.page.get_by_role("button", name="访问日志").click()
    expect(boss.page.get_by_role("table")).to_be_visible()
    boss.shot("log", screen)
    boss.page.get_by_role("button", name="English").click()
    expect(boss.page.get_by_role("button", name="Access log")).to_be_visible()
    boss.page.get_by_role("button", name="中文").click()


def test_a_trainer_sees_no_conversation(agent: Callable[..., Agent]) -> None:
    trainer = agent("训练师")
    expect(trainer.page.locator(".desk")).to_contain_text("没有会话权限")
