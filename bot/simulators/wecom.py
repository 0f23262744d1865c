"""WeCom customer service's platform: tokens that end, callbacks that say only that something waits, pages with a cursor, sending
with window, quota, session states and msgids that count once.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json, raw

from bot.channels.platforms.wechat_crypto import Box, fields, sealed_xml, signature, xml
from bot.simulators.base import SLOW, Simulator

NAME = "wecom"
AES_KEY = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"
WINDOW, QUOTA = 48 * 3600.0, 5
MSGID = re.compile("[0-9a-zA-Z_-]{0,32}")


def demo(api: str) -> dict[str, str]:
    return {
        "WECOM_CORP_ID": "wwdemo0000000000",
        "WECOM_SECRET": "demo-kf-secret",
        "WECOM_TOKEN": "demo-kf-token",
        "WECOM_AES_KEY": AES_KEY,
        "WECOM_KFID": "wkdemo1",
        "WECOM_API": f"{api}/wecom",
    }


def make(webhook: str, config: Mapping[str, str]) -> Simulator:
    return WeComSimulator(webhook, config)


class WeComSimulator(Simulator):
    """Config: the variables of the channel."""

    name = NAME

    def __init__(self, webhook: str, config: Mapping[str, str]) -> None:
        super().__init__(webhook, config)
        self.box = Box("WECOM_AES_KEY", config["WECOM_AES_KEY"], config["WECOM_CORP_ID"])
        self.account = config["WECOM_KFID"].split(",")[0]
        self.log: list[dict[str, Any]] = []  # what waits, of all accounts
        self.page = 1000  # entries of a page at most
        self.tokens: set[str] = set()
        self.told: set[str] = set()  # tokens of callbacks
        self.synced: list[dict[str, Any]] = []
        self.wrote: dict[str, float] = {}
        self.sent: dict[str, int] = {}
        self.states: dict[str, int] = {}  # 0 new, 1 API, 2 queue, 3 a colleague, 4 over
        self.fixed: set[int] = set()  # states that are not given back
        self.msgids: set[str] = set()
        self.files: dict[str, bytes] = {}

    def opened(self, user: str) -> None:
        """The person has just written."""
        self.wrote[user], self.sent[user] = time.time(), 0

    def routes(self) -> Blueprint:
        api = Blueprint("sim_wecom", url_prefix="/wecom")

        @api.get("/cgi-bin/gettoken")
        async def token(request: Request) -> HTTPResponse:
            shown = request.args.get("corpid"), request.args.get("corpsecret")
            if shown != (self.config["WECOM_CORP_ID"], self.config["WECOM_SECRET"]):
                return json({"errcode": 40001, "errmsg": "invalid credential"})
            made = secrets.token_hex(16)
            self.tokens.add(made)
            return json({"errcode": 0, "errmsg": "ok", "access_token": made, "expires_in": 7200})

        @api.post("/cgi-bin/kf/sync_msg")
        async def sync(request: Request) -> HTTPResponse:
            return json(self._troubled() or self._unknown(request) or self._page(request.json))

        @api.post("/cgi-bin/kf/send_msg")
        async def send(request: Request) -> HTTPResponse:
            if self.strikes("slow"):
                await asyncio.sleep(SLOW)
            refused = self._troubled() or self._unknown(request) or self._refuse(request.json)
            if refused:
                return json(refused)
            body = request.json
            self.msgids.add(body["msgid"])
            self.sent[body["touser"]] += 1
            text, buttons = _shown(body)
            self.shown(body["touser"], text, buttons=buttons, extra={"account": body["open_kfid"]})
            if self.strikes("lost_answer"):
                return HTTPResponse(status=502)
            return json({"errcode": 0, "errmsg": "ok", "msgid": body["msgid"]})

        @api.post("/cgi-bin/kf/service_state/trans")
        async def trans(request: Request) -> HTTPResponse:
            body = request.json
            if self.states.get(body["external_userid"], 0) in self.fixed:
                return json({"errcode": 95016, "errmsg": "this change of state is not allowed"})
            self.states[body["external_userid"]] = body["service_state"]
            return json({"errcode": 0, "errmsg": "ok"})

        @api.get("/cgi-bin/media/get")
        async def media(request: Request) -> HTTPResponse:
            content = self.files.get(request.args.get("media_id") or "")
            if request.args.get("access_token") not in self.tokens:
                return json({"errcode": 42001, "errmsg": "access_token expired"})
            if content is None or self.strikes("gone"):
                return json({"errcode": 40007, "errmsg": "invalid media_id"})
            part = content[: len(content) // 2] if self.strikes("partial_upload") else content
            return raw(part, content_type="application/octet-stream")

        return api

    def _troubled(self) -> dict[str, Any] | None:
        if self.strikes("error"):
            return {"errcode": -1, "errmsg": "system busy"}
        return {"errcode": 45009, "errmsg": "api freq out of limit"} if self.strikes("busy") else None

    def _unknown(self, request: Request) -> dict[str, Any] | None:
        if self.strikes("expired_token"):
            self.tokens.clear()
        known = request.args.get("access_token") in self.tokens
        return None if known else {"errcode": 42001, "errmsg": "access_token expired"}

    def _page(self, body: dict[str, Any]) -> dict[str, Any]:
        self.synced.append(body)
        if body.get("token") and body["token"] not in self.told:
            return {"errcode": 95007, "errmsg": "invalid msg token"}
        entries = [one for one in self.log if one["open_kfid"] == body["open_kfid"]]
        start = int(body.get("cursor") or "0")
        end = min(len(entries), start + min(self.page, body.get("limit", 1000)))
        more = int(end < len(entries))
        return {
            "errcode": 0,
            "errmsg": "ok",
            "next_cursor": str(end),
            "has_more": more,
            "msg_list": entries[start:end],
        }

    def _refuse(self, body: dict[str, Any]) -> dict[str, Any] | None:
        user, msgid = body.get("touser", ""), body.get("msgid", "")
        if not MSGID.fullmatch(msgid) or msgid in self.msgids:
            return {"errcode": 40058, "errmsg": "msgid exceed max length, or used before"}
        if self.states.get(user, 0) > 1:
            return {"errcode": 95018, "errmsg": "send msg session status invalid"}
        if time.time() - self.wrote.get(user, 0.0) > WINDOW:
            return {"errcode": 95002, "errmsg": "send msg out of time limit"}
        if self.sent.get(user, 0) >= QUOTA:
            return {"errcode": 95001, "errmsg": "send msg count limit"}
        return None if _fits(body) else {"errcode": 40035, "errmsg": "invalid parameter"}

    async def say(self, user: str, text: str, **more: Any) -> str:
        """`press`=id of a menu line; `entry`=other fields of the entry (msgtype, image, …); `account`=another open_kfid."""
        self.opened(user)
        content = {"content": text, **({"menu_id": more["press"]} if more.get("press") else {})}
        entry = {"msgtype": "text", "text": content, **more.get("entry", {})}
        return await self.happens(user, entry, more.get("account"))

    async def happens(self, user: str, entry: Mapping[str, Any], account: str | None = None) -> str:
        """Something waits from now on, and the callback says so."""
        number = f"msg-{next(self.numbers)}"
        base = {"msgid": number, "external_userid": user, "send_time": int(time.time()), "origin": 3}
        self.log.append({**base, "open_kfid": account or self.account, **entry})
        url, body = self.callback(self.event(account or self.account))
        await self.call("event", url=url, content=body, headers={"Content-Type": "text/xml"})
        return number

    def event(self, account: str) -> bytes:
        token = secrets.token_hex(8)
        self.told.add(token)
        return xml(
            {
                "ToUserName": self.config["WECOM_CORP_ID"],
                "CreateTime": int(time.time()),
                "MsgType": "event",
                "Event": "kf_msg_or_event",
                "Token": token,
                "OpenKfId": account,
            }
        )

    def callback(self, plain: bytes, now: datetime | None = None) -> tuple[str, bytes]:
        """The signed address and the body of a callback."""
        stamp, nonce = str(int((now or datetime.now(timezone.utc)).timestamp())), secrets.token_hex(4)
        token = "wrong" if self.strikes("bad_signature") else self.config["WECOM_TOKEN"]
        body = sealed_xml(self.box, token, plain, stamp, nonce)
        mark = fields(body)["MsgSignature"]
        return f"{self.webhook}?timestamp={stamp}&nonce={nonce}&msg_signature={mark}", body

    def check(self, echo: bytes, now: datetime) -> dict[str, str]:
        """The query by which the platform proves an address."""
        sealed, stamp = self.box.seal(echo), str(int(now.timestamp()))
        mark = signature(self.config["WECOM_TOKEN"], stamp, "7", sealed)
        return {"timestamp": stamp, "nonce": "7", "msg_signature": mark, "echostr": sealed}


def _fits(body: dict[str, Any]) -> bool:
    if body.get("msgtype") == "text":
        return 0 < len(body["text"]["content"].encode()) <= 2048
    menu = body["msgmenu"]
    clicks = [one["click"] for one in menu["list"] if one["type"] == "click"]
    small = all(len(one["id"].encode()) <= 64 and 0 < len(one["content"].encode()) <= 128 for one in clicks)
    return small and 0 < len(clicks) == len(menu["list"]) <= 10 and len(menu["head_content"].encode()) <= 1024


def _shown(body: Mapping[str, Any]) -> tuple[str, list[dict[str, str]]]:
    if body["msgtype"] == "text":
        return body["text"]["content"], []
    menu = body["msgmenu"]
    clicks = [one["click"] for one in menu["list"]]
    return menu["head_content"], [{"title": one["content"], "data": one["id"]} for one in clicks]
