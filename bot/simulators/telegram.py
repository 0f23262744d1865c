"""Telegram's Bot API: sendMessage, getFile, downloads; updates with the secret header."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json, raw

from bot.simulators.base import SLOW, Simulator

NAME = "telegram"
LONGEST = 4096


def demo(api: str) -> dict[str, str]:
    """The variables of a Daihou beside this simulator; made up, of use nowhere else."""
    return {"TELEGRAM_TOKEN": "42:demo", "TELEGRAM_SECRET": "demo-hook-secret", "TELEGRAM_API": f"{api}/{NAME}"}


def make(webhook: str, config: Mapping[str, str]) -> Simulator:
    return TelegramSimulator(webhook, config)


class TelegramSimulator(Simulator):
    """Config: TELEGRAM_TOKEN, TELEGRAM_SECRET."""

    name = NAME

    def __init__(self, webhook: str, config: Mapping[str, str]) -> None:
        super().__init__(webhook, config)
        self.sent_files: dict[str, bytes] = {}  # by name

    def routes(self) -> Blueprint:
        api = Blueprint("sim_telegram", url_prefix="/telegram")
        token = f"bot{self.config['TELEGRAM_TOKEN']}"

        @api.on_request
        async def with_the_token(request: Request) -> HTTPResponse | None:
            if f"/{token}/" in unquote(request.path):
                return None
            return json({"ok": False, "error_code": 401, "description": "Unauthorized"}, 401)

        @api.post("/<bot:str>/sendMessage")
        async def send(request: Request, bot: str) -> HTTPResponse:
            if self.strikes("slow"):
                await asyncio.sleep(SLOW)
            if self.strikes("error"):
                return json({"ok": False, "error_code": 500, "description": "Internal Server Error"}, 500)
            if self.strikes("busy"):
                return json(
                    {"ok": False, "error_code": 429, "description": "Too Many Requests"}, 429, {"Retry-After": "1"}
                )
            body = request.json or {}
            if not body.get("text") or len(body["text"]) > LONGEST:
                return json(
                    {"ok": False, "error_code": 400, "description": "Bad Request: message text is empty or too long"},
                    400,
                )
            rows = (body.get("reply_markup") or {}).get("inline_keyboard") or []
            buttons = [{"title": b["text"], "data": b["callback_data"]} for row in rows for b in row]
            if any(len(b["data"].encode()) > 64 for b in buttons):
                return json({"ok": False, "error_code": 400, "description": "Bad Request: BUTTON_DATA_INVALID"}, 400)
            number = next(self.numbers)
            self.shown(str(body["chat_id"]), body["text"], buttons=buttons, extra={"message_id": number})
            if self.strikes("lost_answer"):
                return json({"ok": False}, 502)
            return json({"ok": True, "result": {"message_id": number}})

        @api.post("/<bot:str>/<method:(sendDocument|sendPhoto)>")
        async def send_file(request: Request, bot: str, method: str) -> HTTPResponse:
            found = request.files.get("photo" if method == "sendPhoto" else "document")
            user = (request.form or {}).get("chat_id")
            if found is None or not user:
                return json({"ok": False, "error_code": 400, "description": "Bad Request: there is no file"}, 400)
            number = next(self.numbers)
            self.shown(str(user), found.name, extra={"message_id": number, "type": found.type, "size": len(found.body)})
            self.sent_files[found.name] = found.body
            return json({"ok": True, "result": {"message_id": number}})

        @api.get("/<bot:str>/getFile")
        async def get_file(request: Request, bot: str) -> HTTPResponse:
            if self.strikes("gone"):
                return json({"ok": False, "error_code": 400, "description": "Bad Request: file not found"}, 400)
            return json({"ok": True, "result": {"file_path": f"files/{request.args.get('file_id')}"}})

        @api.get("/file/<bot:str>/files/<file_id:str>")
        async def file(request: Request, bot: str, file_id: str) -> HTTPResponse:
            content = self.config.get(f"file:{file_id}", "").encode("latin-1")
            return raw(content[: len(content) // 2] if self.strikes("partial_upload") else content)

        return api

    async def say(self, user: str, text: str, **more: Any) -> str:
        """`press`=data of a button; `kind`=sticker|location|photo…; `chat`=group."""
        number, at = next(self.numbers), int(more.get("at") or time.time())
        chat = {"id": int(user), "type": more.get("chat", "private")}
        person = {"id": int(user), "first_name": "X", "is_bot": False}
        if more.get("press"):
            sent = {"chat": chat, "message_id": number, "date": at, "reply_markup": more.get("markup")}
            update = {"callback_query": {"id": str(number), "from": person, "message": sent, "data": more["press"]}}
        else:
            content = more.get("content") or {"text": text}
            update = {
                more.get("update", "message"): {
                    "message_id": number,
                    "chat": chat,
                    "from": person,
                    "date": at,
                    **content,
                }
            }
        secret = "wrong" if self.strikes("bad_signature") else self.config["TELEGRAM_SECRET"]
        await self.call(
            "update", json={"update_id": number, **update}, headers={"X-Telegram-Bot-Api-Secret-Token": secret}
        )
        return str(number)
