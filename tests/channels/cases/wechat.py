from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bot.channels.platforms import wechat
from bot.channels.platforms.wechat_crypto import xml
from bot.services.channels.model import Hook
from bot.simulators.wechat import ACCOUNT, WeChatSimulator, demo
from tests.channels.cases.base import Case


class WeChatCase(Case):
    name = "wechat"
    user = "openid-10001"
    dated = True

    def module(self) -> Any:
        return wechat

    def env(self, api: str) -> dict[str, str]:
        return demo(api)

    def simulator(self, webhook: str, env: Mapping[str, str]) -> WeChatSimulator:
        return WeChatSimulator(webhook, env)

    def hook(self, user: str, text: str, message_id: str, now: datetime) -> Hook:
        return self.said(user, now, MsgType="text", Content=text, MsgId=message_id)

    def said(self, user: str, now: datetime, **fields: str) -> Hook:
        created = int(now.timestamp())
        return self.garbage(xml({"ToUserName": ACCOUNT, "FromUserName": user, "CreateTime": created, **fields}), now)

    def tampered(self, hook: Hook) -> Hook:
        return replace(hook, query={**hook.query, "msg_signature": "0" * 40, "signature": "0" * 40})

    def garbage(self, body: bytes, now: datetime) -> Hook:
        url, sealed = WeChatSimulator("", self.env("")).callback(body, now)
        return Hook("POST", "", dict(parse_qsl(urlsplit(url).query)), {}, sealed, now)


CASE = WeChatCase()
