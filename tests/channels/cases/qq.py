from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from bot.channels.platforms import qq
from bot.services.channels.model import Hook
from bot.simulators.qq import QQSimulator, demo
from tests.channels.cases.base import Case


class QQCase(Case):
    name = "qq"
    user = "E4F4AEA33253A2797FB897C50B810001"
    dated = True

    def module(self) -> Any:
        return qq

    def env(self, api: str) -> dict[str, str]:
        return demo(api)

    def simulator(self, webhook: str, env: Mapping[str, str]) -> QQSimulator:
        return QQSimulator(webhook, env)

    def hook(self, user: str, text: str, message_id: str, now: datetime) -> Hook:
        return self.said(now, id=message_id, author={"user_openid": user}, content=text)

    def said(self, now: datetime, **data: Any) -> Hook:
        return self.event("C2C_MESSAGE_CREATE", {"timestamp": now.isoformat(), **data}, now)

    def event(self, what: str, data: Any, now: datetime) -> Hook:
        return self.garbage(orjson.dumps({"op": 0, "s": 1, "t": what, "id": f"{what}:1", "d": data}), now)

    def tampered(self, hook: Hook) -> Hook:
        return replace(hook, body=hook.body + b" ")

    def garbage(self, body: bytes, now: datetime) -> Hook:
        headers = {key.lower(): value for key, value in QQSimulator("", self.env("")).signed(body, now).items()}
        return Hook("POST", "", {}, headers, body, now)


CASE = QQCase()
