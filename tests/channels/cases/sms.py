"""The channel with Aliyun; `PROVIDERS` holds the case of each provider, tests/channels/platforms/test_sms.py runs them all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import orjson

from bot.channels.platforms import sms
from bot.channels.platforms.sms_twilio import signature
from bot.services.channels.model import Hook
from bot.simulators.sms import SmsSimulator
from tests.channels.cases.base import Case
from tests.fakes import NOON

SECRET, END = "a-secret-of-the-key", "a-secret-end-of-the-address"
HOOK = "https://lender.example/channels/sms"


class SmsCase(Case):
    name = "sms"
    user = "13800000001"
    provider = "aliyun"

    def module(self) -> Any:
        return sms

    def env(self, api: str) -> dict[str, str]:
        return {
            "SMS_PROVIDER": self.provider,
            "SMS_KEY": "a-key",
            "SMS_SECRET": SECRET,
            "SMS_SIGN": "示例",
            "SMS_TEMPLATE": "SMS_1",
            "SMS_APP": "1400006666",
            "SMS_FROM": "+15005550006",
            "SMS_HOOK_SECRET": END,
            "SMS_API": f"{api}/sms/{self.provider}",
        }

    def simulator(self, webhook: str, env: Mapping[str, str]) -> SmsSimulator:
        made = SmsSimulator(webhook, env)
        made.now = lambda: NOON  # the adapter's clock
        return made

    def hook(self, user: str, text: str, message_id: str, now: datetime) -> Hook:
        item = {
            "phone_number": user,
            "send_time": "2026-03-18 12:00:00",
            "content": text,
            "sequence_id": int(message_id),
        }
        return self.garbage(orjson.dumps([{**item, "sign_name": "示例", "dest_code": "1234"}]), now)

    def tampered(self, hook: Hook) -> Hook:
        return replace(hook, part="another-end")

    def garbage(self, body: bytes, now: datetime) -> Hook:
        return Hook("POST", END, {}, {}, body, now)


class TencentCase(SmsCase):
    provider = "tencent"

    def hook(self, user: str, text: str, message_id: str, now: datetime) -> Hook:
        item = {"mobile": user, "nationcode": "86", "sign": "示例", "text": text, "time": int(message_id) + 10**9}
        return self.garbage(orjson.dumps({"extend": "", **item}), now)


class TwilioCase(SmsCase):
    provider = "twilio"

    def hook(self, user: str, text: str, message_id: str, now: datetime) -> Hook:
        form = {
            "MessageSid": f"SM{message_id}",
            "From": f"+86{user}",
            "To": "+15005550006",
            "Body": text,
            "NumMedia": "0",
        }
        return self.form(form, now)

    def form(self, form: Mapping[str, str], now: datetime) -> Hook:
        body, mark = urlencode(form).encode(), signature(SECRET, HOOK, form)
        return Hook("POST", "", {}, {"x-twilio-signature": mark}, body, now, HOOK)

    def tampered(self, hook: Hook) -> Hook:
        return replace(hook, body=hook.body.replace(b"Body=", b"Body=x"))

    def garbage(self, body: bytes, now: datetime) -> Hook:
        return self.form({"MessageSid": "SM1", "From": "+8613800000001", "Body": body.decode("latin-1")}, now)


CASE = SmsCase()
PROVIDERS = (CASE, TencentCase(), TwilioCase())
