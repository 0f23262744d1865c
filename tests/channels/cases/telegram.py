from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from bot.channels.platforms import telegram
from bot.services.channels.model import Hook
from bot.simulators.telegram import TelegramSimulator
from tests.channels.cases.base import Case

SECRET = "a-secret-of-the-hook"


class TelegramCase(Case):
    name = "telegram"

    def module(self) -> Any:
        return telegram

    def env(self, api: str) -> dict[str, str]:
        return {"TELEGRAM_TOKEN": "42:abc", "TELEGRAM_SECRET": SECRET, "TELEGRAM_API": f"{api}/telegram"}

    def simulator(self, webhook: str, env: Mapping[str, str]) -> TelegramSimulator:
        return TelegramSimulator(webhook, env)

    def hook(self, user: str, text: str, message_id: str, now: datetime) -> Hook:
        message = {
            "message_id": message_id,
            "date": int(now.timestamp()),
            "chat": {"id": user, "type": "private"},
            "text": text,
        }
        return self.garbage(orjson.dumps({"update_id": 1, "message": message}), now)

    def tampered(self, hook: Hook) -> Hook:
        return replace(hook, headers={**hook.headers, "x-telegram-bot-api-secret-token": "another"})

    def garbage(self, body: bytes, now: datetime) -> Hook:
        return Hook("POST", "", {}, {"x-telegram-bot-api-secret-token": SECRET}, body, now)


CASE = TelegramCase()
