from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from bot.channels.platforms import whatsapp
from bot.services.channels.model import Hook
from bot.simulators.whatsapp import WhatsAppSimulator, demo
from tests.channels.cases.base import Case


class WhatsAppCase(Case):
    name = "whatsapp"
    user = "8613800000001"

    def module(self) -> Any:
        return whatsapp

    def env(self, api: str) -> dict[str, str]:
        return demo(api)

    def simulator(self, webhook: str, env: Mapping[str, str]) -> WhatsAppSimulator:
        return WhatsAppSimulator(webhook, env)

    def hook(self, user: str, text: str, message_id: str, now: datetime) -> Hook:
        message = {
            "from": user,
            "id": f"wamid.{message_id}",
            "timestamp": str(int(now.timestamp())),
            "type": "text",
            "text": {"body": text},
        }
        return self.garbage(orjson.dumps(wrapped({"messages": [message]})), now)

    def tampered(self, hook: Hook) -> Hook:
        return replace(hook, body=hook.body.replace(b"wamid", b"Wamid"))

    def garbage(self, body: bytes, now: datetime) -> Hook:
        mark = hmac.new(b"demo-app-secret", body, hashlib.sha256).hexdigest()
        return Hook("POST", "", {}, {"x-hub-signature-256": f"sha256={mark}"}, body, now)


def wrapped(value: dict[str, Any]) -> dict[str, Any]:
    whole = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "100200300"}, **value}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"field": "messages", "value": whole}]}],
    }


CASE = WhatsAppCase()
