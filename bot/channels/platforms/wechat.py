"""WeChat official accounts: plain, compatible and secure mode; answers in the reply within five seconds, else as
customer-service messages. See docs/channels/wechat.md.

Source: the public documentation of the platform (message push, passive reply, customer-service messages, stable access
token, global return codes), read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.channels.platforms.setup import Given, Setting, call
from bot.channels.platforms.wechat_api import Api, fetched, told_by
from bot.channels.platforms.wechat_crypto import Box, fields, moment, sealed_xml, verify, xml
from bot.channels.platforms.wechat_menu import laid_out, said
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
    SignatureRefused,
    Traits,
)

NAME = "wechat"
SETTINGS = {
    "WECHAT_APP_ID": Setting("the account's AppID"),
    "WECHAT_APP_SECRET": Setting("its AppSecret", secret=True),
    "WECHAT_TOKEN": Setting("the Token of the server configuration: signs callbacks", secret=True),
    "WECHAT_MODE": Setting("plain, compatible or secure, as at the platform", "secure"),
    "WECHAT_AES_KEY": Setting("the EncodingAESKey; needed unless the mode is plain", "", secret=True),
    "WECHAT_API": Setting("address of the API", "https://api.weixin.qq.com"),
}
MODES = ("plain", "compatible", "secure")
WAIT = 4.5  # seconds; the platform gives up after five and asks again, three times in all
REASONS = {
    -1: ("busy", True, 2.0),
    45009: ("busy", True, 600.0),
    45011: ("busy", True, 60.0),
    45015: ("window_closed", False, 0.0),
    45047: ("quota", False, 0.0),
    40003: ("unknown_user", False, 0.0),
    43004: ("unknown_user", False, 0.0),
    48001: ("not_configured", False, 0.0),
    50002: ("not_configured", False, 0.0),
    40007: ("gone", False, 0.0),
}
MEDIA = {"image": Kind.IMAGE, "voice": Kind.VOICE, "video": Kind.VIDEO, "shortvideo": Kind.VIDEO, "file": Kind.FILE}
OTHERS = {"location": Kind.LOCATION, "link": Kind.CARD, "miniprogrampage": Kind.CARD}


def make(given: Given) -> Adapter:
    """Raises ConfigError: the mode or its key cannot be used."""
    mode = given.config["WECHAT_MODE"]
    if mode not in MODES:
        raise ConfigError(f"WECHAT_MODE={mode!r} is none of {', '.join(MODES)}")
    return WeChat(given, mode)


class WeChat(Adapter):
    """`channel_user` is the open id, which belongs to one person and this account."""

    name = NAME
    traits = Traits(
        longest=600,
        longest_bytes=2048,
        buttons=10,
        button_title=40,
        per_second=50.0,
        window=timedelta(hours=48),
        quota=5,
        hold=6.0,
    )

    def __init__(self, given: Given, mode: str) -> None:
        self._given, config = given, given.config
        self._token = config["WECHAT_TOKEN"]
        self._box = (
            Box("WECHAT_AES_KEY", config["WECHAT_AES_KEY"], config["WECHAT_APP_ID"]) if mode != "plain" else None
        )
        self._api = Api(given, f"wechat {config['WECHAT_APP_ID']}", config["WECHAT_API"], self._fetch_token, REASONS)

    # -- in

    def receive(self, hook: Hook) -> Reception:
        if hook.method == "GET":
            verify(hook, "signature", self._token)
            return Reception(body=hook.query.get("echostr", "")[:200].encode("utf-8", "replace"))
        found = self._opened(hook)
        inbound = self._read(found, hook.now)
        if inbound is None:
            return Reception(body=b"success")
        wait = 0.0 if inbound.kind is Kind.STOP else WAIT
        return Reception((inbound,), body=b"success", wait=wait)

    def _opened(self, hook: Hook) -> dict[str, str]:
        """The fields of a callback. With a key only what is inside the envelope counts: compatible mode sends it as well, and its
        plain part is covered by no signature."""
        outer = fields(hook.body)
        if self._box is None:
            verify(hook, "signature", self._token)
            return outer
        sealed = outer.get("Encrypt", "")
        if not sealed:
            raise SignatureRefused("every callback has an encrypted part unless the mode is plain")
        verify(hook, "msg_signature", self._token, sealed)
        return fields(self._box.open(sealed))

    def _read(self, found: Mapping[str, str], now: datetime) -> Inbound | None:
        user, kind = found.get("FromUserName", ""), found.get("MsgType", "")
        created = found.get("CreateTime", "")
        if not user or not kind or len(user) > 128:
            raise BadInput("sender or kind is missing", code="bad_update")
        at, facts = moment(created, now), {"to": user, "from": found.get("ToUserName", "")}
        if kind == "event":
            return self._event(found, user, created, at, facts)
        # The true key is MsgId; without one, sender and second (the platform's own advice for events).
        key = found.get("MsgId") or f"{user}{created}"
        made = Inbound(user, key[:128], sent_at=at, facts=facts)
        if kind == "text":
            words = found.get("Content", "")
            return replace(made, text=said(found.get("bizmsgmenuid"), words))
        if kind in MEDIA and found.get("MediaId"):
            words = found.get("Recognition", "") if kind == "voice" else ""
            media = (Media(MEDIA[kind], found["MediaId"], found.get("Title", ""), found.get("Format", "")),)
            return replace(made, kind=MEDIA[kind], text=words, media=media)
        return replace(made, kind=OTHERS.get(kind, Kind.UNSUPPORTED))

    def _event(
        self, found: Mapping[str, str], user: str, created: str, at: datetime | None, facts: Mapping[str, str]
    ) -> Inbound | None:
        event = found.get("Event", "").lower()
        key = f"{user}{created}{event}"[:128]
        if event == "unsubscribe":
            return Inbound(user, key, Kind.STOP, sent_at=at)
        if event == "click" and found.get("EventKey"):
            return Inbound(user, key, Kind.TEXT, found["EventKey"][:500], sent_at=at, facts=facts)
        return None  # subscribing, scanning, reports of templates: nothing that asks for an answer of ours

    # -- out

    def render(self, message: Outgoing) -> Sequence[Payload]:
        texts, head, lines = laid_out(message, self.traits)
        payloads: list[Payload] = [{"msgtype": "text", "text": {"content": one}} for one in texts]
        if lines:
            menu = {
                "head_content": head,
                "list": [{"id": id_, "content": title} for id_, title in lines],
                "tail_content": "",
            }
            payloads.append({"msgtype": "msgmenu", "msgmenu": menu})
        return payloads

    def passive(self, hook: Hook, payloads: Sequence[Payload]) -> tuple[bytes, str] | None:
        """One text as the reply itself. With a key it is always encrypted: `encrypt_type` in the address is signed by nobody, and
        who repeats a request of another without it must not read the answer. Menus and several messages go by the API."""
        if len(payloads) != 1 or payloads[0]["msgtype"] != "text":
            return None
        found = self._opened(hook)
        stamp, nonce = str(int(hook.now.timestamp())), hook.query.get("nonce", "0")
        plain = xml(
            {
                "ToUserName": found["FromUserName"],
                "FromUserName": found.get("ToUserName", ""),
                "CreateTime": int(stamp),
                "MsgType": "text",
                "Content": payloads[0]["text"]["content"],
            }
        )
        sealed = plain if self._box is None else sealed_xml(self._box, self._token, plain, stamp, nonce)
        return sealed, "application/xml"

    async def send(self, to: str, payload: Payload, key: str) -> str:
        told = await self._api.post("/cgi-bin/message/custom/send", {"touser": to, **payload})
        return str(told.get("msgid") or "")

    async def fetch(self, media: Media) -> bytes:
        return await self._api.media(media.ref)

    async def _fetch_token(self) -> tuple[str, float]:
        config = self._given.config
        body: dict[str, Any] = {
            "grant_type": "client_credential",
            "appid": config["WECHAT_APP_ID"],
            "secret": config["WECHAT_APP_SECRET"],
        }
        answer = await call(self._given, "POST", f"{config['WECHAT_API']}/cgi-bin/stable_token", json=body)
        return fetched(told_by(answer), REASONS)
