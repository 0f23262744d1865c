"""Telegram bots. In: a webhook with a secret header. Out: `sendMessage` with inline buttons. See docs/channels/telegram.md.

Source: the public Bot API documentation (setWebhook, Update, sendMessage, getFile), read 2026-11.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bot.channels.platforms.reading import document, moment, table, tables, words
from bot.channels.platforms.reading import key as mark_of
from bot.channels.platforms.setup import Given, Setting, call, content_of
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
from bot.services.channels.wording import choices, in_words, sent_file, short, split

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
LARGEST_FILE, LARGEST_PHOTO = 50_000_000, 10_000_000  # bytes that a bot may send
PICTURES = ("image/jpeg", "image/png")
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
        if not hmac.compare_digest(shown.encode("utf-8", "replace"), self._secret.encode()):
            raise SignatureRefused("the secret token is missing or wrong")
        update = table(document(hook.body))
        number = mark_of(update.get("update_id"))
        if not number:
            raise BadInput("not an update", code="bad_update")
        found = _read(number, update)
        return Reception(inbound=(found,) if found else (), body=b"{}", content_type="application/json")

    # -- out

    def render(self, message: Outgoing) -> Sequence[Payload]:
        file = sent_file(message, LARGEST_FILE)
        if file is not None:
            photo = file.content_type in PICTURES and file.size <= LARGEST_PHOTO
            return [{"method": "sendPhoto" if photo else "sendDocument", "file": asdict(file)}]
        picks = choices(message)
        buttons = picks if len(picks) <= self.traits.buttons else ()
        pieces = split(in_words(message, numbered=not buttons), self.traits)
        payloads: list[Payload] = [{"method": "sendMessage", "text": piece} for piece in pieces]
        if buttons and payloads:
            keyboard = [[{"text": short(one.title, self.traits), "callback_data": _data(one.say)}] for one in buttons]
            payloads[-1]["reply_markup"] = {"inline_keyboard": keyboard}
        return payloads

    async def send(self, to: str, payload: Payload, key: str) -> str:
        body = {"json": {"chat_id": to, **{name: value for name, value in payload.items() if name != "method"}}}
        if "file" in payload:
            body = await self._with_file(to, payload)
        answer = await call(self._given, "POST", f"{self._base}/{payload['method']}", **body)
        told = _told(answer.content)
        if answer.status_code == 200 and told.get("ok"):
            return mark_of(table(told.get("result")).get("message_id"))
        why = words(told.get("description")).lower()
        if answer.status_code == 403 or "blocked" in why:
            raise SendFailed("blocked")
        raise SendFailed("unknown_user" if "chat not found" in why else "invalid")

    async def _with_file(self, to: str, payload: Payload) -> dict[str, Any]:
        file, field = payload["file"], "photo" if payload["method"] == "sendPhoto" else "document"
        content = await content_of(self._given, file["ref"])
        return {"data": {"chat_id": to}, "files": {field: (file["name"], content, file["content_type"])}}

    async def fetch(self, media: Media) -> bytes:
        answer = await call(self._given, "GET", f"{self._base}/getFile", params={"file_id": media.ref})
        path = words(table(_told(answer.content).get("result")).get("file_path"))
        if not path:
            raise SendFailed("gone")
        content = await call(self._given, "GET", f"{self._files}/{path}")
        if content.status_code != 200:
            raise SendFailed("gone")
        return content.content


def _read(number: str, update: Mapping[str, Any]) -> Inbound | None:
    """None for channel posts, inline queries, payments: nothing that we offer; and for what names no chat."""
    if pressed := table(update.get("callback_query")):
        chat = table(table(pressed.get("message")).get("chat")) or {"id": table(pressed.get("from")).get("id")}
        return _from(chat, f"cb{mark_of(pressed.get('id'))}", _kind_in(chat), _picked(pressed))
    member = table(update.get("my_chat_member"))
    if table(member.get("new_chat_member")).get("status") == "kicked":
        return _from(table(member.get("chat")), f"u{number}", Kind.STOP)
    edited = table(update.get("edited_message"))
    message = edited or table(update.get("message"))
    chat, mark = table(message.get("chat")), f"m{mark_of(message.get('message_id'))}"
    text = words(message.get("text")) or words(message.get("caption"))
    kind, media = _content(message)
    if _kind_in(chat) is Kind.GROUP:
        return _from(chat, mark, Kind.GROUP, message=message)
    if edited:
        at = words(str(edited.get("edit_date") or edited.get("date")), 20)
        return _from(chat, f"{mark}e{at}", Kind.EDITED, text, message=message, refers_to=mark)
    return _from(chat, mark, kind, text, message=message, media=media)


def _from(
    chat: Mapping[str, Any],
    mark: str,
    kind: Kind,
    text: str = "",
    *,
    message: Mapping[str, Any] | None = None,
    media: tuple[Media, ...] = (),
    refers_to: str | None = None,
) -> Inbound | None:
    user, told = mark_of(chat.get("id")), message or {}
    if not user:
        return None
    at = moment(told.get("edit_date")) or moment(told.get("date"))
    english = words(table(told.get("from")).get("language_code")).startswith("en")
    plain = kind not in (Kind.GROUP, Kind.EDITED)
    return Inbound(user, mark, kind, text, media, at, refers_to, language="en" if english and plain else None)


def _picked(pressed: Mapping[str, Any]) -> str:
    """What a button says: its data, or, where that was too long for Telegram, the text of the button pressed."""
    data = words(pressed.get("data"))
    if not data.startswith("#"):
        return data
    keyboard = table(table(pressed.get("message")).get("reply_markup")).get("inline_keyboard")
    rows = keyboard if isinstance(keyboard, list) else []
    titles = (words(one.get("text")) for row in rows for one in tables(row) if one.get("callback_data") == data)
    return next(titles, data)


def _kind_in(chat: Mapping[str, Any]) -> Kind:
    return Kind.TEXT if chat.get("type", "private") == "private" else Kind.GROUP


def _content(message: Mapping[str, Any]) -> tuple[Kind, tuple[Media, ...]]:
    for field, kind in MEDIA.items():
        sizes = [*tables(message.get(field))] if field == "photo" else [table(message.get(field))]
        found = sizes[-1] if sizes else {}  # of a photo the largest is last
        if ref := words(found.get("file_id")):
            return kind, (Media(kind, ref, words(found.get("file_name")), words(found.get("mime_type"))),)
    for field, kind in OTHERS.items():
        if message.get(field):
            return kind, ()
    return (Kind.TEXT, ()) if words(message.get("text")) else (Kind.UNSUPPORTED, ())


def _data(say: str) -> str:
    """`say` itself, where Telegram takes it; a mark for it, where it is too long (the button's text then says it)."""
    return say if len(say.encode()) <= LONGEST_DATA else "#" + hashlib.sha256(say.encode()).hexdigest()[:16]


def _told(content: bytes) -> Mapping[str, Any]:
    try:
        return table(document(content))
    except BadInput:
        return {}
