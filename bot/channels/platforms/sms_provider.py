"""What the three providers of text messages share: their requests are verified and read alike, their settings checked at the start."""

from __future__ import annotations

import hmac
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from bot.channels.platforms.reading import document, table
from bot.channels.platforms.setup import Given
from bot.errors import BadInput, ConfigError
from bot.services.channels.model import Hook, Media, Payload, SendFailed, SignatureRefused, Status


@dataclass(frozen=True)
class Said:
    """A text that came in. `sender` as the provider writes it."""

    sender: str
    text: str
    key: str
    at: datetime | None = None
    media: tuple[Media, ...] = ()
    stops: bool = False  # the provider itself took it as the end


@dataclass(frozen=True)
class Came:
    """All that one request held, and what the provider wants to hear."""

    said: tuple[Said, ...] = ()
    statuses: tuple[Status, ...] = ()
    body: bytes = b""
    content_type: str = "application/json"


class Provider(ABC):
    """`needs` are settings beside the key, `links` whether a text may hold an address."""

    needs: tuple[str, ...]
    api: str  # its address, unless SMS_API names another
    per_second: float
    longest: int  # characters of one text, signature included
    links = True
    around = ""  # what the provider puts around a text: the signature in its brackets

    def __init__(self, given: Given) -> None:
        self.given, self.config = given, given.config
        missing = [name for name in self.needs if not given.config[name]]
        if missing:
            raise ConfigError(f"channel sms: {given.config['SMS_PROVIDER']} needs {', '.join(missing)} as well")
        self.base = (given.config["SMS_API"] or self.api).rstrip("/")
        if "SMS_SIGN" in self.needs:
            self.around = f"【{given.config['SMS_SIGN']}】"
        self.key, self.secret = given.config["SMS_KEY"], given.config["SMS_SECRET"]

    @abstractmethod
    def read(self, hook: Hook) -> Came:
        """Verify, then read. Raises SignatureRefused, BadInput."""

    @abstractmethod
    async def send(self, to: str, payload: Payload, key: str) -> str:
        """The provider's id of the text. `to` is E.164. Raises SendFailed."""

    async def fetch(self, media: Media) -> bytes:
        raise SendFailed("no_media")

    def by_address(self, hook: Hook) -> None:
        """Aliyun and Tencent sign no callbacks: their address ends with a secret of ours."""
        if not hmac.compare_digest(hook.part.encode("utf-8", "replace"), self.config["SMS_HOOK_SECRET"].encode()):
            raise SignatureRefused("the address does not end with the secret")


def objects(body: bytes) -> list[Mapping[str, Any]]:
    """The objects of a callback: a list, or one alone. Raises BadInput."""
    found = document(body)
    items = found if isinstance(found, list) else [found]
    if not all(isinstance(one, dict) for one in items):
        raise BadInput("a list of objects is expected", code="bad_callback")
    return items


def told(answer: httpx.Response) -> Mapping[str, Any]:
    """The answer's JSON; empty when it is none."""
    try:
        return table(document(answer.content))
    except BadInput:
        return {}
