"""Meta's Graph API for WhatsApp: messages with their limits and the 24-hour window, media in two steps, signed webhooks with receipts."""

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
PHONE = "106540352242922"
RECEIPT_AFTER = 0.3  # seconds
WINDOW = 24 * 3600  # seconds
TEXT, BODY, MOST_BUTTONS, TITLE, MOST_ROWS, ROW, DESCRIPTION, ROW_ID = 4096, 1024, 3, 20, 10, 24, 72, 200


def demo(api: str) -> dict[str, str]:
    return {
        "WHATSAPP_PHONE_ID": PHONE,
        "WHATSAPP_TOKEN": "demo-system-user-token",
        "WHATSAPP_APP_SECRET": "demo-app-secret",
        "WHATSAPP_VERIFY": "demo-verify-token",
        "WHATSAPP_TEMPLATE": "message_waits",
        "WHATSAPP_API": f"{api}/{NAME}/v23.0",
        "WHATSAPP_MEDIA_HOSTS": "127.0.0.1",
    }


def make(webhook: str, config: Mapping[str, str]) -> Simulator:
    return WhatsAppSimulator(webhook, config)


class WhatsAppSimulator(Simulator):
    """Config: WHATSAPP_PHONE_ID, WHATSAPP_TOKEN, WHATSAPP_APP_SECRET, WHATSAPP_VERIFY."""

    name = NAME

    def __init__(self, webhook: str, config: Mapping[str, str]) -> None:
        super().__init__(webhook, config)
        self.last: dict[str, float] = {}  # when each person wrote
        self.files: dict[str, bytes] = {}
        self.absent: set[str] = set()  # numbers without WhatsApp
        self.refuse: list[int] = []  # codes that the next calls get
        self.receipts: tuple[str, ...] = ("sent", "delivered")
        self.receipt: asyncio.Task[None] | None = None  # the last one under way

    def opened(self, user: str) -> None:
        """The person has just written."""
        self.last[user] = time.time()

    def routes(self) -> Blueprint:
        api = Blueprint("sim_whatsapp", url_prefix="/whatsapp")

        @api.on_request
        async def with_the_token(request: Request) -> HTTPResponse | None:
            shown = request.headers.get("authorization", "")
            if shown != f"Bearer {self.config['WHATSAPP_TOKEN']}" or self.strikes("expired_token"):
                return _refused(190, 401)
            return None

        @api.post("/v23.0/<phone:str>/messages")
        async def send(request: Request, phone: str) -> HTTPResponse:
            if self.strikes("slow"):
                await asyncio.sleep(SLOW)
            if self.strikes("error"):
                return _refused(131000, 500)
            if self.strikes("busy"):
                return _refused(130429, 400)
            if self.refuse:
                return _refused(self.refuse.pop(0), 400)
            return self._take(phone, request.json or {})

        @api.post("/v23.0/<phone:str>/media")
        async def upload(request: Request, phone: str) -> HTTPResponse:
            found, form = request.files.get("file"), request.form or {}
            if found is None or form.get("messaging_product") != "whatsapp" or form.get("type") != found.type:
                return _refused(100, 400)
            media_id = f"up{next(self.numbers)}"
            self.files[media_id] = found.body
            return json({"id": media_id})

        @api.get("/v23.0/<media_id:str>")
        async def where(request: Request, media_id: str) -> HTTPResponse:
            content = self.files.get(media_id)
            if content is None or self.strikes("gone"):
                return _refused(100, 400)
            url = self.config.get("media_url") or f"http://{request.host}/whatsapp/download/{media_id}"
            mark = hashlib.sha256(content).hexdigest()
            return json({"url": url, "sha256": mark, "file_size": len(content), "id": media_id})

        @api.get("/download/<media_id:str>")
        async def download(request: Request, media_id: str) -> HTTPResponse:
            content = self.files.get(media_id, b"")
            return raw(content[: len(content) // 2] if self.strikes("partial_upload") else content)

        return api

    def _take(self, phone: str, body: Mapping[str, Any]) -> HTTPResponse:
        to = str(body.get("to", ""))
        if phone != self.config["WHATSAPP_PHONE_ID"] or body.get("messaging_product") != "whatsapp":
            return _refused(100, 400)
        if not to.isdigit() or to in self.absent:
            return _refused(131026, 400)
        if body["type"] != "template" and time.time() - self.last.get(to, 0) > WINDOW:
            return _refused(131047, 400)
        kind = body["type"]
        if kind in ("document", "image"):
            held = body[kind].get("id") in self.files
            shown = (
                (body[kind].get("filename", "[image]"), [{"data": body[kind]["id"], "title": kind}]) if held else None
            )
        else:
            shown = _shown(body)
        if shown is None:
            return _refused(131009, 400)
        number = f"wamid.{next(self.numbers)}"
        self.shown(to, shown[0], buttons=shown[1], extra={"id": number, "type": body["type"]})
        self.receipt = asyncio.get_running_loop().create_task(self._receipts(number, to))
        if self.strikes("lost_answer"):
            return json({}, 502)
        return json(
            {"messaging_product": "whatsapp", "contacts": [{"input": to, "wa_id": to}], "messages": [{"id": number}]}
        )

    async def say(self, user: str, text: str, **more: Any) -> str:
        """`press`=id of a button or row; `content`=the message's own fields (type and its object); `media`=(id, bytes)."""
        self.opened(user)
        number = f"wamid.in.{next(self.numbers)}"
        content = more.get("content") or {"type": "text", "text": {"body": text}}
        if more.get("press"):
            reply = {"type": "button_reply", "button_reply": {"id": more["press"], "title": text or more["press"]}}
            content = {"type": "interactive", "interactive": reply}
        if more.get("media"):
            media_id, file = more["media"]
            self.files[media_id] = file
        sent = {"from": user, "id": number, "timestamp": str(int(more.get("at") or time.time())), **content}
        await self._event("message", {"contacts": [{"wa_id": user, "profile": {"name": "X"}}], "messages": [sent]})
        return number

    async def status(self, message_id: str, state: str, to: str, code: int = 0) -> None:
        """A receipt; `code` of a failure."""
        told: dict[str, Any] = {
            "id": message_id,
            "status": state,
            "timestamp": str(int(time.time())),
            "recipient_id": to,
        }
        if code:
            told["errors"] = [{"code": code, "title": "x"}]
        await self._event(state, {"statuses": [told]})

    async def _receipts(self, message_id: str, to: str) -> None:
        await asyncio.sleep(RECEIPT_AFTER)
        for state in self.receipts:
            if not self.http.is_closed and not self.webhook.endswith("/none"):
                await self.status(message_id, state, to)

    async def register(self) -> str:
        """What Meta asks when the webhook is registered; the challenge as it came back."""
        asked = {
            "hub.mode": "subscribe",
            "hub.verify_token": self.config["WHATSAPP_VERIFY"],
            "hub.challenge": str(next(self.numbers) + 10**9),
        }
        answer = await self.call("register", "GET", params=asked)
        return "" if answer is None or answer.text != asked["hub.challenge"] else answer.text

    async def _event(self, what: str, value: dict[str, Any]) -> None:
        metadata = {"display_phone_number": "15550783881", "phone_number_id": self.config["WHATSAPP_PHONE_ID"]}
        change = {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
        event = {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": [change]}]}
        body = orjson.dumps(event)
        secret = "wrong" if self.strikes("bad_signature") else self.config["WHATSAPP_APP_SECRET"]
        mark = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": f"sha256={mark}", "Content-Type": "application/json"}
        await self.call(what, content=body, headers=headers)


def _shown(body: Mapping[str, Any]) -> tuple[str, list[dict[str, str]]] | None:
    """Text and buttons on the phone, None for what WhatsApp refuses."""
    if body["type"] == "text":
        text = body["text"]["body"]
        return (text, []) if 0 < len(text) <= TEXT else None
    if body["type"] == "template":
        values = [one["text"] for part in body["template"]["components"] for one in part["parameters"]]
        clean = all("\n" not in one and one for one in values) and len(values) == 1
        return (f"[{body['template']['name']}] {values[0]}", []) if clean else None
    inner = body["interactive"]
    text, action = inner["body"]["text"], inner["action"]
    if not 0 < len(text) <= BODY:
        return None
    if inner["type"] == "button":
        buttons = [{"title": one["reply"]["title"], "data": one["reply"]["id"]} for one in action["buttons"]]
        fits = len(buttons) <= MOST_BUTTONS and all(0 < len(one["title"]) <= TITLE for one in buttons)
    else:
        rows = [row for section in action["sections"] for row in section["rows"]]
        buttons = [{"title": one["title"], "data": one["id"], "more": one.get("description", "")} for one in rows]
        fits = len(rows) <= MOST_ROWS and 0 < len(action["button"]) <= TITLE
        fits = fits and all(len(one["data"]) <= ROW_ID and len(one["more"]) <= DESCRIPTION for one in buttons)
        fits = fits and all(0 < len(one["title"]) <= ROW for one in buttons)
    apart = len({one["data"] for one in buttons}) == len(buttons) > 0
    return (text, buttons) if fits and apart else None


def _refused(code: int, status: int) -> HTTPResponse:
    error = {"message": f"(#{code}) refused", "type": "OAuthException", "code": code, "fbtrace_id": "x"}
    return json({"error": error}, status)
