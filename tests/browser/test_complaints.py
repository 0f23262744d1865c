"""A complaint in a real browser: lodged on the form without JavaScript, worked on by two people, decided, sent, disputed, reviewed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.screens import SCREENS, SHOTS
from tests.browser.test_desk import Agent
from tests.processes import Server

WORDS = "你们的催收每天打我单位电话，还告诉我同事我欠钱。要求停止，并书面道歉。"
TALK = "与承办人核对了当日的通话记录，确有三次拨打单位电话，并向第三人说明了欠款。"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("complaints")).start(wait=120)
    yield running
    running.stop()


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(SHOTS / f"complaints-{name}.png"), full_page=True)


def lodge(browser: Browser, server: Server) -> tuple[str, str]:
    """Number and follow link, from a browser without scripts."""
    context = browser.new_context(**SCREENS["phone"], java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{server.url}/complaint")
    page.locator("textarea[name=words]").fill(WORDS)
    shot(page, "form-390")
    page.locator("form button[type=submit], form button").last.click()
    found = re.search(r"TS-\d{8}-\d{4}", page.content())
    assert found, page.content()[:2000]
    link = page.locator("a[href*='/complaint/follow']").first.get_attribute("href")
    assert link is not None
    shot(page, "told-390")
    page.goto(link if link.startswith("http") else server.url + link)
    expect(page.locator("body")).to_contain_text(found[0])
    expect(page.locator("body")).not_to_contain_text("同事我欠钱")  # the link alone tells nothing of the facts
    context.close()
    return found[0], link


def agent(browser: Browser, server: Server, name: str) -> Agent:
    made = Agent(browser.new_context(**SCREENS["desk"]), server.url).login(name)  # type: ignore[arg-type]
    made.page.get_by_role("button", name="投诉", exact=True).click()
    return made


def opened(one: Agent, ref: str) -> Agent:
    one.page.get_by_role("button", name=ref).click()
    expect(one.page.get_by_role("heading", name=re.compile(ref))).to_be_visible()
    return one


def take(one: Agent, verb: str) -> None:
    one.page.locator("section").get_by_role("button", name=verb, exact=True).first.click()


def state(one: Agent, word: str) -> None:
    expect(one.page.locator(".case-head h2")).to_contain_text(word)


def test_from_the_form_to_the_decision(browser: Browser, server: Server, tmp_path: Path) -> None:
    ref, _ = lodge(browser, server)
    lead = agent(browser, server, "陈")
    row = lead.page.get_by_role("row").filter(has_text=ref)
    expect(row).to_contain_text(re.compile("P[01]"))
    shot(lead.page, "board-1440")
    assert lead.serious() == []
    opened(lead, ref)
    expect(lead.page.locator(".said")).to_contain_text("打我单位电话")
    if lead.page.get_by_role("button", name="分派", exact=True).is_visible():
        take(lead, "分派")
    take(lead, "已人工联系")
    # the next step is taken on the case as it is then: one on an older version is refused
    expect(lead.page.get_by_role("button", name="已人工联系")).to_have_count(0)
    take(lead, "开始调查")
    state(lead, "调查中")
    take(lead, "提出处理意见")
    form = lead.page.locator("form").filter(has_text="调查结果").first
    form.locator("textarea[name=findings]").fill(TALK)
    form.locator("select[name=merit]").select_option("upheld")
    form.locator("textarea[name=grounds]").fill("违反了不得向第三人透露欠款的规定。")
    form.get_by_role("button", name="提出处理意见").click()
    state(lead, "待决定")
    expect(lead.page.get_by_role("button", name="决定", exact=True)).to_have_count(0)  # never by who proposed it
    shot(lead.page, "file-1440")
    assert lead.serious() == []

    boss = opened(agent(browser, server, "王"), ref)
    take(boss, "决定")
    state(boss, "已决定")
    boss.page.get_by_role("button", name="按卷宗起草").click()
    letter = boss.page.locator("form").filter(has_text="调查结果").last
    expect(letter.locator("textarea").first).to_be_visible()
    faulty = letter.locator(".bad").all_inner_texts()
    shot(boss.page, "letter-1440")
    letter.get_by_role("button", name="存为新版本").click()
    expect(boss.page.get_by_text("第 1 版")).to_be_visible()
    if faulty:  # a letter with faults is kept and cannot be sent
        take(boss, "发出决定")
        expect(boss.page.get_by_text("还没有无误的决定书")).to_be_visible()
    else:
        take(boss, "发出决定")
        boss.page.locator("form").get_by_role("button", name="发出决定").click()
        state(boss, "已告知结果")
    assert [one for one in (*lead.errors, *boss.errors) if "409" not in one] == []


def test_the_board_at_390(browser: Browser, server: Server) -> None:
    lodge(browser, server)
    one = Agent(browser.new_context(**SCREENS["phone"]), server.url).login("陈")  # type: ignore[arg-type]
    one.page.get_by_role("button", name="投诉", exact=True).click()
    expect(one.page.get_by_role("row").nth(1)).to_be_visible()
    assert one.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
    shot(one.page, "board-390")


@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_what_is_learned(browser: Browser, server: Server, screen: str) -> None:
    one = Agent(browser.new_context(**SCREENS[screen]), server.url).login("王")  # type: ignore[arg-type]
    one.page.get_by_role("button", name="投诉", exact=True).click()
    one.page.get_by_role("button", name="分析与案例").click()
    expect(one.page.locator("main.complaints section, main.complaints .empty").first).to_be_visible()
    for index, part in enumerate(("预警", "案例", "报表")):
        button = one.page.get_by_role("button", name=re.compile(part)).first
        if button.is_visible():
            button.click()
        one.page.wait_for_timeout(400)
        assert one.serious() == []
        main = one.page.locator("main.complaints")
        assert main.evaluate("main => main.scrollWidth <= main.clientWidth + 1"), part
        shot(one.page, f"learning-{index}-{screen}")
    assert one.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
    assert one.errors == []


def test_a_colleague_who_is_not_there_is_named_and_a_withdrawal_entered(
    browser: Browser, server: Server, tmp_path: Path
) -> None:
    ref, _ = lodge(browser, server)
    lead = opened(agent(browser, server, "陈"), ref)
    lead.page.get_by_text("写到谁").first.click()
    people = lead.page.get_by_role("group", name="写到谁")
    people.get_by_label(re.compile("小林")).check()
    lead.page.locator("details").filter(has=people).get_by_role("button", name="保存").click()
    expect(lead.page.locator("summary").filter(has_text="写到谁")).to_contain_text("1")

    take(lead, "客户撤回")
    expect(lead.page.get_by_text("还没有客户自己写的撤回")).to_be_visible()
    paper = tmp_path / "withdrawal.png"
    Image.new("RGB", (20, 20), "white").save(paper)
    upload = lead.page.locator("form").filter(has_text="上传文件")
    upload.locator("input[type=file]").set_input_files(paper)
    upload.locator("input[name=label]").fill("客户手写的撤回")
    upload.get_by_role("button", name="上传文件").click()
    choice = lead.page.locator("select[name=evidence_id]")
    expect(choice.locator("option")).to_have_text(["文件 · 客户手写的撤回"])
    assert lead.serious() == []
    lead.page.locator("form").filter(has=choice).get_by_role("button", name="客户撤回").click()
    state(lead, "已撤回")
    assert lead.errors == []
