"""A lender's own messenger behind the generic webhook pair: checks signatures and keys, shows each reply once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import orjson
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from bot.channels.platforms.signed import HEADER, signature, verify
from bot.services.channels.model import SignatureRefused
from bot.simulators.base import SLOW, Simulator

NAME = "webhook"


def demo(api: str) -> dict[str, str]:
    return {"HOOK_SECRET": "demo-secret-of-both-sides", "HOOK_URL": f"{api}/{NAME}/replies"}


def make(webhook: str, config: Mapping[str, str]) -> Simulator:
    return WebhookSimulator(webhook, config)


class WebhookSimulator(Simulator):
    """Config: HOOK_SECRET."""

    name = NAME

    def __init__(self, webhook: str, config: Mapping[str, str]) -> None:
        super().__init__(webhook, config)
        self.taken: dict[str, bytes] = {}  # idempotency keys
        self.left: set[str] = set()  # users who no longer exist here
        self.now = lambda: datetime.now(timezone.utc)

    def routes(self) -> Blueprint:
        api = Blueprint("sim_webhook", url_prefix="/webhook")

        @api.post("/replies")
        async def replies(request: Request) -> HTTPResponse:
            if self.strikes("slow"):
                await asyncio.sleep(SLOW)
            if self.strikes("error"):
                return json({}, 503)
            if self.strikes("busy"):
                return json({}, 429, {"Retry-After": "1"})
            try:
                verify([self.config["HOOK_SECRET"]], request.headers.get(HEADER, ""), request.body, self.now())
            except SignatureRefused:
                return json({}, 401)
            return self._take(request)

        return api

    def _take(self, request: Request) -> HTTPResponse:
        key, body = request.headers.get("Idempotency-Key", ""), orjson.loads(request.body)
        if body["to"] in self.left:
            return json({}, 410)
        if not key or key != body.get("id") or not body.get("plain"):
            return json({}, 422)
        if key not in self.taken:
            self.taken[key] = request.body
            self.shown(body["to"], body["plain"], buttons=[_button(one) for one in body["buttons"]], extra=body)
        if self.strikes("lost_answer"):
            return json({}, 502)
        return json({}, 202)

    async def say(self, user: str, text: str, **more: Any) -> str:
        """`press`=what a choice says; `kind`, `files`, `refers_to`, `identity_token` and `id` as in the format; `at` for old ones."""
        number = str(more.get("id") or f"{int(time.time())}-{next(self.numbers)}")
        message = {"id": number, "user": user, "text": more.get("press") or text, "sent_at": int(time.time())}
        message |= {
            one: more[one] for one in ("kind", "files", "refers_to", "identity_token", "language") if more.get(one)
        }
        await self._post("message", {"messages": [message]}, more.get("at"))
        return number

    async def status(self, message_id: str, state: str, reason: str = "") -> None:
        """Tell how far a reply got: delivered, read, failed."""
        told = {"id": message_id, "state": state, "at": int(time.time()), "reason": reason}
        await self._post("status", {"statuses": [told]}, None)

    async def _post(self, what: str, document: dict[str, Any], at: float | None) -> None:
        body = orjson.dumps(document)
        secret = "wrong" if self.strikes("bad_signature") else self.config["HOOK_SECRET"]
        now = datetime.fromtimestamp(at, timezone.utc) if at else self.now()
        headers = {HEADER: signature([secret], body, now), "Content-Type": "application/json"}
        await self.call(what, content=body, headers=headers)


def _button(choice: Mapping[str, str]) -> dict[str, str]:
    return {"title": choice["title"], "data": choice["say"]}
