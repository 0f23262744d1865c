"""WeCom customer service (微信客服): a callback says that something waits, `pull` reads it page by page, replies go by the API.
See docs/channels/wecom.md.

Source: the public documentation of the platform (receiving messages and events, sending messages, session states, global
return codes), read 2026-11.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.channels.platforms.reading import key as id_of
from bot.channels.platforms.reading import moment, tables
from bot.channels.platforms.setup import Given, Setting, call
from bot.channels.platforms.wechat_api import Api, fetched, told_by
from bot.channels.platforms.wechat_crypto import Box, fields, verify
from bot.channels.platforms.wechat_menu import laid_out
from bot.channels.platforms.wecom_read import CUSTOMER, KFID, read
from bot.errors import ConfigError
from bot.services.channels.model import (
    Adapter,
    Hook,
    Inbound,
    Media,
    Outgoing,
    Payload,
    Reception,
    SendFailed,
    SignatureRefused,
    Status,
    Traits,
)

NAME = "wecom"
SETTINGS = {
    "WECOM_CORP_ID": Setting("the company's id"),
    "WECOM_SECRET": Setting("the secret of the application that may call customer service", secret=True),
    "WECOM_TOKEN": Setting("the Token of the callback: signs it", secret=True),
    "WECOM_AES_KEY": Setting("the EncodingAESKey of the callback", secret=True),
    "WECOM_KFID": Setting(
        "open_kfid of the account, or of several with commas; the first speaks where no message is answered"
    ),
    "WECOM_API": Setting("address of the API", "https://qyapi.weixin.qq.com"),
}
PAGE = 1000  # messages; the platform's most
PULLS = 60.0  # seconds: a callback that got lost is made good for; without its token the platform allows only few calls
FIRST = timedelta(
    hours=1
)  # at the very first pull (no cursor yet) the platform gives three days: what is older is history
ASSISTANT = 1  # `service_state`: served by the API
WRONG_STATE, OLD_TOKEN = "wrong_state", "old_message_token"  # of SendFailed, between the methods below only
REASONS = {
    -1: ("busy", True, 2.0),
    6000: ("busy", True, 1.0),
    45009: ("busy", True, 60.0),
    45033: ("busy", True, 5.0),
    40003: ("unknown_user", False, 0.0),
    40096: ("unknown_user", False, 0.0),
    40007: ("gone", False, 0.0),
    40013: ("not_configured", False, 0.0),
    48002: ("not_configured", False, 0.0),
    60011: ("not_configured", False, 0.0),
    60020: ("not_configured", False, 0.0),
    95000: ("not_configured", False, 0.0),
    95017: ("not_configured", False, 0.0),
    95001: ("quota", False, 0.0),
    95002: ("window_closed", False, 0.0),
    95013: ("window_closed", False, 0.0),
    95007: (OLD_TOKEN, False, 0.0),
    95016: ("blocked", False, 0.0),
    95018: (WRONG_STATE, False, 0.0),
}


def make(given: Given) -> Adapter:
    """Raises ConfigError: the key or the accounts cannot be used."""
    accounts = [one.strip() for one in given.config["WECOM_KFID"].split(",") if one.strip()]
    if not accounts:
        raise ConfigError("WECOM_KFID names no account")
    return WeCom(given, accounts)


class _Api(Api):
    """As for official accounts, and: a refusal that names the msgid means that it was used before. Ours is well formed and the
    same only for another try of the same payload, so the platform has had it. (Which code it is the platform does not say.)"""

    async def _checked(self, told: Mapping[str, Any], token: str) -> None:
        if "msgid" in str(told.get("errmsg", "")).lower() and told.get("errcode"):
            return
        await super()._checked(told, token)


class WeCom(Adapter):
    """`channel_user` is the external_userid, the same at every account of the company."""

    name = NAME
    traits = Traits(
        longest=600,
        longest_bytes=2048,
        buttons=10,
        button_title=40,
        per_second=20.0,
        window=timedelta(hours=48),
        quota=5,
    )
    pulls = PULLS

    def __init__(self, given: Given, accounts: Sequence[str]) -> None:
        self._given, config = given, given.config
        self._accounts = tuple(accounts)
        self._token = config["WECOM_TOKEN"]
        self._box = Box("WECOM_AES_KEY", config["WECOM_AES_KEY"], config["WECOM_CORP_ID"])
        self._api = _Api(given, f"wecom {config['WECOM_CORP_ID']}", config["WECOM_API"], self._fetch_token, REASONS)
        self._told: dict[str, str] = {}  # account → token of its last callback
        self._round: list[str] = []  # accounts still to be read
        self._first: set[str] = set()  # accounts of which the history is being passed over
        self._read: tuple[str, str, bool, str] | None = None  # account, next cursor, more, token: once stored

    # -- in

    def receive(self, hook: Hook) -> Reception:
        if hook.method == "GET":
            sealed = hook.query.get("echostr", "")
            verify(hook, "msg_signature", self._token, sealed)
            return Reception(body=self._box.open(sealed))
        sealed = fields(hook.body).get("Encrypt", "")
        if not sealed:
            raise SignatureRefused("every callback is encrypted")
        verify(hook, "msg_signature", self._token, sealed)
        found = fields(self._box.open(sealed))
        account = found.get("OpenKfId", "")
        if found.get("Event") != "kf_msg_or_event" or account not in self._accounts:
            return Reception(body=b"success")  # of the company's other applications and accounts
        self._told[account] = found.get("Token", "")[:128]
        return Reception(body=b"success", pull=True)

    async def pull(self) -> Reception:
        """One page of one account. Raises SendFailed: as the API calls; the account then waits for the next round, so that one
        which fails for ever does not keep the others waiting."""
        self._read = None
        self._round = self._round or [one for one in self._accounts if one in self._told] or list(self._accounts)
        account = self._round[0]
        cursor = await self._given.cursors.get(f"{NAME} {account}")
        if not cursor:
            self._first.add(account)
        try:
            told, token = await self._page(account, cursor)
        except SendFailed as failed:
            self._round.remove(account)
            if not failed.again:
                self._told.pop(account, None)
            raise
        after = id_of(told.get("next_cursor"))
        more = bool(told.get("has_more")) and after not in ("", cursor)
        found = [read(one) for one in tables(told.get("msg_list")) if not self._is_history(account, one)]
        self._read = (account, after, more, token)
        return Reception(
            tuple(one for one in found if isinstance(one, Inbound)),
            tuple(one for one in found if isinstance(one, Status)),
            pull=more or len(self._round) > 1,
        )

    async def pulled(self) -> None:
        if self._read is None:
            return
        (account, after, more, token), self._read = self._read, None
        if after:
            await self._given.cursors.put(f"{NAME} {account}", after)
        if not more:
            self._round.remove(account)
            self._first.discard(account)
            self._used(account, token)

    async def _page(self, account: str, cursor: str) -> tuple[dict[str, Any], str]:
        """A page, and the token that it was read with: good for ten minutes, for every page and every try until then."""
        body: Payload = {"open_kfid": account, "limit": PAGE, "voice_format": 0}
        body |= {"cursor": cursor} if cursor else {}
        token = self._told.get(account, "")
        try:
            return await self._api.post("/cgi-bin/kf/sync_msg", {**body, "token": token} if token else body), token
        except SendFailed as failed:
            if not token or failed.reason != OLD_TOKEN:
                raise
        self._used(account, token)
        return await self._api.post("/cgi-bin/kf/sync_msg", body), ""

    def _used(self, account: str, token: str) -> None:
        """No longer needed; a newer one, come meanwhile, is."""
        if self._told.get(account) == token:
            del self._told[account]

    def _is_history(self, account: str, entry: Mapping[str, Any]) -> bool:
        """Said before this channel was connected: answering it now would only puzzle."""
        if account not in self._first or entry.get("origin") != CUSTOMER:
            return False
        at = moment(entry.get("send_time"))
        return at is not None and self._given.clock.now() - at > FIRST

    # -- out

    def render(self, message: Outgoing) -> Sequence[Payload]:
        """The account that was written to answers: a customer knows no other."""
        account = message.facts.get(KFID) or self._accounts[0]
        texts, head, lines = laid_out(message, self.traits)
        payloads: list[Payload] = [{"open_kfid": account, "msgtype": "text", "text": {"content": one}} for one in texts]
        if lines:
            clicks = [{"type": "click", "click": {"id": id_, "content": title}} for id_, title in lines]
            payloads.append(
                {"open_kfid": account, "msgtype": "msgmenu", "msgmenu": {"head_content": head, "list": clicks}}
            )
        return payloads

    async def send(self, to: str, payload: Payload, key: str) -> str:
        """The platform takes a msgid once: a message whose answer got lost is not shown twice."""
        msgid = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:32]
        body = {**payload, "touser": to, "msgid": msgid}
        try:
            await self._api.post("/cgi-bin/kf/send_msg", body)
        except SendFailed as failed:
            if failed.reason != WRONG_STATE:
                raise
            await self._take_over(to, body)
        return msgid

    async def _take_over(self, user: str, body: Payload) -> None:
        """The session is a colleague's in the WeCom app, waits for one, or is over: ask for it once, and send again."""
        state: Payload = {"open_kfid": body["open_kfid"], "external_userid": user, "service_state": ASSISTANT}
        try:
            await self._api.post("/cgi-bin/kf/service_state/trans", state)
            await self._api.post("/cgi-bin/kf/send_msg", body)
        except SendFailed as failed:
            if failed.again or failed.reason in ("quota", "window_closed"):
                raise
            raise SendFailed("blocked") from failed

    async def fetch(self, media: Media) -> bytes:
        return await self._api.media(media.ref)

    async def _fetch_token(self) -> tuple[str, float]:
        config = self._given.config
        where = {"corpid": config["WECOM_CORP_ID"], "corpsecret": config["WECOM_SECRET"]}
        answer = await call(self._given, "GET", f"{config['WECOM_API']}/cgi-bin/gettoken", params=where)
        return fetched(told_by(answer), REASONS)
