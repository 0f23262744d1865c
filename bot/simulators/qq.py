"""QQ's official bots: tokens that end, signed webhooks, passive replies with their hour, their number and their msg_seq."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import orjson
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json, raw

from bot.channels.platforms.qq_keys import Keys
from bot.simulators.base import SLOW, Simulator

NAME = "qq"
WINDOW, QUOTA, LONGEST = 3600.0, 4, 2000


def demo(api: str) -> dict[str, str]:
    return {
        "QQ_APP_ID": "102000001",
        "QQ_SECRET": "demo-bot-secret",
        "QQ_API": f"{api}/qq",
        "QQ_TOKEN_API": f"{api}/qq",
        "QQ_MEDIA_HOSTS": "127.0.0.1",
    }


def make(webhook: str, config: Mapping[str, str]) -> Simulator:
    return QQSimulator(webhook, config)


class QQSimulator(Simulator):
    """Config: the variables of the channel."""

    name = NAME

    def __init__(self, webhook: str, config: Mapping[str, str]) -> None:
        super().__init__(webhook, config)
        self.keys = Keys(config["QQ_SECRET"])
        self.tokens: set[str] = set()
        self.asked: dict[str, float] = {}  # messages of people: when
        self.replies: dict[str, set[int]] = {}  # message → msg_seq of what answers it
        self.active: dict[str, int] = {}  # messages that answer nothing, by person
        self.files: dict[str, bytes] = {}

    def opened(self, user: str) -> None:
        """Nothing: a reply stands or falls with the message that it names."""

    def routes(self) -> Blueprint:
        api = Blueprint("sim_qq", url_prefix="/qq")

        @api.post("/app/getAppAccessToken")
        async def token(request: Request) -> HTTPResponse:
            body = request.json or {}
            if (body.get("appId"), body.get("clientSecret")) != (self.config["QQ_APP_ID"], self.config["QQ_SECRET"]):
                return json({"code": 100016, "message": "invalid appid or secret"})
            made = secrets.token_hex(16)
            self.tokens.add(made)
            return json({"access_token": made, "expires_in": "7200"})

        @api.post("/v2/<kind:str>/<openid:str>/messages")
        async def send(request: Request, kind: str, openid: str) -> HTTPResponse:
            if self.strikes("slow"):
                await asyncio.sleep(SLOW)
            if self.strikes("error"):
                return json({"code": 500, "message": "internal"}, 500)
            if self.strikes("busy"):
                return json({"code": 20028, "message": "rate limit"}, 429, {"Retry-After": "1"})
            if self.strikes("expired_token"):
                self.tokens.clear()
            if request.headers.get("Authorization", "").removeprefix("QQBot ") not in self.tokens:
                return json({"code": 11244, "message": "token not exist or expire"}, 401)
            user, body = openid if kind == "users" else f"group:{openid}", request.json
            refused = self._refuse(user, body)
            if refused:
                return json({"code": refused[0], "message": refused[1]}, 400)
            self.shown(user, body["content"], extra={"answers": body.get("msg_id", "")})
            if self.strikes("lost_answer"):
                return HTTPResponse(status=502)
            return json({"id": f"ROBOT1.0_{next(self.numbers)}", "timestamp": int(time.time())})

        @api.get("/download/<name:str>")
        async def download(request: Request, name: str) -> HTTPResponse:
            content = self.files.get(name)
            if content is None or self.strikes("gone"):
                return HTTPResponse(status=404)
            part = content[: len(content) // 2] if self.strikes("partial_upload") else content
            return raw(part, content_type="image/png")

        return api

    def _refuse(self, user: str, body: Mapping[str, Any]) -> tuple[int, str] | None:
        if not 0 < len(body.get("content", "")) <= LONGEST or body.get("msg_type") != 0:
            return 50006, "message is empty or too long"
        answered = body.get("msg_id")
        if answered is None:
            self.active[user] = self.active.get(user, 0) + 1
            return (22009, "msg limit exceed") if self.active[user] > 4 else None
        if time.time() - self.asked.get(answered, 0.0) > WINDOW:
            return 304027, "the message answered is too old"
        seqs = self.replies.setdefault(answered, set())
        if body.get("msg_seq", 1) in seqs:
            return 40054005, "the message was dropped, its msg_seq was used before"
        if len(seqs) >= QUOTA:
            return 22009, "msg limit exceed"
        seqs.add(body.get("msg_seq", 1))
        return None

    async def say(self, user: str, text: str, **more: Any) -> str:
        """`data`=other fields of the message (attachments, …); `event`=another type, with `data` alone."""
        number = f"ROBOT1.0_{secrets.token_hex(20)}!"
        self.asked[number] = time.time()
        stamp = datetime.now(timezone.utc).isoformat(timespec="seconds")
        message = {"id": number, "author": {"user_openid": user}, "content": text, "timestamp": stamp}
        what = more.get("event", "C2C_MESSAGE_CREATE")
        data = {**({} if "event" in more else message), **more.get("data", {})}
        body = orjson.dumps({"op": 0, "s": next(self.numbers), "t": what, "id": f"{what}:{number}", "d": data})
        await self.call(what, content=body, headers=self.signed(body))
        return number

    def signed(self, body: bytes, now: datetime | None = None) -> dict[str, str]:
        """The headers of a webhook."""
        stamp = str(int((now or datetime.now(timezone.utc)).timestamp()))
        keys = Keys("another-secret") if self.strikes("bad_signature") else self.keys
        headers = {"X-Signature-Ed25519": keys.sign(stamp, body), "X-Signature-Timestamp": stamp}
        return {**headers, "Content-Type": "application/json"}
