"""Aliyun (dysmsapi): SendSms with the signature ACS3-HMAC-SHA256; callbacks SmsUp and SmsReport.

Source: Aliyun's public pages on SendSms, its error codes, SmsUp, SmsReport and the signature V3, read 2026-11.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from bot.channels.platforms.reading import key as id_of
from bot.channels.platforms.reading import words
from bot.channels.platforms.setup import call
from bot.channels.platforms.sms_provider import Came, Provider, Said, objects, told
from bot.channels.platforms.sms_text import minute_only
from bot.services.channels.model import Hook, Payload, SendFailed, State, Status

ACTION, VERSION = "SendSms", "2017-05-25"
CHINA = timezone(timedelta(hours=8))  # the times of its callbacks
TIMES = ("%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S")
FINAL = {
    "isv.MOBILE_NUMBER_ILLEGAL": "unknown_user",
    "isv.DAY_LIMIT_CONTROL": "quota",
    "isv.MONTH_LIMIT_CONTROL": "quota",
    "isv.BUSINESS_LIMIT_CONTROL": "quota",
    "isv.BLACK_KEY_CONTROL_LIMIT": "invalid",
    "isv.INVALID_PARAMETERS": "invalid",
    "isv.INVALID_JSON_PARAM": "invalid",
    "isv.PARAM_LENGTH_LIMIT": "invalid",
    "isv.PARAM_NOT_SUPPORT_URL": "invalid",
}
PASSING = (
    "Throttling",
    "isp.SYSTEM_ERROR",
    "isp.GATEWAY_ERROR",
    "ServiceUnavailable",
    "InternalError",
    "SignatureNonce",
)
UNKNOWN, BLOCKED = ("MOBILE_NOT_ON_SERVICE", "MOBILE_SEND_LIMIT_UNKNOWN", "MOBILE_ACCOUNT_ABNORMAL"), ("BLACK",)


class Aliyun(Provider):
    needs = ("SMS_SIGN", "SMS_TEMPLATE", "SMS_HOOK_SECRET")
    api = "https://dysmsapi.aliyuncs.com"
    per_second = 100.0  # of 1000 that an account may call
    longest = 500
    links = False  # isv.PARAM_NOT_SUPPORT_URL

    def read(self, hook: Hook) -> Came:
        self.by_address(hook)
        said: list[Said] = []
        statuses: list[Status] = []
        for one in objects(hook.body):
            sender, key = words(one.get("phone_number")), id_of(one.get("sequence_id"))
            if "content" in one and sender:
                key = key or _mark(sender, words(one.get("send_time")), words(one["content"]))
                said.append(Said(sender, words(one["content"]), key, _moment(one.get("send_time"))))
            elif id_of(one.get("biz_id")):
                statuses.append(_status(one))
        return Came(tuple(said), tuple(statuses), b'{"code":0,"msg":"OK"}')

    async def send(self, to: str, payload: Payload, key: str) -> str:
        values = {
            "PhoneNumbers": to.removeprefix("+86") if to.startswith("+86") else to.removeprefix("+"),
            "SignName": self.config["SMS_SIGN"],
            "TemplateCode": self.config["SMS_TEMPLATE"],
            "TemplateParam": orjson.dumps({self.config["SMS_VARIABLE"]: payload["text"]}).decode(),
            "OutId": key[:256],
        }
        query = canonical(values)
        host = urlsplit(self.base).netloc
        headers = signed(
            self.key, self.secret, host, ACTION, VERSION, query, self.given.clock.now(), secrets.token_hex(16)
        )
        answer = await call(self.given, "POST", f"{self.base}/?{query}", headers=headers)
        found = told(answer)
        code = words(found.get("Code"))
        if answer.status_code == 200 and code == "OK":
            return id_of(found.get("BizId"))
        raise failure(code, words(found.get("Message")))


def failure(code: str, message: str) -> SendFailed:
    """What a refusal means; `message` only tells a minute's limit from a day's."""
    if code.startswith(PASSING):
        return SendFailed("busy", again=True)
    if code == "isv.BUSINESS_LIMIT_CONTROL" and minute_only(message):
        return SendFailed("busy", again=True)
    if code in FINAL:
        return SendFailed(FINAL[code])
    return SendFailed("not_configured")  # account, rights, signature, template, balance: somebody has to mend it


def canonical(values: Mapping[str, str]) -> str:
    return "&".join(f"{quote(name, safe='~')}={quote(values[name], safe='~')}" for name in sorted(values))


def signed(
    key: str, secret: str, host: str, action: str, version: str, query: str, now: datetime, nonce: str
) -> dict[str, str]:
    """The headers of a call without a body."""
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": now.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = f"POST\n/\n{query}\n{lines}\n{names}\n{headers['x-acs-content-sha256']}"
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(request.encode()).hexdigest()}"
    mark = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return {**headers, "Authorization": f"ACS3-HMAC-SHA256 Credential={key},SignedHeaders={names},Signature={mark}"}


def _status(one: Mapping[str, Any]) -> Status:
    code, at = words(one.get("err_code")).upper(), _moment(one.get("report_time"))
    if one.get("success") is True:
        return Status(id_of(one["biz_id"]), State.DELIVERED, at)
    reason = (
        "unknown_user"
        if code.startswith(UNKNOWN)
        else "blocked"
        if any(word in code for word in BLOCKED)
        else "platform"
    )
    return Status(id_of(one["biz_id"]), State.FAILED, at, reason)


def _moment(value: Any) -> datetime | None:
    for form in TIMES:
        try:
            return datetime.strptime(words(value, 32), form).replace(tzinfo=CHINA).astimezone(timezone.utc)
        except (ValueError, OverflowError):
            continue
    return None


def _mark(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
