"""Three providers of text messages, one at a time (SMS_PROVIDER): their signatures, limits and refusals; replies and delivery reports."""

from __future__ import annotations

import asyncio
import base64
import itertools
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import orjson
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from bot.channels.platforms import sms_aliyun, sms_tencent, sms_twilio
from bot.channels.platforms.sms_text import LINK, asks, segments
from bot.services.channels.numbers import number
from bot.simulators.base import SLOW, Simulator

NAME = "sms"
LONGEST = {"aliyun": 500, "tencent": 500, "twilio": 1600}
OLDEST = {"aliyun": 900, "tencent": 300}  # seconds of a signed call
REPORT_AFTER = 0.3  # seconds
REFUSALS = {  # what each provider calls a fault
    "error": {"aliyun": "isp.SYSTEM_ERROR", "tencent": "InternalError", "twilio": "20500"},
    "busy": {"aliyun": "Throttling.User", "tencent": "RequestLimitExceeded", "twilio": "20429"},
    "signature": {"aliyun": "SignatureDoesNotMatch", "tencent": "AuthFailure.SignatureFailure", "twilio": "20003"},
    "number": {
        "aliyun": "isv.MOBILE_NUMBER_ILLEGAL",
        "tencent": "InvalidParameterValue.IncorrectPhoneNumber",
        "twilio": "21211",
    },
    "long": {
        "aliyun": "isv.PARAM_LENGTH_LIMIT",
        "tencent": "InvalidParameterValue.ContentLengthLimit",
        "twilio": "21617",
    },
    "link": {
        "aliyun": "isv.PARAM_NOT_SUPPORT_URL",
        "tencent": "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter",
    },
    "stopped": {"aliyun": "", "tencent": "FailedOperation.PhoneNumberInBlacklist", "twilio": "21610"},
}


def demo(api: str) -> dict[str, str]:
    return {
        "SMS_PROVIDER": "aliyun",
        "SMS_KEY": "demo-key",
        "SMS_SECRET": "demo-key-secret",
        "SMS_SIGN": "示例",
        "SMS_TEMPLATE": "SMS_1",
        "SMS_HOOK_SECRET": "demo-end-of-the-address",
        "SMS_API": f"{api}/{NAME}/aliyun",
    }


def make(webhook: str, config: Mapping[str, str]) -> Simulator:
    return SmsSimulator(webhook, config)


class SmsSimulator(Simulator):
    """Config: the variables of the channel. A phone is a number as people write it at home (13800000001)."""

    name = NAME

    def __init__(self, webhook: str, config: Mapping[str, str]) -> None:
        super().__init__(webhook, config)
        self.provider = self.config["SMS_PROVIDER"]
        self.now = lambda: datetime.now(timezone.utc)
        self.stopped: set[str] = set()
        self.segments = 0  # what was charged for
        self.refuse: list[str] = []  # codes that the next calls get
        self.ids = itertools.count(10**9)
        self.report: asyncio.Task[None] | None = None  # the last one under way

    def routes(self) -> Blueprint:
        api = Blueprint("sim_sms", url_prefix="/sms")

        @api.post("/aliyun")
        async def aliyun(request: Request) -> HTTPResponse:
            return await self._call(request, self._aliyun)

        @api.post("/tencent")
        async def tencent(request: Request) -> HTTPResponse:
            return await self._call(request, self._tencent)

        @api.post("/twilio/Accounts/<account:str>/Messages.json")
        async def twilio(request: Request, account: str) -> HTTPResponse:
            return await self._call(request, self._twilio)

        return api

    async def _call(self, request: Request, read: Any) -> HTTPResponse:
        if self.strikes("slow"):
            await asyncio.sleep(SLOW)
        if self.strikes("error"):
            return self._refused(REFUSALS["error"][self.provider], 500)
        if self.strikes("busy"):
            return self._refused(REFUSALS["busy"][self.provider], 429 if self.provider == "twilio" else 200)
        if self.refuse:
            return self._refused(self.refuse.pop(0))
        found = read(request)
        if found is None:
            return self._refused(REFUSALS["signature"][self.provider], 401 if self.provider == "twilio" else 200)
        return self._take(*found)

    def _take(self, to: str, text: str) -> HTTPResponse:
        sign = f"【{self.config['SMS_SIGN']}】" if self.provider != "twilio" else ""
        e164 = number(to, "CN")
        fault = "" if e164 else "number"
        if len(sign + text) > LONGEST[self.provider] or not text:
            fault = "long"
        elif sign and LINK.search(text):
            fault = "link"
        elif e164 in self.stopped and self.provider != "aliyun":
            fault = "stopped"
        if fault or e164 is None:
            return self._refused(REFUSALS[fault][self.provider])
        self.segments += segments(sign + text)
        message_id = f"SM{next(self.ids)}" if self.provider == "twilio" else str(next(self.ids))
        self.shown(home(e164), sign + text, extra={"id": message_id})
        self.report = asyncio.get_running_loop().create_task(self._report(message_id, e164))
        if self.strikes("lost_answer"):
            return json({}, 502)
        return self._taken(message_id)

    # -- the three forms of a call

    def _aliyun(self, request: Request) -> tuple[str, str] | None:
        values = dict(parse_qsl(request.query_string, keep_blank_values=True))
        at = datetime.strptime(request.headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
        wanted = sms_aliyun.signed(
            self.config["SMS_KEY"],
            self.config["SMS_SECRET"],
            request.headers["host"],
            "SendSms",
            "2017-05-25",
            request.query_string,
            at,
            request.headers["x-acs-signature-nonce"],
        )
        fresh = abs((self.now() - at).total_seconds()) <= OLDEST["aliyun"]
        if request.headers.get("authorization") != wanted["Authorization"] or not fresh:
            return None
        return values["PhoneNumbers"], orjson.loads(values["TemplateParam"])["content"]

    def _tencent(self, request: Request) -> tuple[str, str] | None:
        at = int(request.headers["x-tc-timestamp"])
        key, secret, host = self.config["SMS_KEY"], self.config["SMS_SECRET"], request.headers["host"]
        wanted = sms_tencent.authorization(key, secret, host, "sms", request.body, at)
        fresh = abs(self.now().timestamp() - at) <= OLDEST["tencent"]
        if request.headers.get("authorization") != wanted or not fresh:
            return None
        body = request.json
        return body["PhoneNumberSet"][0], body["TemplateParamSet"][0]

    def _twilio(self, request: Request) -> tuple[str, str] | None:
        login = base64.b64encode(f"{self.config['SMS_KEY']}:{self.config['SMS_SECRET']}".encode()).decode()
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        return (form["To"], form["Body"]) if request.headers.get("authorization") == f"Basic {login}" else None

    def _taken(self, message_id: str) -> HTTPResponse:
        if self.provider == "aliyun":
            return json({"Code": "OK", "Message": "OK", "BizId": message_id, "RequestId": "x"})
        if self.provider == "tencent":
            sent = {"SerialNo": message_id, "Fee": 1, "Code": "Ok", "Message": "send success"}
            return json({"Response": {"SendStatusSet": [sent], "RequestId": "x"}})
        return json({"sid": message_id, "status": "queued"}, 201)

    def _refused(self, code: str, status: int = 200) -> HTTPResponse:
        if self.provider == "aliyun":
            return json({"Code": code.partition("|")[0], "Message": code.partition("|")[2] or "x"}, status)
        if self.provider == "tencent":
            return json({"Response": {"Error": {"Code": code, "Message": "x"}, "RequestId": "x"}}, status)
        return json({"code": int(code), "message": "x", "status": 400}, 400 if status == 200 else status)

    # -- what comes from phones

    async def say(self, user: str, text: str, **more: Any) -> str:
        """A reply, in the provider's form; `press` is typed as well. `sender` for what is no number at home."""
        text = more.get("press") or text
        sender = more.get("sender") or number(user, "CN") or user
        if asks(text, "stop"):
            self.stopped.add(sender)
        elif asks(text, "start"):
            self.stopped.discard(sender)
        at, key = int(more.get("at") or time.time()), str(next(self.ids))
        if self.provider == "aliyun":
            when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at + 8 * 3600))
            item = {"phone_number": home(sender), "send_time": when, "content": text, "sequence_id": int(key)}
            await self._callback("up", [{**item, "sign_name": self.config["SMS_SIGN"], "dest_code": "1234"}])
        elif self.provider == "tencent":
            item = {
                "mobile": home(sender),
                "nationcode": "86",
                "sign": self.config["SMS_SIGN"],
                "text": text,
                "time": at,
            }
            await self._callback("up", {"extend": "", **item})
        else:
            form = {
                "MessageSid": f"SM{key}",
                "From": sender,
                "To": self.config["SMS_FROM"],
                "Body": text,
                "NumMedia": "0",
            }
            await self._signed("up", {**form, **more.get("form", {})})
        return key

    async def _report(self, message_id: str, e164: str) -> None:
        await asyncio.sleep(REPORT_AFTER)
        if not self.http.is_closed and not self.webhook.endswith("/none"):
            await self.status(message_id, e164)

    async def status(self, message_id: str, e164: str, code: str = "") -> None:
        """A delivery report; `code` of a failure."""
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 8 * 3600))
        if self.provider == "aliyun":
            item = {"phone_number": home(e164), "send_time": when, "report_time": when, "success": not code}
            await self._callback(
                "report", [{**item, "err_code": code or "DELIVERED", "sms_size": "1", "biz_id": message_id}]
            )
        elif self.provider == "tencent":
            item = {"user_receive_time": when, "nationcode": "86", "mobile": home(e164), "sid": message_id}
            state = {"report_status": "FAIL" if code else "SUCCESS", "errmsg": code or "DELIVRD", "description": "x"}
            await self._callback("report", [{**item, **state}])
        else:
            state = {"MessageStatus": "undelivered" if code else "delivered", **({"ErrorCode": code} if code else {})}
            await self._signed("report", {"MessageSid": message_id, "To": e164, **state})

    async def _callback(self, what: str, body: Any) -> httpx.Response | None:
        secret = "wrong" if self.strikes("bad_signature") else self.config["SMS_HOOK_SECRET"]
        headers = {"Content-Type": "application/json"}
        return await self.call(what, url=f"{self.webhook}/{secret}", content=orjson.dumps(body), headers=headers)

    async def _signed(self, what: str, form: dict[str, str]) -> httpx.Response | None:
        secret = "wrong" if self.strikes("bad_signature") else self.config["SMS_SECRET"]
        mark = sms_twilio.signature(secret, self.webhook, form)
        headers = {"X-Twilio-Signature": mark, "Content-Type": "application/x-www-form-urlencoded"}
        return await self.call(what, content=urlencode(form).encode(), headers=headers)


def home(e164: str) -> str:
    """As it is written in China: without +86."""
    return e164.removeprefix("+86")
