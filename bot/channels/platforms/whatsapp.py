"""WhatsApp Cloud API. In: a webhook signed with the app's secret. Out: text, buttons, lists. See docs/channels/whatsapp.md.

Source: Meta's public documentation of the WhatsApp Business Platform (webhooks, messages, media, error codes), read 2026-11.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from bot.channels.platforms.fetching import from_platform
from bot.channels.platforms.reading import document, table, words
from bot.channels.platforms.setup import Given, Setting, call, content_of
from bot.channels.platforms.whatsapp_errors import failure
from bot.channels.platforms.whatsapp_read import read
from bot.channels.platforms.whatsapp_write import LONGEST, MOST_BUTTONS, TITLE, written
from bot.errors import BadInput, ConfigError
from bot.services.channels.model import (
    LAST_IN,
    Adapter,
    Hook,
    Media,
    Outgoing,
    Payload,
    Reception,
    SendFailed,
    SignatureRefused,
    Traits,
)
from bot.services.channels.wording import word

NAME = "whatsapp"
SETTINGS = {
    "WHATSAPP_PHONE_ID": Setting("the id of the business phone number"),
    "WHATSAPP_TOKEN": Setting("the access token of a system user", secret=True),
    "WHATSAPP_APP_SECRET": Setting("the app's secret, which signs webhooks", secret=True),
    "WHATSAPP_VERIFY": Setting("the word given when the webhook was registered", secret=True),
    "WHATSAPP_TEMPLATE": Setting("an approved template with one variable and no facts, for after 24 hours", ""),
    "WHATSAPP_TEMPLATE_LANGUAGE": Setting("its language", "zh_CN"),
    "WHATSAPP_API": Setting("address of the Graph API with its version", "https://graph.facebook.com/v23.0"),
    "WHATSAPP_MEDIA_HOSTS": Setting("where files are downloaded from", "lookaside.fbsbx.com,.fbcdn.net,.whatsapp.net"),
}
WINDOW = timedelta(hours=24)
MOST_KNOCKED = 10_000
LOOPBACK = ("127.0.0.1", "localhost")
NO_OBJECT = 100  # Meta's code for an id that it does not know (any more)
CHALLENGE = re.compile(r"[\w-]{1,200}", re.ASCII)


def make(given: Given) -> Adapter:
    if not re.fullmatch(r"[a-z0-9_]{0,512}", given.config["WHATSAPP_TEMPLATE"]):
        raise ConfigError("WHATSAPP_TEMPLATE must be the name of an approved template: a-z, 0-9 and _")
    return WhatsApp(given)


class WhatsApp(Adapter):
    """`channel_user` is the WhatsApp id, digits with the country's code."""

    name = NAME
    traits = Traits(
        longest=LONGEST,
        buttons=MOST_BUTTONS,
        button_title=TITLE,
        per_second=80.0,  # Meta's throughput of a number; more on request
        window=WINDOW,
        receipts=True,
    )

    def __init__(self, given: Given) -> None:
        self._given = given
        config = given.config
        self._secret, self._verify = config["WHATSAPP_APP_SECRET"].encode(), config["WHATSAPP_VERIFY"].encode()
        self._phone, self._base = config["WHATSAPP_PHONE_ID"], config["WHATSAPP_API"].rstrip("/")
        self._auth = {"Authorization": f"Bearer {config['WHATSAPP_TOKEN']}"}
        self._template, self._template_language = config["WHATSAPP_TEMPLATE"], config["WHATSAPP_TEMPLATE_LANGUAGE"]
        self._knocked: OrderedDict[str, str] = OrderedDict()  # whom the template told, and of which closed window
        if self._template:  # the window is judged here: `render` has the template for when it is closed
            self.traits = replace(self.traits, window=None)
        self._hosts = [one.strip() for one in config["WHATSAPP_MEDIA_HOSTS"].split(",") if one.strip()]
        self._plain = urlsplit(self._base).hostname in LOOPBACK  # the simulator has no certificate

    # -- in

    def receive(self, hook: Hook) -> Reception:
        if hook.method == "GET":
            return self._challenge(hook.query)
        wanted = "sha256=" + hmac.new(self._secret, hook.body, hashlib.sha256).hexdigest()
        shown = hook.headers.get("x-hub-signature-256", "")
        if not hmac.compare_digest(wanted.encode(), shown.encode("utf-8", "replace")):
            raise SignatureRefused("the signature is missing or wrong")
        found = document(hook.body)
        if not isinstance(found, dict) or found.get("object") != "whatsapp_business_account":
            raise BadInput("not an event of WhatsApp", code="bad_event")
        inbound, statuses = read(found, self._phone)
        return Reception(inbound, statuses)

    def _challenge(self, query: Mapping[str, str]) -> Reception:
        """Meta asks once, when the webhook is registered."""
        shown, challenge = query.get("hub.verify_token", ""), query.get("hub.challenge", "")
        same = hmac.compare_digest(shown.encode("utf-8", "replace"), self._verify)
        if not same or query.get("hub.mode") != "subscribe" or not CHALLENGE.fullmatch(challenge):
            raise SignatureRefused("the verify token is missing or wrong")
        return Reception(body=challenge.encode())

    # -- out

    def render(self, message: Outgoing) -> list[Payload]:
        last = message.facts.get(LAST_IN)
        if self._template and last and self._given.clock.now() - datetime.fromisoformat(last) > WINDOW:
            return [self._by_template(last, message.language)]
        return written(message, self.traits)

    def _by_template(self, last: str, language: str) -> Payload:
        """After 24 hours only an approved template may go out. Its one variable says who writes, nothing of a loan."""
        who = {"type": "text", "text": word("from_service", language)}
        components = [{"type": "body", "parameters": [who]}]
        made = {"name": self._template, "language": {"code": self._template_language}, "components": components}
        return {"type": "template", "template": made, "window": last}

    async def send(self, to: str, payload: Payload, key: str) -> str:
        """The template only says that something waits, so the message itself did not arrive: `window_closed` after it, too.
        The message then goes to another proven channel, or is told of when the borrower writes."""
        if "file" in payload:
            return await self._post({"to": to, **await self._uploaded(payload)}, key)
        if "window" not in payload:
            return await self._post({"to": to, **payload}, key)
        body = dict(payload)
        last = body.pop("window")
        if self._knocked.get(to) != last:  # once, however many messages wait
            await self._post({"to": to, **body}, key)
            self._knocked[to] = last
            if len(self._knocked) > MOST_KNOCKED:
                self._knocked.popitem(last=False)
        raise SendFailed("window_closed")

    async def _uploaded(self, payload: Payload) -> Payload:
        """The file at Meta, and the message that names it. A try after a lost answer uploads it again; Meta forgets in 30 days."""
        file, kind = payload["file"], payload["type"]
        content = await content_of(self._given, file["ref"])
        answer = await call(
            self._given,
            "POST",
            f"{self._base}/{self._phone}/media",
            data={"messaging_product": "whatsapp", "type": file["content_type"]},
            files={"file": (file["name"], content, file["content_type"])},
            headers=self._auth,
        )
        told = _told(answer.content)
        if answer.status_code != 200:
            raise failure(answer.status_code, table(told.get("error")))
        named = {"filename": file["name"]} if kind == "document" else {}
        return {"type": kind, kind: {"id": words(told.get("id"), 128), **named}}

    async def _post(self, body: Payload, key: str) -> str:
        sent = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "biz_opaque_callback_data": key,
            **body,
        }
        answer = await call(self._given, "POST", f"{self._base}/{self._phone}/messages", json=sent, headers=self._auth)
        told = _told(answer.content)
        if answer.status_code == 200:
            first = next(iter(told.get("messages") or ()), None)
            return words(table(first).get("id"), 128)
        raise failure(answer.status_code, table(told.get("error")))

    async def fetch(self, media: Media) -> bytes:
        """Two steps: where the file is (for five minutes), then the file itself."""
        answer = await call(
            self._given,
            "GET",
            f"{self._base}/{quote(media.ref, safe='')}",
            params={"phone_number_id": self._phone},
            headers=self._auth,
        )
        told = _told(answer.content)
        if answer.status_code != 200:
            error = table(told.get("error"))
            missing = answer.status_code == 404 or error.get("code") == NO_OBJECT
            raise SendFailed("gone") if missing else failure(answer.status_code, error)
        content = await from_platform(
            self._given.http, words(told.get("url")), self._hosts, headers=self._auth, plain=self._plain
        )
        mark = words(told.get("sha256"))
        if mark and hashlib.sha256(content).hexdigest() != mark.lower():
            raise SendFailed("unreachable", again=True)  # only a part of it came
        return content


def _told(content: bytes) -> Mapping[str, Any]:
    try:
        return table(document(content))
    except BadInput:
        return {}
