"""Tencent Cloud: SendSms with the signature TC3-HMAC-SHA256; callbacks of replies and of delivery.

Source: Tencent Cloud's public pages on SendSms (2021-01-11), its error codes, "SMS Reply", "SMS Sending Status Notification" and the
signature v3, read 2026-11.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

import orjson

from bot.channels.platforms.reading import key as id_of
from bot.channels.platforms.reading import moment, table, tables, words
from bot.channels.platforms.setup import call
from bot.channels.platforms.sms_provider import Came, Provider, Said, objects, told
from bot.services.channels.model import Hook, Payload, SendFailed, State, Status

ACTION, VERSION, SERVICE = "SendSms", "2021-01-11", "sms"
TYPE = "application/json; charset=utf-8"
CHINA = timezone(timedelta(hours=8))
FINAL = {
    "FailedOperation.PhoneNumberInBlacklist": "blocked",
    "FailedOperation.ContainSensitiveWord": "invalid",
    "InvalidParameterValue.IncorrectPhoneNumber": "unknown_user",
    "InvalidParameterValue.ContentLengthLimit": "invalid",
    "InvalidParameterValue.TemplateParameterFormatError": "invalid",
    "InvalidParameterValue.TemplateParameterLengthLimit": "invalid",
    "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter": "invalid",
    "LimitExceeded.PhoneNumberDailyLimit": "quota",
    "LimitExceeded.PhoneNumberOneHourLimit": "quota",
    "LimitExceeded.PhoneNumberSameContentDailyLimit": "quota",
    "LimitExceeded.AppMainlandChinaDailyLimit": "quota",
    "LimitExceeded.AppGlobalDailyLimit": "quota",
    "LimitExceeded.DailyLimit": "quota",
    "UnsupportedOperation.UnsupportedRegion": "unknown_user",
}
PASSING = (
    "RequestLimitExceeded",
    "InternalError",
    "LimitExceeded.PhoneNumberThirtySecondLimit",
    "LimitExceeded.DeliveryFrequencyLimit",
    "AuthFailure.SignatureExpire",
)


class Tencent(Provider):
    needs = ("SMS_SIGN", "SMS_TEMPLATE", "SMS_APP", "SMS_HOOK_SECRET")
    api = "https://sms.tencentcloudapi.com"
    per_second = 100.0  # of 3000 that an account may call
    longest = 500
    links = False  # InvalidParameterValue.ProhibitedUseUrlInTemplateParameter

    def read(self, hook: Hook) -> Came:
        self.by_address(hook)
        said: list[Said] = []
        statuses: list[Status] = []
        for one in objects(hook.body):
            sender = f"+{id_of(one.get('nationcode')) or '86'}{id_of(one.get('mobile'))}"
            if "text" in one and id_of(one.get("mobile")):
                said.append(Said(sender, words(one["text"]), _mark(sender, one), moment(one.get("time"))))
            elif id_of(one.get("sid")):
                statuses.append(_status(one))
        return Came(tuple(said), tuple(statuses), b'{"result":0,"errmsg":"OK"}')

    async def send(self, to: str, payload: Payload, key: str) -> str:
        body = orjson.dumps(
            {
                "PhoneNumberSet": [to],
                "SmsSdkAppId": self.config["SMS_APP"],
                "SignName": self.config["SMS_SIGN"],
                "TemplateId": self.config["SMS_TEMPLATE"],
                "TemplateParamSet": [payload["text"]],
                "SessionContext": key[:500],
            }
        )
        at, host = int(self.given.clock.now().timestamp()), urlsplit(self.base).netloc
        headers = {
            "Authorization": authorization(self.key, self.secret, host, SERVICE, body, at),
            "Content-Type": TYPE,
            "Host": host,
            "X-TC-Action": ACTION,
            "X-TC-Version": VERSION,
            "X-TC-Timestamp": str(at),
            "X-TC-Region": self.config["SMS_REGION"],
        }
        answer = await call(self.given, "POST", f"{self.base}/", content=body, headers=headers)
        response = table(told(answer).get("Response"))
        sent = next(tables(response.get("SendStatusSet")), {})
        code = words(table(response.get("Error")).get("Code")) or words(sent.get("Code"))
        if code == "Ok":
            return id_of(sent.get("SerialNo"))
        raise failure(code)


def failure(code: str) -> SendFailed:
    if code.startswith(PASSING):
        return SendFailed("busy", again=True)
    return SendFailed(FINAL.get(code, "not_configured"))  # keys, rights, signature, template, balance


def authorization(key: str, secret: str, host: str, service: str, body: bytes, at: int) -> str:
    """The header of a POST of JSON; `at` in seconds, as in X-TC-Timestamp."""
    day = datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%d")
    names = "content-type;host"
    request = f"POST\n/\n\ncontent-type:{TYPE}\nhost:{host}\n\n{names}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{day}/{service}/tc3_request"
    text = f"TC3-HMAC-SHA256\n{at}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    step = f"TC3{secret}".encode()
    for part in (day, service, "tc3_request"):
        step = hmac.new(step, part.encode(), hashlib.sha256).digest()
    mark = hmac.new(step, text.encode(), hashlib.sha256).hexdigest()
    return f"TC3-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, Signature={mark}"


def _status(one: Mapping[str, Any]) -> Status:
    try:
        told_at = datetime.strptime(words(one.get("user_receive_time"), 32), "%Y-%m-%d %H:%M:%S")
        at = told_at.replace(tzinfo=CHINA).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        at = None
    if one.get("report_status") == "SUCCESS":
        return Status(id_of(one["sid"]), State.DELIVERED, at)
    black = "BLACK" in words(one.get("errmsg")).upper()
    return Status(id_of(one["sid"]), State.FAILED, at, "blocked" if black else "platform")


def _mark(sender: str, one: Mapping[str, Any]) -> str:
    """Tencent gives a reply no id: who, when (to the second) and what is the nearest to one."""
    parts = (sender, id_of(one.get("time")), id_of(one.get("extend")), words(one.get("text")))
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
