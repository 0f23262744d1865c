from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from bot.channels.platforms import webhook
from bot.channels.platforms.signed import HEADER, signature
from bot.services.channels.model import Hook
from bot.simulators.webhook import WebhookSimulator
from tests.channels.cases.base import Case
from tests.fakes import NOON

SECRET = "a-secret-of-both-sides"


class WebhookCase(Case):
    name = "webhook"
    user = "app-wang"
    dated = True

    def module(self) -> Any:
        return webhook

    def env(self, api: str) -> dict[str, str]:
        return {"HOOK_SECRET": SECRET, "HOOK_URL": f"{api}/webhook/replies"}

    def simulator(self, webhook: str, env: Mapping[str, str]) -> WebhookSimulator:
        made = WebhookSimulator(webhook, env)
        made.now = lambda: NOON  # the adapter's clock
        return made

    def hook(self, user: str, text: str, message_id: str, now: datetime) -> Hook:
        return self.garbage(orjson.dumps({"messages": [{"id": message_id, "user": user, "text": text}]}), now)

    def tampered(self, hook: Hook) -> Hook:
        return replace(hook, body=hook.body.replace(b"messages", b"messages "))

    def garbage(self, body: bytes, now: datetime) -> Hook:
        return Hook("POST", "", {}, {HEADER.lower(): signature([SECRET], body, now)}, body, now)


CASE = WebhookCase()
