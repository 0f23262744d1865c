"""A WeChat official account's platform: stable tokens that end, customer-service messages with window and quota, media,
callbacks in secure mode, retried three times within five seconds each; passive replies opened and shown.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json, raw

from bot.channels.platforms.wechat_crypto import Box, fields, sealed_xml, signature, xml
from bot.simulators.base import SLOW, Simulator

NAME = "wechat"
ACCOUNT = "gh_daihou"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
WINDOW, QUOTA = 48 * 3600.0, 5


def demo(api: str) -> dict[str, str]:
    return {
        "WECHAT_APP_ID": "wxdemo0000000000",
        "WECHAT_APP_SECRET": "demo-app-secret",
        "WECHAT_TOKEN": "demo-token",
        "WECHAT_AES_KEY": AES_KEY,
        "WECHAT_API": f"{api}/wechat",
    }


def make(webhook: str, config: Mapping[str, str]) -> Simulator:
    return WeChatSimulator(webhook, config)


class WeChatSimulator(Simulator):
    """Config: the variables of the channel. `plain` in it: callbacks are not encrypted."""

    name = NAME

    def __init__(self, webhook: str, config: Mapping[str, str]) -> None:
        super().__init__(webhook, config)
        self.box = Box("WECHAT_AES_KEY", config["WECHAT_AES_KEY"], config["WECHAT_APP_ID"])
        self.tokens: set[str] = set()
        self.wrote: dict[str, float] = {}
        self.sent: dict[str, int] = {}
        self.files: dict[str, bytes] = {}

    def opened(self, user: str) -> None:
        """The person has just written."""
        self.wrote[user], self.sent[user] = time.time(), 0

    def routes(self) -> Blueprint:
        api = Blueprint("sim_wechat", url_prefix="/wechat")

        @api.post("/cgi-bin/stable_token")
        async def token(request: Request) -> HTTPResponse:
            body = request.json or {}
            if (body.get("appid"), body.get("secret")) != (
                self.config["WECHAT_APP_ID"],
                self.config["WECHAT_APP_SECRET"],
            ):
                return json({"errcode": 40125, "errmsg": "invalid appsecret"})
            made = secrets.token_hex(16)
            self.tokens.add(made)
            return json({"access_token": made, "expires_in": 7200})

        @api.post("/cgi-bin/message/custom/send")
        async def send(request: Request) -> HTTPResponse:
            if self.strikes("slow"):
                await asyncio.sleep(SLOW)
            if self.strikes("error"):
                return json({"errcode": -1, "errmsg": "system error"})
            if self.strikes("busy"):
                return json({"errcode": 45011, "errmsg": "api minute-quota reach limit"})
            refused = self._refuse(request)
            if refused is not None:
                return json({"errcode": refused[0], "errmsg": refused[1]})
            body = request.json
            self.sent[body["touser"]] += 1
            text, buttons = _shown(body)
            self.shown(body["touser"], text, buttons=buttons)
            return HTTPResponse(status=502) if self.strikes("lost_answer") else json({"errcode": 0, "errmsg": "ok"})

        @api.get("/cgi-bin/media/get")
        async def media(request: Request) -> HTTPResponse:
            if request.args.get("access_token") not in self.tokens:
                return json({"errcode": 40001, "errmsg": "invalid credential"})
            content = self.files.get(request.args.get("media_id") or "")
            if content is None or self.strikes("gone"):
                return json({"errcode": 40007, "errmsg": "invalid media_id"})
            part = content[: len(content) // 2] if self.strikes("partial_upload") else content
            return raw(part, content_type="image/jpeg")

        return api

    def _refuse(self, request: Request) -> tuple[int, str] | None:
        token, body = request.args.get("access_token"), request.json or {}
        if self.strikes("expired_token"):
            self.tokens.clear()
        if token not in self.tokens:
            return 42001, "access_token expired"
        user = body.get("touser", "")
        if time.time() - self.wrote.get(user, 0.0) > WINDOW:
            return 45015, "response out of time limit or subscription is canceled"
        if self.sent.get(user, 0) >= QUOTA:
            return 45047, "out of response count limit"
        if body.get("msgtype") == "text" and not 0 < len(body["text"]["content"].encode()) <= 2048:
            return 45002, "message content out of limit"
        return None

    async def say(self, user: str, text: str, **more: Any) -> str:
        """`press`=id of a menu line; `fields`=others of the callback (MsgType, MediaId, Recognition, Event, …)."""
        self.opened(user)
        number = str(next(self.numbers))
        values: dict[str, str | int] = {
            "ToUserName": ACCOUNT,
            "FromUserName": user,
            "CreateTime": int(time.time()),
            "MsgType": "text",
            "Content": text,
            "MsgId": number,
            **({"bizmsgmenuid": more["press"]} if more.get("press") else {}),
            **more.get("fields", {}),
        }
        url, body = self.callback(xml(values))
        answer = await self.call("message", url=url, content=body, headers={"Content-Type": "text/xml"})
        if answer is not None and answer.status_code == 200 and answer.content not in (b"", b"success"):
            self.passive(answer.content)
        return number

    def callback(self, plain: bytes, now: datetime | None = None) -> tuple[str, bytes]:
        """The signed address and the body of a callback."""
        stamp, nonce = str(int((now or datetime.now(timezone.utc)).timestamp())), secrets.token_hex(4)
        token = "wrong" if self.strikes("bad_signature") else self.config["WECHAT_TOKEN"]
        query = f"timestamp={stamp}&nonce={nonce}&signature={signature(token, stamp, nonce)}"
        if self.config.get("plain"):
            return f"{self.webhook}?{query}", plain
        body = sealed_xml(self.box, token, plain, stamp, nonce)
        mark = fields(body)["MsgSignature"]
        return f"{self.webhook}?{query}&encrypt_type=aes&msg_signature={mark}", body

    def passive(self, body: bytes) -> None:
        """A reply in the answer of the callback itself."""
        found = fields(body)
        if "Encrypt" in found:
            found = fields(self.box.open(found["Encrypt"]))
        self.shown(found["ToUserName"], found["Content"], state="passive")


def _shown(body: Mapping[str, Any]) -> tuple[str, list[dict[str, str]]]:
    if body["msgtype"] == "text":
        return body["text"]["content"], []
    menu = body["msgmenu"]
    return menu["head_content"], [{"title": one["content"], "data": one["id"]} for one in menu["list"]]
