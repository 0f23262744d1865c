"""The built pages in Debian's Chromium, against `daihou serve` with the trained model."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.screens import SCREENS, Chat
from tests.processes import ROOT, Server
from tests.proxy import Proxy

CHROMIUM = Path("/usr/bin/chromium")
DIST = ROOT / "bot" / "web" / "dist"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def _missing(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        _missing(f"{CHROMIUM} is missing: apt-get install chromium fonts-noto-cjk")
    if not (DIST / "index.html").is_file():
        _missing("the pages are not built: make pages")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("browser"), real=True).start(wait=180)  # may have to train first
    yield running
    running.stop()


@pytest.fixture
def echo(tmp_path: Path) -> Iterator[Server]:
    """The same server with a brain that echoes: starts at once, for tests that kill it."""
    running = Server(tmp_path).start()
    yield running
    running.stop()


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    between = Proxy(server.port)
    yield between
    between.close()


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Callable[..., Chat]]:
    """Open the page: visit("phone"), visit("desk", url=proxy.url). Every visit is a new browser without memory.

    At the end no page may have raised, been stopped by its Content-Security-Policy, or asked anybody else.
    """
    contexts: list[BrowserContext] = []
    chats: list[Chat] = []

    def open_page(
        screen: str = "phone",
        url: str | None = None,
        before: Callable[[Page], object] = lambda page: None,
        **options: object,
    ) -> Chat:
        context = browser.new_context(**{**SCREENS[screen], **options})  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        contexts.append(context)
        chat = Chat(context, url or server.url, screen)
        chats.append(chat)
        before(chat.page)
        chat.goto()
        return chat

    yield open_page
    for context in contexts:
        context.close()
    for chat in chats:
        assert chat.errors == [], chat.errors
        foreign = [address for address in chat.requests if not address.startswith((chat.url, "data:"))]
        assert foreign == [], foreign
