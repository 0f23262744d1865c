"""What every platform module is made of: its settings, and what it is given when it is made."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx

from bot.errors import ConfigError, NotFound
from bot.services.channels.cursors import Cursors
from bot.services.channels.model import SendFailed
from bot.services.channels.tokens import Tokens
from bot.store.clock import Clock

SECONDS = 10.0  # one call of a platform
LONGEST_AFTER = 3600  # seconds of a platform's own pause


@dataclass(frozen=True)
class Setting:
    """An environment variable of a platform. Without a default it is needed; `secret` is never logged or shown."""

    what: str
    default: str | None = None
    secret: bool = False


def no_files(ref: str) -> bytes:
    raise NotFound("no such file")


@dataclass(frozen=True)
class Given:
    """What an adapter is made with. `clock` is real time; `http` has no base address and follows no redirects."""

    config: Mapping[str, str]
    http: httpx.AsyncClient
    tokens: Tokens
    clock: Clock
    cursors: Cursors
    files: Callable[[str], bytes] = no_files  # of `SentFile.ref`


async def content_of(given: Given, ref: str) -> bytes:
    """A file of ours to be sent. Raises SendFailed: it is not there (any more)."""
    try:
        return await asyncio.to_thread(given.files, ref)
    except NotFound as error:
        raise SendFailed("no_media") from error


def configured(name: str, settings: Mapping[str, Setting], env: Mapping[str, str]) -> dict[str, str] | None:
    """The values of a platform, or None when none of those that it needs is set.

    Raises:
        ConfigError: some are set and others missing; the message names them.
    """
    needed = [key for key, one in settings.items() if one.default is None]
    missing = [key for key in needed if not env.get(key)]
    if len(missing) == len(needed):
        return None
    if missing:
        raise ConfigError(f"channel {name}: set {', '.join(missing)} as well, or none of {', '.join(needed)}")
    return {key: env.get(key) or one.default or "" for key, one in settings.items()}


async def call(given: Given, method: str, url: str, **how: object) -> httpx.Response:
    """One call of a platform: what may pass by waiting is told from what may not; bodies are never in the error.

    Raises:
        SendFailed: `again` for no connection, time-outs, 429 and 5xx; final for any other 4xx (`invalid`).
    """
    try:
        answer = await given.http.request(method, url, timeout=SECONDS, **how)  # type: ignore[arg-type]
    except httpx.HTTPError as error:
        raise SendFailed("unreachable", again=True) from error
    if answer.status_code == 429 or answer.status_code >= 500:
        raise SendFailed("busy", again=True, after=_seconds(answer.headers.get("retry-after"), given.clock.now()))
    return answer


def _seconds(value: str | None, now: datetime) -> float:
    """`Retry-After`: seconds, or a date. At most an hour: what asks for more is looked at again by then."""
    if not value:
        return 0.0
    if value.isascii() and value.isdigit():
        return float(min(int(value[:9]), LONGEST_AFTER))
    try:
        until = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return 0.0
    left = (until - now).total_seconds() if until.tzinfo is not None else 0.0
    return min(max(left, 0.0), float(LONGEST_AFTER))
