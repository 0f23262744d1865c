"""One borrower on the page and on two simulated phones: the same figures, nothing before the proof, one conversation."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.screens import SCREENS, SHOTS, Chat
from tests.processes import ROOT, free_port

PHONE, TAIL = "13800000001", "0011"


@dataclass
class Demo:
    """`make channels-demo` on free ports."""

    phones: str
    url: str


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("channels")
    port, phones = free_port(), free_port()
    env = {
        **os.environ,
        "PORT": str(port),
        "SIMULATORS_PORT": str(phones),
        "VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'daihou.db'}",
    }
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen([sys.executable, "-m", "bot.simulators"], cwd=ROOT, env=env, stdout=log, stderr=log)
    deadline = time.monotonic() + 180
    urls = [f"http://127.0.0.1:{port}/health", f"http://127.0.0.1:{phones}/phones"]
    try:
        while not all(map(_answers, urls)):
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError((folder / "log").read_text()[-3000:])
            time.sleep(0.5)
        yield Demo(f"http://127.0.0.1:{phones}", f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


class Phone:
    """One platform's phone on the page of simulators."""

    def __init__(self, page: Page, name: str) -> None:
        self.box = page.get_by_role("region", name=name, exact=True)
        self.told: Locator = self.box.locator(".said:not(.me)")

    def say(self, text: str) -> None:
        before = self.told.count()
        self.box.get_by_role("textbox").fill(text)
        self.box.get_by_role("button", name="发送").click()
        expect(self.told.nth(before)).to_be_visible(timeout=20_000)

    @property
    def last(self) -> Locator:
        return self.told.last


def code(url: str) -> str:
    sent = httpx.get(f"{url}/demo/outbox", params={"to": PHONE}).json()
    return re.findall(r"[0-9]{6}", sent[-1]["text"])[-1]


def test_a_borrower_goes_from_the_page_to_two_phones(browser: Browser, demo: Demo, tmp_path: Path) -> None:
    context = browser.new_context(**SCREENS["desk"])  # type: ignore[arg-type]
    context.set_default_timeout(20_000)
    phones = context.new_page()
    errors: list[str] = []
    phones.on("pageerror", lambda error: errors.append(str(error)))
    phones.goto(demo.phones)
    telegram, whatsapp = Phone(phones, "telegram"), Phone(phones, "whatsapp")

    chat = Chat(context, demo.url, "desk")
    chat.goto()
    chat.login("王小明")
    chat.say("本期应还多少")
    chat.answered("本期应还多少")
    figure = re.search(r"¥[\d,]+\.\d\d", chat.answers.last.inner_text())
    assert figure is not None

    telegram.say("本期应还多少")
    expect(telegram.last).not_to_contain_text(figure[0])  # nobody has proven anything there
    for text in (PHONE, TAIL):
        telegram.say(text)
    telegram.say(code(demo.url))
    expect(telegram.told.filter(has_text=figure[0]).last).to_be_visible()  # what was asked is answered after the proof

    whatsapp.say("本期应还多少")
    expect(whatsapp.last).not_to_contain_text(figure[0])

    telegram.say("还款计划")
    chat.page.reload()
    chat.open()
    expect(chat.log).to_contain_text("还款计划")  # one conversation: what was said on the phone stands on the page
    phones.screenshot(path=str(_shots() / "phones.png"), full_page=True)
    assert errors == []
    assert [one for one in chat.errors if "favicon" not in one] == []
    context.close()


def test_the_page_of_phones_at_390(browser: Browser, demo: Demo) -> None:
    context = browser.new_context(**SCREENS["phone"])  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(demo.phones)
    expect(page.get_by_role("region").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.screenshot(path=str(_shots() / "phones-390.png"))
    context.close()


def _shots() -> Path:
    SHOTS.mkdir(parents=True, exist_ok=True)
    return SHOTS
