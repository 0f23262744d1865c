"""Calls of the APIs of WeChat and WeCom: an access token in the address, `errcode` in an answer that is always 200.

The address holds a secret: it is never part of an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from bot.channels.platforms.setup import Given, call
from bot.services.channels.model import Payload, SendFailed
from bot.services.channels.tokens import Fetch
from bot.services.uploads import LARGEST

EXPIRED = {40001, 40014, 42001, 41001}  # of a call: the token is no longer taken
JSON_HEADERS = {"Content-Type": "application/json"}
HOSTS = re.compile(r"(.+\.)?(qq\.com|qpic\.cn|weixin\.com)")  # where both platforms keep media


class Api:
    """One account at one platform. `reasons`: what an errcode means, as arguments of SendFailed."""

    def __init__(
        self, given: Given, name: str, base: str, token: Fetch, reasons: Mapping[int, tuple[str, bool, float]]
    ) -> None:
        self._given, self._name, self._base, self._token, self._reasons = given, name, base, token, reasons

    async def post(self, path: str, body: Payload) -> dict[str, Any]:
        """Raises SendFailed. Characters go as they are: official accounts show \\u escapes to the reader."""
        token = await self._given.tokens.get(self._name, self._token)
        where = {"access_token": token}
        content = orjson.dumps(body)
        answer = await call(
            self._given, "POST", f"{self._base}{path}", params=where, content=content, headers=JSON_HEADERS
        )
        told = told_by(answer)
        await self._checked(told, token)
        return told

    async def media(self, media_id: str) -> bytes:
        """A file that a customer sent. Raises SendFailed."""
        token = await self._given.tokens.get(self._name, self._token)
        where = {"access_token": token, "media_id": media_id}
        answer = await call(self._given, "GET", f"{self._base}/cgi-bin/media/get", params=where)
        if "json" not in answer.headers.get("content-type", "") and "text/plain" not in answer.headers.get(
            "content-type", ""
        ):
            return _whole(answer)
        told = told_by(answer)
        await self._checked(told, token)
        film = told.get("video_url")  # films of official accounts are only named, not sent
        if not isinstance(film, str) or not self._ours(film):
            raise SendFailed("no_media")
        return _whole(await call(self._given, "GET", film))

    def _ours(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return False
        same = parts.netloc == urlsplit(self._base).netloc
        return parts.scheme in ("http", "https") and (same or (HOSTS.fullmatch(host) is not None and not parts.port))

    async def _checked(self, told: Mapping[str, Any], token: str) -> None:
        code = told.get("errcode", 0)
        if code in EXPIRED:
            await self._given.tokens.forget(self._name, token)
            raise SendFailed("expired_token", again=True)
        if code:
            raise failed(code, self._reasons)


def failed(code: object, reasons: Mapping[int, tuple[str, bool, float]]) -> SendFailed:
    """An errcode as the failure it means; one that is not known is final."""
    reason, again, after = (
        reasons.get(code, ("invalid", False, 0.0)) if isinstance(code, int) else ("invalid", False, 0.0)
    )
    return SendFailed(reason, again=again, after=after)


def told_by(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer. Raises SendFailed: there is none."""
    try:
        found = orjson.loads(answer.content)
    except orjson.JSONDecodeError as error:
        raise SendFailed("unreachable", again=True) from error  # a gateway's page in between
    if not isinstance(found, dict):
        raise SendFailed("unreachable", again=True)
    return found


def fetched(told: Mapping[str, Any], reasons: Mapping[int, tuple[str, bool, float]]) -> tuple[str, float]:
    """Token and its seconds out of the answer that gives one. Raises SendFailed."""
    token = told.get("access_token")
    if isinstance(token, str) and token:
        try:
            return token, float(told.get("expires_in") or 0)
        except (TypeError, ValueError):
            return token, 0.0
    found = failed(told.get("errcode"), reasons)
    raise found if found.again else SendFailed("not_configured")  # a wrong secret never becomes right by waiting


def _whole(answer: httpx.Response) -> bytes:
    if answer.status_code != 200:
        raise SendFailed("gone")
    if len(answer.content) > LARGEST:
        raise SendFailed("no_media")
    return answer.content
