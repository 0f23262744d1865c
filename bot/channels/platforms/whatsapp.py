"""WhatsApp Cloud API. In: webhooks signed over the raw body. Out: texts, buttons, lists; outside 24 hours an approved template only.

Source: the public Cloud API documentation (webhooks, messages, interactive messages, media, error codes), read 2026-11.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson

from bot.channels.platforms.setup import Given, Setting, call
from bot.channels.platforms.whatsapp_read import inbound_of, status_of
from bot.errors import BadInput
from bot.services.channels.model import (
    LAST_IN,
    Adapter,
    Choice,
    Hook,
    Media,
    Outgoing,
    Payload,
    Reception,
    SendFailed,
    SignatureRefused,
    Traits,
)
from bot.services.channels.wording import choices, in_words, short, split, word

NAME = "whatsapp"
SETTINGS = {
    "WHATSAPP_TOKEN": Setting("access token of the system user", secret=True),
    "WHATSAPP_APP_SECRET": Setting("the app's secret: signs webhooks", secret=True),
    "WHATSAPP_VERIFY": Setting("the verify token of the webhook", secret=True),
    "WHATSAPP_PHONE_ID": Setting("id of the sending phone number"),
    "WHATSAPP_API": Setting("address of the Graph API with its version", "https://graph.facebook.com/v21.0"),
    "WHATSAPP_MEDIA_HOSTS": Setting("hosts that media may come from", "lookaside.fbsbx.com"),
    "WHATSAPP_TEMPLATE": Setting("an approved template without facts, for messages outside the window", ""),
    "WHATSAPP_TEMPLATE_LANGUAGE": Setting("its language", "zh_CN"),
}
MOST_BUTTONS, BUTTON_TITLE = 3, 20
MOST_ROWS, ROW_TITLE, ROW_NOTE = 10, 24, 72
INTERACTIVE = 1024  # characters of the body of an interactive message
ID = 200  # characters of a button's id (256 allowed)
# Error codes: what they mean for the message.
CODES = {
    131047: ("window_closed", False),
    131026: ("unknown_user", False),
    131051: ("invalid", False),
    131009: ("invalid", False),
    131056: ("busy", True),
    130429: ("busy", True),
    80007: ("busy", True),
    131016: ("busy", True),
    131000: ("busy", True),
    190: ("expired_token", True),
    131031: ("blocked", False),
    368: ("blocked", False),
}


def make(given: Given) -> Adapter:
    return WhatsApp(given)


class WhatsApp(Adapter):
    """`channel_user` is the person's phone number as WhatsApp writes it; it proves nothing by itself."""

    name = NAME
    traits = Traits(
        longest=4096,
        buttons=MOST_ROWS,
        button_title=ROW_TITLE,
        per_second=80.0,
        window=timedelta(hours=24),
        receipts=True,
    )

    def __init__(self, given: Given) -> None:
        self._given, config = given, given.config
        self._secret, self._verify = config["WHATSAPP_APP_SECRET"].encode(), config["WHATSAPP_VERIFY"]
        self._headers = {"Authorization": f"Bearer {config['WHATSAPP_TOKEN']}"}
        self._api, self._phone = config["WHATSAPP_API"], config["WHATSAPP_PHONE_ID"]
        self._hosts = set(config["WHATSAPP_MEDIA_HOSTS"].split()) | {urlsplit(self._api).netloc}
        self._template = config["WHATSAPP_TEMPLATE"]
        self._template_language = config["WHATSAPP_TEMPLATE_LANGUAGE"]
        if self._template:  # the window is judged here, not by the delivery: outside it the template goes out
            self.traits = Traits(**{**self.traits.__dict__, "window": None})

    # -- in

    def receive(self, hook: Hook) -> Reception:
        if hook.method == "GET":
            return self._challenge(hook)
        shown = hook.headers.get("x-hub-signature-256", "").removeprefix("sha256=")
        wanted = hmac.new(self._secret, hook.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(shown.encode("utf-8", "replace"), wanted.encode()):
            raise SignatureRefused("the signature is missing or wrong")
        try:
            values = list(_values(orjson.loads(hook.body), self._phone))
        except (orjson.JSONDecodeError, AttributeError, TypeError) as error:
            raise BadInput("not a notification", code="bad_update") from error
        found = [inbound_of(one) for value in values for one in _list(value.get("messages"))]
        statuses = [status_of(one) for value in values for one in _list(value.get("statuses"))]
        return Reception(tuple(one for one in found if one), tuple(one for one in statuses if one))

    def _challenge(self, hook: Hook) -> Reception:
        shown = hook.query.get("hub.verify_token", "")
        if not hmac.compare_digest(shown.encode("utf-8", "replace"), self._verify.encode()):
            raise SignatureRefused("the verify token is missing or wrong")
        return Reception(body=hook.query.get("hub.challenge", "")[:200].encode("utf-8", "replace"))

    # -- out

    def render(self, message: Outgoing) -> Sequence[Payload]:
        last = message.facts.get(LAST_IN)
        if self._template and last and self._closed(last):
            return [self._by_template()]
        picks = choices(message)
        rich = picks if 0 < len(picks) <= MOST_ROWS and all(len(one.say) <= ID for one in picks) else ()
        pieces = split(in_words(message, numbered=not rich), self.traits)
        if not rich or not pieces:
            return [_text(piece) for piece in pieces]
        *before, last_piece = pieces
        if len(last_piece) > INTERACTIVE:
            before, last_piece = [*before, last_piece], word("pick", message.language)
        return [*map(_text, before), _interactive(last_piece, rich, message.language)]

    def _closed(self, last: str) -> bool:
        return self._given.clock.now() - datetime.fromisoformat(last) > timedelta(hours=24)

    def _by_template(self) -> Payload:
        return {
            "type": "template",
            "template": {"name": self._template, "language": {"code": self._template_language}},
        }

    async def send(self, to: str, payload: Payload, key: str) -> str:
        body = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": to, **payload}
        answer = await call(
            self._given,
            "POST",
            f"{self._api}/{self._phone}/messages",
            json={**body, "biz_opaque_callback_data": key},
            headers=self._headers,
        )
        told = _object(answer.content)
        if answer.status_code == 200:
            try:
                return str(told["messages"][0]["id"])
            except (KeyError, IndexError, TypeError):
                return ""
        code = (told.get("error") or {}).get("code") if isinstance(told.get("error"), dict) else None
        reason, again = CODES.get(code, ("expired_token", True) if answer.status_code == 401 else ("invalid", False))
        raise SendFailed(reason, again=again)

    async def fetch(self, media: Media) -> bytes:
        """Two steps: the address of a media id, then the content, from hosts of the platform only."""
        answer = await call(self._given, "GET", f"{self._api}/{media.ref}", headers=self._headers)
        url = str(_object(answer.content).get("url") or "")
        if answer.status_code != 200 or not url:
            raise SendFailed("gone")
        if urlsplit(url).netloc not in self._hosts:
            raise SendFailed("no_media")
        content = await call(self._given, "GET", url, headers=self._headers)
        if content.status_code != 200:
            raise SendFailed("gone")
        return content.content


def _values(body: Mapping[str, Any], phone: str) -> Iterator[Mapping[str, Any]]:
    """The changes of our own number; other fields (templates, account) are nothing that a borrower says."""
    for entry in _list(body.get("entry")):
        for change in _list(entry.get("changes")):
            value = change.get("value")
            if change.get("field") != "messages" or not isinstance(value, dict):
                continue
            if (value.get("metadata") or {}).get("phone_number_id") == phone:
                yield value


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _text(body: str) -> Payload:
    return {"type": "text", "text": {"body": body, "preview_url": False}}


def _interactive(body: str, picks: Sequence[Choice], language: str) -> Payload:
    """Buttons where their titles fit, else a list whose rows carry the whole title as a note."""
    if len(picks) <= MOST_BUTTONS and all(len(one.title) <= BUTTON_TITLE for one in picks):
        buttons = [{"type": "reply", "reply": {"id": one.say, "title": one.title}} for one in picks]
        action: dict[str, Any] = {"buttons": buttons}
        return {"type": "interactive", "interactive": {"type": "button", "body": {"text": body}, "action": action}}
    limits = Traits(button_title=ROW_TITLE)
    rows = [
        {"id": one.say, "title": short(one.title, limits)}
        | ({"description": one.title[:ROW_NOTE]} if len(one.title) > ROW_TITLE else {})
        for one in picks
    ]
    action = {
        "button": word("pick_button", language),
        "sections": [{"title": word("pick_button", language), "rows": rows}],
    }
    return {"type": "interactive", "interactive": {"type": "list", "body": {"text": body}, "action": action}}
