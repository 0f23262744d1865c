"""WhatsApp's Cloud API: messages with its limits and window, media in two steps, signed notifications, statuses."""

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
from sanic.response import HTTPResponse, json, raw

from bot.simulators.base import SLOW, Simulator

NAME = "whatsapp"
WINDOW = 24 * 3600.0


def demo(api: str) -> dict[str, str]:
    return {
        "WHATSAPP_TOKEN": "demo-token",
        "WHATSAPP_APP_SECRET": "demo-app-secret",
        "WHATSAPP_VERIFY": "demo-verify",
        "WHATSAPP_PHONE_ID": "100200300",
        "WHATSAPP_API": f"{api}/whatsapp",
        "WHATSAPP_MEDIA_HOSTS": api.removeprefix("http://"),
    }


def make(webhook: str, config: Mapping[str, str]) -> Simulator:
    return WhatsAppSimulator(webhook, config)


class WhatsAppSimulator(Simulator):
    """Config: the variables of the channel."""

    name = NAME

    def __init__(self, webhook: str, config: Mapping[str, str]) -> None:
        super().__init__(webhook, config)
        self.wrote: dict[str, float] = {}  # when each person last wrote: the window
        self.files: dict[str, bytes] = {}

    def opened(self, user: str) -> None:
        """The person has just written."""
        self.wrote[user] = time.time()

    def routes(self) -> Blueprint:
        api = Blueprint("sim_whatsapp", url_prefix="/whatsapp")

        @api.on_request
        async def with_the_token(request: Request) -> HTTPResponse | None:
            shown = request.headers.get("authorization", "")
            if shown != f"Bearer {self.config['WHATSAPP_TOKEN']}" or self.strikes("expired_token"):
                return _error(401, 190, "Error validating access token")
            return None

        @api.post("/<phone:str>/messages")
        async def send(request: Request, phone: str) -> HTTPResponse:
            if self.strikes("slow"):
                await asyncio.sleep(SLOW)
            if self.strikes("error"):
                return _error(500, 131000, "Something went wrong")
            if self.strikes("busy"):
                return _error(429, 130429, "Rate limit hit", {"Retry-After": "1"})
            body = request.json or {}
            refusal = self._refuse(body)
            if refusal is not None:
                return refusal
            number = f"wamid.{next(self.numbers)}"
            text, buttons = _shown(body)
            said = self.shown(str(body["to"]), text, buttons=buttons, extra={"id": number})
            said.state = "sent"
            if self.strikes("lost_answer"):
                return _error(502, 131000, "Bad gateway")
            return json({"messaging_product": "whatsapp", "messages": [{"id": number}]})

        @api.get("/<media:str>")
        async def media(request: Request, media: str) -> HTTPResponse:
            if media not in self.files or self.strikes("gone"):
                return _error(400, 100, "Unsupported get request")
            return json({"url": f"{request.scheme}://{request.host}/whatsapp/content/{media}"})

        @api.get("/content/<media:str>")
        async def content(request: Request, media: str) -> HTTPResponse:
            whole = self.files.get(media, b"")
            return raw(whole[: len(whole) // 2] if self.strikes("partial_upload") else whole)

        return api

    def _refuse(self, body: Mapping[str, Any]) -> HTTPResponse | None:
        """What the real platform would not take."""
        if body.get("messaging_product") != "whatsapp" or not body.get("to"):
            return _error(400, 100, "Invalid parameter")
        if body.get("type") != "template" and time.time() - self.wrote.get(str(body["to"]), 0.0) > WINDOW:
            return _error(400, 131047, "Re-engagement message")
        if body["type"] == "text" and not 0 < len(body["text"]["body"]) <= 4096:
            return _error(400, 131009, "Parameter value is not valid")
        if body["type"] == "interactive" and not _interactive_fits(body["interactive"]):
            return _error(400, 131009, "Parameter value is not valid")
        return None

    async def say(self, user: str, text: str, **more: Any) -> str:
        """`press`=id of a button or row; `message`=the platform's own form of anything else."""
        self.opened(user)
        number = f"wamid.in{next(self.numbers)}"
        content: dict[str, Any] = more.get("message") or {"type": "text", "text": {"body": text}}
        if more.get("press"):
            reply = {"type": "button_reply", "button_reply": {"id": more["press"], "title": text}}
            content = {"type": "interactive", "interactive": reply}
        await self._notify({"messages": [{"from": user, "id": number, "timestamp": str(int(time.time())), **content}]})
        return number

    async def status(self, user: str, provider_id: str, state: str, code: int | None = None) -> None:
        """Tell how far a message of Daihou's got."""
        status: dict[str, Any] = {
            "id": provider_id,
            "status": state,
            "timestamp": str(int(time.time())),
            "recipient_id": user,
        }
        if code is not None:
            status["errors"] = [{"code": code, "title": "x"}]
        await self._notify({"statuses": [status]})

    async def _notify(self, value: dict[str, Any]) -> None:
        whole = {
            "messaging_product": "whatsapp",
            "metadata": {"phone_number_id": self.config["WHATSAPP_PHONE_ID"]},
            **value,
        }
        body = orjson.dumps(
            {
                "object": "whatsapp_business_account",
                "entry": [{"id": "1", "changes": [{"field": "messages", "value": whole}]}],
            }
        )
        secret = "wrong" if self.strikes("bad_signature") else self.config["WHATSAPP_APP_SECRET"]
        mark = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        await self.call("notification", content=body, headers={"X-Hub-Signature-256": f"sha256={mark}"})


def _error(status: int, code: int, message: str, headers: dict[str, str] | None = None) -> HTTPResponse:
    return json({"error": {"message": message, "code": code}}, status, headers)


def _interactive_fits(made: Mapping[str, Any]) -> bool:
    if not 0 < len(made["body"]["text"]) <= 1024:
        return False
    if made["type"] == "button":
        buttons = [one["reply"] for one in made["action"]["buttons"]]
        return 0 < len(buttons) <= 3 and all(0 < len(b["title"]) <= 20 and len(b["id"]) <= 256 for b in buttons)
    rows = [row for section in made["action"]["sections"] for row in section["rows"]]
    button = made["action"]["button"]
    return (
        0 < len(rows) <= 10
        and 0 < len(button) <= 20
        and all(0 < len(r["title"]) <= 24 and len(r["id"]) <= 200 and len(r.get("description", "")) <= 72 for r in rows)
    )


def _shown(body: Mapping[str, Any]) -> tuple[str, list[dict[str, str]]]:
    if body["type"] == "text":
        return body["text"]["body"], []
    if body["type"] == "template":
        return f"[template {body['template']['name']}]", []
    made = body["interactive"]
    if made["type"] == "button":
        return made["body"]["text"], [
            {"title": one["reply"]["title"], "data": one["reply"]["id"]} for one in made["action"]["buttons"]
        ]
    rows = [row for section in made["action"]["sections"] for row in section["rows"]]
    return made["body"]["text"], [{"title": row["title"], "data": row["id"]} for row in rows]
