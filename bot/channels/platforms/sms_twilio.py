"""Twilio: Messages with basic authentication; incoming messages and status callbacks with X-Twilio-Signature over the address and the form.

Source: Twilio's public pages on the Message resource, request validation, status callbacks, opt-out words and error codes, read 2026-11.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bot.channels.platforms.fetching import from_platform
from bot.channels.platforms.reading import key as id_of
from bot.channels.platforms.reading import words
from bot.channels.platforms.setup import call
from bot.channels.platforms.sms_provider import Came, Provider, Said, told
from bot.errors import BadInput
from bot.services.channels.model import Hook, Kind, Media, Payload, SendFailed, SignatureRefused, State, Status

STATES = {
    "sent": State.SENT,
    "delivered": State.DELIVERED,
    "read": State.READ,
    "undelivered": State.FAILED,
    "failed": State.FAILED,
}
REASONS = {
    21211: "unknown_user",
    21214: "unknown_user",
    21217: "unknown_user",
    21265: "unknown_user",
    21614: "unknown_user",
    30003: "unknown_user",  # switched off, or out of reach
    30005: "unknown_user",
    30006: "unknown_user",  # a land line
    21610: "blocked",  # answered STOP
    30004: "blocked",
    30007: "blocked",  # filtered by the carrier
    21617: "invalid",
    21602: "invalid",
}
PASSING = {20429, 14107, 21611, 30001, 30008, 30022}  # rates and queues
MOST_FIELDS, MOST_MEDIA = 200, 10
KINDS = {"image": Kind.IMAGE, "audio": Kind.VOICE, "video": Kind.VIDEO}
MEDIA_HOSTS = ("api.twilio.com", "mms.twiliocdn.com", "media.twiliocdn.com")
LOOPBACK = ("127.0.0.1", "localhost")


class Twilio(Provider):
    needs = ("SMS_FROM",)
    api = "https://api.twilio.com/2010-04-01"
    per_second = 1.0  # of a long number in the USA; a messaging service takes more and queues
    longest = 1600

    def read(self, hook: Hook) -> Came:
        try:
            form = dict(parse_qsl(hook.body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
        except ValueError as error:  # also what is no UTF-8
            raise BadInput("not a form", code="bad_form") from error
        shown = hook.headers.get("x-twilio-signature", "").encode("utf-8", "replace")
        if not hmac.compare_digest(shown, signature(self.secret, hook.url, form).encode()):
            raise SignatureRefused("the signature is missing or wrong")
        key = id_of(form.get("MessageSid") or form.get("SmsSid"))
        if not key:
            raise BadInput("no message", code="bad_form")
        state = STATES.get(form.get("MessageStatus", ""))
        if "MessageStatus" in form:
            return self._came(statuses=() if state is None else (Status(key, state, None, _why(state, form)),))
        stops = form.get("OptOutType", "").upper() == "STOP"
        text = words(form.get("Body"))
        return self._came(said=(Said(form.get("From", ""), text, key, None, _media(form), stops),))

    def _came(self, said: tuple[Said, ...] = (), statuses: tuple[Status, ...] = ()) -> Came:
        return Came(said, statuses, b"<Response/>", "text/xml")

    async def send(self, to: str, payload: Payload, key: str) -> str:
        sender = self.config["SMS_FROM"]
        values = {"To": to, "Body": payload["text"]}
        values["MessagingServiceSid" if sender.startswith("MG") else "From"] = sender
        if payload.get("callback"):
            values["StatusCallback"] = payload["callback"]
        url = f"{self.base}/Accounts/{self.key}/Messages.json"
        answer = await call(self.given, "POST", url, data=values, headers=self._login())
        found = told(answer)
        if answer.status_code in (200, 201):
            return id_of(found.get("sid"))
        code = found.get("code")
        if code in PASSING:
            raise SendFailed("busy", again=True)
        raise SendFailed(REASONS.get(code, "not_configured") if isinstance(code, int) else "not_configured")

    async def fetch(self, media: Media) -> bytes:
        """Needs "enforce HTTP auth on media" off or on alike; Twilio answers with the file, or with where it lies."""
        own = urlsplit(self.base).hostname or ""
        plain = own in LOOPBACK
        answer_from = (*MEDIA_HOSTS, own)
        return await from_platform(
            self.given.http, media.ref, answer_from, headers=self._login(), plain=plain, moved=True
        )

    def _login(self) -> dict[str, str]:
        return {"Authorization": "Basic " + base64.b64encode(f"{self.key}:{self.secret}".encode()).decode()}


def signature(secret: str, url: str, form: Mapping[str, str]) -> str:
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(secret.encode(), text.encode("utf-8", "replace"), hashlib.sha1).digest()).decode()


def _why(state: State, form: Mapping[str, Any]) -> str:
    code = form.get("ErrorCode", "")
    known = int(code) if code.isascii() and code.isdigit() and len(code) < 8 else 0
    return REASONS.get(known, "platform") if state is State.FAILED else ""


def _media(form: Mapping[str, str]) -> tuple[Media, ...]:
    found = []
    for at in range(MOST_MEDIA):
        ref = form.get(f"MediaUrl{at}")
        if ref:
            content_type = words(form.get(f"MediaContentType{at}"), 80)
            found.append(Media(KINDS.get(content_type.partition("/")[0], Kind.FILE), ref, "", content_type))
    return tuple(found)
