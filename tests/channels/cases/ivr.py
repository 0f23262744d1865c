from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from bot.channels.platforms import ivr
from bot.services.channels.model import Hook
from bot.simulators.ivr import IvrSimulator
from tests.channels.cases.base import Case

SECRET = "a-secret-of-the-telephone-system"


class IvrCase(Case):
    name = "ivr"
    dated = True
    sends = False

    def module(self) -> Any:
        return ivr

    def env(self, api: str) -> dict[str, str]:
        return {"IVR_SECRET": SECRET, "IVR_LENDER": "Example"}

    def simulator(self, webhook: str, env: Mapping[str, str]) -> IvrSimulator:
        return IvrSimulator(webhook, env)

    def hook(self, user: str, text: str, message_id: str, now: datetime) -> Hook:
        event = {"call": user, "turn": int(message_id), "event": "speech", "speech": text, "confidence": 0.9}
        return self.garbage(orjson.dumps(event), now)

    def tampered(self, hook: Hook) -> Hook:
        return replace(hook, body=hook.body.replace(b'"turn"', b'"turn" '))

    def garbage(self, body: bytes, now: datetime) -> Hook:
        at = str(int(now.timestamp()))
        mark = hmac.new(SECRET.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
        return Hook("POST", "", {}, {"x-daihou-signature": f"t={at},v1={mark}"}, body, now)


CASE = IvrCase()
