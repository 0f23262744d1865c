"""Telegram bots. In: a webhook with a secret header. Out: `sendMessage` with inline buttons. See docs/channels/telegram.md.

Source: the public Bot API documentation (setWebhook, Update, sendMessage, getFile), read 2026-11.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

import orjson

from bot.channels.platforms.setup import Given, Setting, call
from bot.errors import BadInput
from bot.services.channels.model import (
    Adapter,
    Hook,
    Inbound,
    Kind,
    Media,
    Outgoing,
    Payload,
    Reception,
    SendFailed,
    SignatureRefused,
    Traits,
)
from bot.services.channels.wording import choices, in_words, short, split

NAME = "telegram"
SETTINGS = {
    "TELEGRAM_TOKEN": Setting("the bot's token", secret=True),
    "TELEGRAM_SECRET": Setting("the secret_token given to setWebhook", secret=True),
    "TELEGRAM_API": Setting("address of the Bot API", "https://api.telegram.org"),
}
MEDIA = {"photo": Kind.IMAGE, "voice": Kind.VOICE, "audio": Kind.VOICE, "video": Kind.VIDEO, "document": Kind.FILE}
OTHERS = {
    "sticker": Kind.STICKER,
    "location": Kind.LOCATION,
    "venue": Kind.LOCATION,
    "contact": Kind.CARD,
    "poll": Kind.CARD,
}
LONGEST_DATA = 64  # bytes of callback_data


def make(given: Given) -> Adapter:
    return Telegram(given)


class Telegram(Adapter):
    """`channel_user` is the chat's id; a private chat is one person."""

    name = NAME
    traits = Traits(longest=4096, buttons=8, button_title=40, per_second=25.0)

    def __init__(self, given: Given) -> None:
        self._given = given
        config = given.config
        self._secret = config["TELEGRAM_SECRET"]
        self._base = f"{config['TELEGRAM_API']}/bot{config['TELEGRAM_TOKEN']}"
        self._files = f"{config['TELEGRAM_API']}/file/bot{config['TELEGRAM_TOKEN']}"

    # -- in

    def receive(self, hook: Hook) -> Reception:
        shown = hook.headers.get("x-telegram-bot-api-secret-token", "")
        if not hmac.compare_digest(shown.encode(), self._secret.encode()):
            raise SignatureRefused("the secret token is missing or wrong")
        try:
            update = orjson.loads(hook.body)
            number = int(update["update_id"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise BadInput("not an update", code="bad_update") from error
        found = self._read(number, update)
        return Reception(inbound=(found,) if found else (), body=b"{}", content_type="application/json")

    def _read(self, number: int, update: Mapping[str, Any]) -> Inbound | None:
        pressed = update.get("callback_query")
        if pressed:
            chat = (pressed.get("message") or {}).get("chat") or {"id": pressed["from"]["id"], "type": "private"}
            return Inbound(str(chat["id"]), f"cb{pressed['id']}", _kind_in(chat), self._picked(pressed))
        blocked = (update.get("my_chat_member") or {}).get("new_chat_member", {}).get("status") == "kicked"
        if blocked:
            chat = update["my_chat_member"]["chat"]
            return Inbound(str(chat["id"]), f"u{number}", Kind.STOP)
        edited = update.get("edited_message")
        message = edited or update.get("message")
        if not message:
            return None  # channel posts, inline queries, payments: nothing that we offer
        return self._message(message, edited is not None)

    def _message(self, message: Mapping[str, Any], edited: bool) -> Inbound:
        chat = message["chat"]
        user, key = str(chat["id"]), f"m{message['message_id']}"
        at = datetime.fromtimestamp(message.get("edit_date") or message["date"], timezone.utc)
        text = str(message.get("text") or message.get("caption") or "")
        kind, media = _content(message)
        if chat.get("type") != "private":
            return Inbound(user, key, Kind.GROUP, sent_at=at)
        if edited:
            return Inbound(user, f"{key}e{int(at.timestamp())}", Kind.EDITED, text, sent_at=at, refers_to=key)
        language = str((message.get("from") or {}).get("language_code") or "")
        return Inbound(user, key, kind, text, media, at, language="en" if language.startswith("en") else None)

    def _picked(self, pressed: Mapping[str, Any]) -> str:
        """What a button says: its data, or, where that was too long for Telegram, the text of the button pressed."""
        data = str(pressed.get("data") or "")
        if not data.startswith("#"):
            return data
        keyboard = ((pressed.get("message") or {}).get("reply_markup") or {}).get("inline_keyboard") or []
        return next((b["text"] for row in keyboard for b in row if b.get("callback_data") == data), data)

    # -- out

    def render(self, message: Outgoing) -> Sequence[Payload]:
        picks = choices(message)
        buttons = picks if len(picks) <= self.traits.buttons else ()
        pieces = split(in_words(message, numbered=not buttons), self.traits)
        payloads: list[Payload] = [{"method": "sendMessage", "text": piece} for piece in pieces]
        if buttons and payloads:
            keyboard = [[{"text": short(one.title, self.traits), "callback_data": _data(one.say)}] for one in buttons]
            payloads[-1]["reply_markup"] = {"inline_keyboard": keyboard}
        return payloads

    async def send(self, to: str, payload: Payload, key: str) -> str:
        body = {name: value for name, value in payload.items() if name != "method"}
        answer = await call(self._given, "POST", f"{self._base}/{payload['method']}", json={"chat_id": to, **body})
        told = _json(answer.content)
        if answer.status_code == 200 and told.get("ok"):
            return str(told["result"]["message_id"])
        words = str(told.get("description", "")).lower()
        if answer.status_code == 403 or "blocked" in words:
            raise SendFailed("blocked")
        raise SendFailed("unknown_user" if "chat not found" in words else "invalid")

    async def fetch(self, media: Media) -> bytes:
        answer = await call(self._given, "GET", f"{self._base}/getFile", params={"file_id": media.ref})
        path = (_json(answer.content).get("result") or {}).get("file_path")
        if not path:
            raise SendFailed("gone")
        content = await call(self._given, "GET", f"{self._files}/{path}")
        if content.status_code != 200:
            raise SendFailed("gone")
        return content.content


def _kind_in(chat: Mapping[str, Any]) -> Kind:
    return Kind.TEXT if chat.get("type", "private") == "private" else Kind.GROUP


def _content(message: Mapping[str, Any]) -> tuple[Kind, tuple[Media, ...]]:
    for field, kind in MEDIA.items():
        if message.get(field):
            found = message[field][-1] if field == "photo" else message[field]  # sizes of a photo: the largest is last
            return kind, (Media(kind, found["file_id"], found.get("file_name", ""), found.get("mime_type", "")),)
    for field, kind in OTHERS.items():
        if message.get(field):
            return kind, ()
    return (Kind.TEXT, ()) if message.get("text") else (Kind.UNSUPPORTED, ())


def _data(say: str) -> str:
    """`say` itself, where Telegram takes it; a mark for it, where it is too long (the button's text then says it)."""
    return say if len(say.encode()) <= LONGEST_DATA else "#" + hashlib.sha256(say.encode()).hexdigest()[:16]


def _json(content: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
