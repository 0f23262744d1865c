"""The two screens, and a chat as a borrower sees it: found by role and label, as a screen reader would."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, expect

from bot.settings import ROOT

ZONE = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
SCREENS: dict[str, dict[str, Any]] = {
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
        **ZONE,
    },
    "desk": {"viewport": {"width": 1440, "height": 900}, **ZONE},
}
SHOTS = Path(os.environ.get("SCREENSHOTS", Path(tempfile.gettempdir()) / "daihou-screenshots"))
AXE = ROOT / "bot" / "web" / "node_modules" / "axe-core" / "axe.min.js"


class Chat:
    """One browser page with the widget."""

    def __init__(self, context: BrowserContext, url: str, screen: str) -> None:
        self.context = context
        self.url = url
        self.screen = screen
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._console)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.log = self.page.get_by_role("log")
        self.said = self.log.locator("li.borrower")
        self.field = self.page.locator("daihou-widget textarea")
        self.banner = self.page.locator("daihou-widget .banner")
        self.launcher = self.page.locator("daihou-widget .launcher")
        self.quick = self.page.locator("daihou-widget .quick button")

    def _console(self, message: ConsoleMessage) -> None:
        """A lost network is part of these tests; anything else that the browser complains of is not."""
        if message.type == "error" and "net::ERR" not in message.text and "WebSocket connection" not in message.text:
            self.errors.append(message.text)

    def goto(self) -> None:
        self.page.goto(self.url)
        self.page.locator("daihou-widget").wait_for(state="attached")
        expect(self.page.locator("#who")).not_to_be_empty()

    def open(self) -> Chat:
        if self.launcher.is_visible():
            self.launcher.click()
        expect(self.field).to_be_visible()
        return self

    def login(self, name: str, acr: str = "2") -> Chat:
        """As one of the demo borrowers, through the page's own menu."""
        menu = self.page.locator("#who")
        if not menu.is_visible() or (self.screen == "phone" and not self.launcher.is_visible()):
            self.close()
        menu.click()
        self.page.locator(f"input[name=acr][value='{acr}']").check()
        self.page.locator("#borrowers button", has_text=name).click()
        expect(self.page.locator("daihou-widget .level")).to_have_class(f"level level-{acr}")
        return self

    def close(self) -> None:
        self.page.keyboard.press("Escape")

    def say(self, text: str) -> None:
        self.field.fill(text)
        self.field.press("Enter")

    def mine(self, text: str) -> Locator:
        return self.said.filter(has_text=text)

    @property
    def answers(self) -> Locator:
        return self.log.locator("li.bot")

    def answered(self, text: str) -> None:
        """The message is sent and something follows it. The history of a customer may hold the same words before."""
        expect(self.mine(text).last.locator("xpath=following-sibling::li").first).to_be_visible()
        expect(self.log.locator(".delivery.waiting, .delivery.failed")).to_have_count(0)

    def shot(self, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_timeout(350)  # the panel has risen
        self.page.screenshot(path=str(SHOTS / f"{self.screen}-{name}.png"))

    def serious(self) -> list[str]:
        """What axe finds serious or critical, with the places."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{one['id']}: {json.dumps([node['target'] for node in one['nodes']])}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]
