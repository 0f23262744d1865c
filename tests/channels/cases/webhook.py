from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from bot.channels.platforms import webhook
from bot.services.channels.model import Hook
from bot.simulators.webhook import WebhookSimulator, demo
from tests.channels.cases.base import Case


class WebhookCase(Case):
    name = "webhook"
    dated = True

    def module(self) -> Any:
        return webhook

    def env(self, api: str) -> dict[str, str]:
        return demo(api)

    def simulator(self, webhook: str, env: Mapping[str, str]) -> WebhookSimulator:
        return WebhookSimulator(webhook, env)

    def hook(self, user: str, text: str, message_id: str, now: datetime) -> Hook:
        return self.garbage(orjson.dumps({"messages": [{"user": user, "id": message_id, "text": text}]}), now)

    def tampered(self, hook: Hook) -> Hook:
        return replace(hook, body=hook.body + b" ")

    def garbage(self, body: bytes, now: datetime) -> Hook:
        at = str(int(now.timestamp()))
        mark = hmac.new(b"demo-hook-secret", at.encode() + b"." + body, hashlib.sha256).hexdigest()
        return Hook("POST", "", {}, {"x-daihou-signature": f"t={at},v1={mark}"}, body, now)


CASE = WebhookCase()
