"""QQ, by the official bots' API v2: signed webhooks in, passive replies out. See docs/channels/qq.md.

Source: the platform's public documentation (webhook events and their signature, sending messages, access token, return codes;
repository tencent-connect/bot-docs), read 2026-11.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpx
import orjson

from bot.channels.platforms.fetching import from_platform
from bot.channels.platforms.qq_keys import SIGNATURE, Keys
from bot.channels.platforms.qq_read import ANSWERED, GROUP, OPENID, read
from bot.channels.platforms.reading import document, table, words
from bot.channels.platforms.reading import key as id_of
from bot.channels.platforms.setup import Given, Setting, call
from bot.channels.platforms.wechat_api import fetched, told_by
from bot.errors import BadInput
from bot.services.channels.model import (
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
from bot.services.channels.wording import in_words, split

NAME = "qq"
SETTINGS = {
    "QQ_APP_ID": Setting("the bot's AppID"),
    "QQ_SECRET": Setting("its AppSecret: for tokens and for signatures", secret=True),
    "QQ_API": Setting("address of the API", "https://api.sgroup.qq.com"),
    "QQ_TOKEN_API": Setting("address that gives access tokens", "https://bots.qq.com"),
    "QQ_MEDIA_HOSTS": Setting("where files are downloaded from", ".qq.com,.qq.com.cn,.qpic.cn"),
}
DISPATCH, PROOF = 0, 13  # `op` of a webhook
TOKEN, STAMP = re.compile("[0-9A-Za-z]{1,64}"), re.compile("[0-9]{1,12}")
LONGEST_PROOF = 1000  # bytes
TAKEN = b'{"op":12}'
JSON = "application/json"
AGAIN = 40054005  # this msg_id and msg_seq were used before: another try of what the platform has had
TOKENS = (11241, 11243, 11244)
BUSY = (11242, 11252, 11263, 11281, 304016)
FINAL = {
    22009: "quota",
    304022: "window_closed",
    304026: "window_closed",  # the message answered is not known
    304027: "window_closed",  # it is too old
    304103: "window_closed",
    40034005: "window_closed",
    40034128: "window_closed",
    304031: "blocked",
    10001: "unknown_user",
    11251: "not_configured",
    11253: "not_configured",
    11254: "not_configured",
    11265: "not_configured",
    11275: "not_configured",
}


def make(given: Given) -> Adapter:
    """Raises ConfigError: there is no secret."""
    return QQ(given)


class QQ(Adapter):
    """`channel_user` is the user_openid, which belongs to one person and this bot; `group:` and its id for a group."""

    name = NAME
    traits = Traits(longest=1500, per_second=5.0, window=timedelta(minutes=60), quota=4, expires=timedelta(minutes=60))

    def __init__(self, given: Given) -> None:
        self._given, config = given, given.config
        self._keys = Keys(config["QQ_SECRET"])
        self._name = f"qq {config['QQ_APP_ID']}"
        self._hosts = [one.strip() for one in config["QQ_MEDIA_HOSTS"].split(",") if one.strip()]
        self._plain = config["QQ_API"].startswith("http://")

    # -- in

    def receive(self, hook: Hook) -> Reception:
        if SIGNATURE not in hook.headers:
            return self._asked_for_proof(hook)
        self._keys.verify(hook)
        event = table(document(hook.body))
        if event.get("op") == PROOF:
            return self._proof(table(event.get("d")))
        found = read(event) if event.get("op") == DISPATCH else None
        return Reception((found,) if found else (), body=TAKEN, content_type=JSON)

    def _asked_for_proof(self, hook: Hook) -> Reception:
        """The one request that may come without a signature: when the address is set."""
        try:
            event = table(document(hook.body)) if len(hook.body) <= LONGEST_PROOF else {}
        except BadInput as error:
            raise SignatureRefused("the signature is missing") from error
        if event.get("op") != PROOF:
            raise SignatureRefused("the signature is missing")
        return self._proof(table(event.get("d")))

    def _proof(self, asked: Mapping[str, Any]) -> Reception:
        """That the address knows the secret. What is signed here may hold letters and digits alone: the platform's own events are
        signed with the same key in the same way, and anyone could have one of them signed otherwise."""
        token, stamp = words(asked.get("plain_token"), 100), id_of(asked.get("event_ts"), 12)
        if not TOKEN.fullmatch(token) or not STAMP.fullmatch(stamp):
            raise BadInput("plain_token and event_ts are needed: letters and digits", code="bad_event")
        body = orjson.dumps({"plain_token": token, "signature": self._keys.sign(stamp, token)})
        return Reception(body=body, content_type=JSON)

    # -- out

    def render(self, message: Outgoing) -> Sequence[Payload]:
        """Buttons need a permission of their own: choices are numbered. A reply names the message that it answers."""
        answered = {ANSWERED: message.facts[ANSWERED]} if message.facts.get(ANSWERED) else {}
        return [{"msg_type": 0, "content": one, **answered} for one in split(in_words(message), self.traits)]

    async def send(self, to: str, payload: Payload, key: str) -> str:
        """msg_seq comes from the key: the platform refuses the second of two tries, which is as good as taken."""
        seq = int.from_bytes(hashlib.sha256(key.encode("utf-8", "replace")).digest()[:4], "big") >> 1 or 1
        kind, id_ = ("groups", to[len(GROUP) :]) if to.startswith(GROUP) else ("users", to)
        if not OPENID.fullmatch(id_):
            raise SendFailed("unknown_user")
        token = await self._given.tokens.get(self._name, self._fetch_token)
        answer = await call(
            self._given,
            "POST",
            f"{self._given.config['QQ_API']}/v2/{kind}/{id_}/messages",
            json={**payload, "msg_seq": seq} if ANSWERED in payload else payload,
            headers={"Authorization": f"QQBot {token}"},
        )
        told = told_by(answer)
        code = told.get("code")
        if answer.status_code < 300 or code == AGAIN:  # 201 and 202: taken, looked at before it is shown
            return words(told.get("id"), 128)
        if answer.status_code == 401 or code in TOKENS:
            await self._given.tokens.forget(self._name, token)
            raise SendFailed("expired_token", again=True)
        if code in BUSY:
            raise SendFailed("busy", again=True)
        raise SendFailed(FINAL.get(code, "invalid") if isinstance(code, int) else "invalid")

    async def fetch(self, media: Media) -> bytes:
        return await from_platform(self._given.http, media.ref, self._hosts, plain=self._plain)

    async def _fetch_token(self) -> tuple[str, float]:
        config = self._given.config
        body = {"appId": config["QQ_APP_ID"], "clientSecret": config["QQ_SECRET"]}
        answer: httpx.Response = await call(
            self._given, "POST", f"{config['QQ_TOKEN_API']}/app/getAppAccessToken", json=body
        )
        return fetched(told_by(answer), {})
