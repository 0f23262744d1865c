from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bot.channels.platforms import wecom
from bot.services.channels.model import Hook
from bot.simulators.wecom import WeComSimulator, demo
from tests.channels.cases.base import Case


class WeComCase(Case):
    name = "wecom"
    user = "external-10001"
    pulls = True
    dated = True

    def module(self) -> Any:
        return wecom

    def env(self, api: str) -> dict[str, str]:
        return demo(api)

    def simulator(self, webhook: str, env: Mapping[str, str]) -> WeComSimulator:
        return WeComSimulator(webhook, env)

    def hook(self, user: str, text: str, message_id: str, now: datetime) -> Hook:
        """Says only that something waits."""
        platform = WeComSimulator("", self.env(""))
        return self.garbage(platform.event(platform.account), now)

    def tampered(self, hook: Hook) -> Hook:
        return replace(hook, query={**hook.query, "msg_signature": "0" * 40})

    def garbage(self, body: bytes, now: datetime) -> Hook:
        url, sealed = WeComSimulator("", self.env("")).callback(body, now)
        return Hook("POST", "", dict(parse_qsl(urlsplit(url).query)), {}, sealed, now)


CASE = WeComCase()
