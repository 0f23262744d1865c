"""An integrator's own system behind the generic webhook: checks our signature, drops repeated keys, signs what it posts."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Any

import orjson
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from bot.simulators.base import SLOW, Simulator

NAME = "webhook"


def demo(api: str) -> dict[str, str]:
    return {"HOOK_SECRET": "demo-hook-secret", "HOOK_URL": f"{api}/webhook/replies"}


def make(webhook: str, config: Mapping[str, str]) -> Simulator:
    return WebhookSimulator(webhook, config)


class WebhookSimulator(Simulator):
    """Config: HOOK_SECRET."""

    name = NAME

    def __init__(self, webhook: str, config: Mapping[str, str]) -> None:
        super().__init__(webhook, config)
        self.keys: set[str] = set()

    def routes(self) -> Blueprint:
        api = Blueprint("sim_webhook", url_prefix="/webhook")

        @api.post("/replies")
        async def replies(request: Request) -> HTTPResponse:
            if self.strikes("slow"):
                await asyncio.sleep(SLOW)
            if self.strikes("error"):
                return json({}, 500)
            if self.strikes("busy"):
                return json({}, 429, {"Retry-After": "1"})
            parts = dict(one.partition("=")[::2] for one in request.headers.get("x-daihou-signature", "").split(","))
            if (
                parts.get("v1") != self._mark(parts.get("t", ""), request.body)
                or abs(time.time() - int(parts["t"])) > 10**9
            ):
                return json({"code": "signature"}, 401)
            key = request.headers.get("idempotency-key", "")
            if key not in self.keys:
                self.keys.add(key)
                body = request.json
                buttons = [{"title": one["title"], "data": one["say"]} for one in body["buttons"]]
                self.shown(body["to"], body["plain"], buttons=buttons, extra={"id": body["id"]})
            return json({}, 502) if self.strikes("lost_answer") else json({"taken": True})

        return api

    async def say(self, user: str, text: str, **more: Any) -> str:
        """`press`=what a button says; `message`=more fields (kind, files, …)."""
        number = f"h{next(self.numbers)}"
        await self.post(
            {"messages": [{"user": user, "id": number, "text": more.get("press") or text, **more.get("message", {})}]}
        )
        return number

    async def post(self, body: dict[str, Any]) -> None:
        content, at = orjson.dumps(body), str(int(time.time()))
        mark = "0" if self.strikes("bad_signature") else self._mark(at, content)
        headers = {"X-Daihou-Signature": f"t={at},v1={mark}", "Content-Type": "application/json"}
        await self.call("messages", content=content, headers=headers)

    def _mark(self, at: str, body: bytes) -> str:
        return hmac.new(self.config["HOOK_SECRET"].encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
