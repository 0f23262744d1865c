"""Anything else that people write with: a signed webhook in, a signed webhook out. See docs/channels/webhook.md.

The format is ours and written down twice: in bot/openapi.yml what a lender's system sends to `POST /channels/webhook`, in
bot/asyncapi.yml what it gets at HOOK_URL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

import orjson

from bot.channels.platforms.fetching import Guard
from bot.channels.platforms.reading import document, key, moment, words
from bot.channels.platforms.setup import Given, Setting, call
from bot.channels.platforms.signed import HEADER, signature, verify
from bot.errors import BadInput, ConfigError
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
    State,
    Status,
    Traits,
)
from bot.services.channels.wording import choices, in_words, split

NAME = "webhook"
SETTINGS = {
    "HOOK_SECRET": Setting("signs the requests of both sides", secret=True),
    "HOOK_URL": Setting("where replies are posted"),
    "HOOK_SECRET_OLD": Setting("the secret before, while it is being changed", "", secret=True),
}
MOST = 100  # messages, and statuses, of one request
MOST_FILES = 10
LONGEST_TOKEN = 4096
KINDS = {one.value: one for one in Kind}
STATES = {one.value: one for one in (State.SENT, State.DELIVERED, State.READ, State.FAILED)}
FILES = (Kind.IMAGE, Kind.VOICE, Kind.VIDEO, Kind.FILE)
FINAL = {401: "not_configured", 403: "not_configured", 404: "unknown_user", 409: "blocked", 410: "unknown_user"}
PASSING = (408, 425)  # besides 429 and 5xx


def make(given: Given) -> Adapter:
    parts = urlsplit(given.config["HOOK_URL"])
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ConfigError("HOOK_URL must be an address that begins with https:// (or http:// inside your own network)")
    return Webhook(given)


class Webhook(Adapter):
    """`channel_user` is whatever the other side calls its user."""

    name = NAME
    traits = Traits(longest=20_000, buttons=100, button_title=200, per_second=50.0, receipts=True)

    def __init__(self, given: Given, guard: Guard | None = None) -> None:
        self._given, self._guard = given, guard or Guard()
        self._url = given.config["HOOK_URL"]
        self._secrets = [one for one in (given.config["HOOK_SECRET"], given.config["HOOK_SECRET_OLD"]) if one]

    # -- in

    def receive(self, hook: Hook) -> Reception:
        verify(self._secrets, hook.headers.get(HEADER.lower(), ""), hook.body, hook.now)
        found = document(hook.body)
        if not isinstance(found, dict):
            raise _bad("an object with messages and statuses is expected")
        messages = [_message(one, f"messages[{at}]") for at, one in enumerate(_list(found, "messages", MOST))]
        statuses = [_status(one, f"statuses[{at}]") for at, one in enumerate(_list(found, "statuses", MOST))]
        return Reception(tuple(messages), tuple(statuses), b'{"taken":true}', "application/json")

    # -- out

    def render(self, message: Outgoing) -> Sequence[Payload]:
        """`plain` holds all of it in words; text, card and buttons come with its first piece, for whoever can show them."""
        shared = {"from": message.sender, "by": message.by, "language": message.language}
        nothing: Payload = {"text": "", "buttons": [], "card": None}
        payloads: list[Payload] = [
            {**shared, "plain": piece, **nothing} for piece in split(in_words(message), self.traits)
        ]
        if payloads:
            buttons = [{"title": one.title, "say": one.say} for one in choices(message)]
            whole = split(message.text, self.traits)[:1] or [""]
            payloads[0] |= {"text": whole[0], "buttons": buttons, "card": _absolute(message)}
        return payloads

    async def send(self, to: str, payload: Payload, key: str) -> str:
        body = orjson.dumps({**payload, "id": key, "to": to})
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            HEADER: signature(self._secrets, body, self._given.clock.now()),
        }
        answer = await call(self._given, "POST", self._url, content=body, headers=headers)
        if 200 <= answer.status_code < 300:
            return key
        if answer.status_code in PASSING:
            raise SendFailed("busy", again=True)
        if 300 <= answer.status_code < 400:  # a reply is never carried to where somebody else points
            raise SendFailed("not_configured")
        raise SendFailed(FINAL.get(answer.status_code, "invalid"))

    async def fetch(self, media: Media) -> bytes:
        return await self._guard.from_anywhere(media.ref)


def _absolute(message: Outgoing) -> dict[str, Any] | None:
    """The card as it is shown on the web (bot/web/PROTOCOL.md), its links with their host."""
    if not message.card:
        return None
    links = [{**one, "href": f"{message.base_url}{one['href']}"} for one in message.card.get("links") or ()]
    return {**message.card, "links": links} if links else dict(message.card)


def _message(found: Any, where: str) -> Inbound:
    one = _object(found, where)
    kind = KINDS.get(words(one.get("kind")) or "text", Kind.UNSUPPORTED)
    text = _text(one, "text", where, 20_000)
    files = tuple(_file(item, kind, f"{where}.files[{at}]") for at, item in enumerate(_list(one, "files", MOST_FILES)))
    if kind is Kind.TEXT and not text.strip():
        raise _bad(f"{where}.text is empty")
    return Inbound(
        _needed(one, "user", where, 255),
        _needed(one, "id", where, 128),
        kind,
        text,
        files,
        _when(one, "sent_at", where),
        _text(one, "refers_to", where, 128) or None,
        _text(one, "identity_token", where, LONGEST_TOKEN) or None,
        _language(_text(one, "language", where, 20)),
    )


def _language(told: str) -> str | None:
    return "en" if told.startswith("en") else told if told in ("zh-Hans", "zh-Hant") else None


def _file(found: Any, kind: Kind, where: str) -> Media:
    one = _object(found, where)
    url = _text(one, "url", where, 2048)
    if not url.startswith("https://"):
        raise _bad(f"{where}.url must begin with https://")
    own = KINDS.get(words(one.get("kind")), kind)
    name, content_type = _text(one, "name", where, 255), _text(one, "content_type", where, 80)
    return Media(own if own in FILES else Kind.FILE, url, name, content_type)


def _status(found: Any, where: str) -> Status:
    one = _object(found, where)
    state = STATES.get(words(one.get("state")))
    if state is None:
        raise _bad(f"{where}.state is one of {', '.join(STATES)}")
    return Status(_needed(one, "id", where, 128), state, _when(one, "at", where), _text(one, "reason", where, 40))


def _bad(message: str) -> BadInput:
    return BadInput(message, code="bad_hook")


def _object(found: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise _bad(f"{where} must be an object")
    return found


def _list(one: Mapping[str, Any], name: str, most: int) -> list[Any]:
    found = one.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or len(found) > most:
        raise _bad(f"{name} must be a list of at most {most}")
    return found


def _needed(one: Mapping[str, Any], name: str, where: str, longest: int) -> str:
    found = key(one.get(name), longest).strip()
    if not found:
        raise _bad(f"{where}.{name} is needed: printable, at most {longest} characters")
    return found


def _text(one: Mapping[str, Any], name: str, where: str, longest: int) -> str:
    found = one.get(name)
    if found is None:
        return ""
    if not isinstance(found, str) or len(found) > longest:
        raise _bad(f"{where}.{name} must be text of at most {longest} characters")
    return words(found)


def _when(one: Mapping[str, Any], name: str, where: str) -> datetime | None:
    """Unix seconds, or RFC 3339 with a zone."""
    found = one.get(name)
    if found is None:
        return None
    told = moment(found)
    if told is None and isinstance(found, str):
        try:
            read = datetime.fromisoformat(found.replace("Z", "+00:00"))
            told = read.astimezone(timezone.utc) if read.tzinfo is not None else None
        except (ValueError, OverflowError):
            told = None
    if told is None:
        raise _bad(f"{where}.{name} must be seconds since 1970, or a time with its zone")
    return told
