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
from bot.simulators.whatsapp import PHONE, WhatsAppSimulator
from tests.channels.cases.base import Case

SECRET = "a-secret-of-the-app"


def event(*changes: dict[str, Any]) -> dict[str, Any]:
    """A request of WhatsApp with these values, each in a change of its own."""
    about = {"messaging_product": "whatsapp", "metadata": {"display_phone_number": "1555", "phone_number_id": PHONE}}
    made = [{"field": "messages", "value": {**about, **value}} for value in changes]
    return {"object": "whatsapp_business_account", "entry": [{"id": "1022", "changes": made}]}


class WhatsAppCase(Case):
    name = "whatsapp"
    user = "8613800000001"

    def module(self) -> Any:
        return whatsapp

    def env(self, api: str) -> dict[str, str]:
        return {
            "WHATSAPP_PHONE_ID": PHONE,
            "WHATSAPP_TOKEN": "a-token-of-a-system-user",
            "WHATSAPP_APP_SECRET": SECRET,
            "WHATSAPP_VERIFY": "a-word-for-registering",
            "WHATSAPP_API": f"{api}/whatsapp/v23.0",
            "WHATSAPP_MEDIA_HOSTS": "127.0.0.1",
        }

    def simulator(self, webhook: str, env: Mapping[str, str]) -> WhatsAppSimulator:
        return WhatsAppSimulator(webhook, env)

    def hook(self, user: str, text: str, message_id: str, now: datetime) -> Hook:
        sent = {
            "from": user,
            "id": f"wamid.{message_id}",
            "timestamp": str(int(now.timestamp())),
            "type": "text",
            "text": {"body": text},
        }
        return self.garbage(orjson.dumps(event({"messages": [sent]})), now)

    def tampered(self, hook: Hook) -> Hook:
        return replace(hook, body=hook.body.replace(b'"object"', b'"object" '))

    def garbage(self, body: bytes, now: datetime) -> Hook:
        mark = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        return Hook("POST", "", {}, {"x-hub-signature-256": f"sha256={mark}"}, body, now)


CASE = WhatsAppCase()
