"""What a platform's case gives to the contract suite."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from bot.channels.platforms.setup import Given, Setting, configured
from bot.errors import BadInput
from bot.services.channels.model import Adapter, Hook, Inbound, SendFailed
from bot.simulators.base import Simulator
from tests.fakes import FakeClock


class NoTokens:
    """Tokens without a store: fetched once, forgotten when told."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, name: str, fetch: Any) -> str:
        if name not in self.kept:
            self.kept[name] = (await fetch())[0]
        return self.kept[name]

    async def forget(self, name: str, token: str) -> None:
        if self.kept.get(name) == token:
            del self.kept[name]


class NoCursors:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, name: str) -> str:
        return self.kept.get(name, "")

    async def put(self, name: str, value: str) -> None:
        self.kept[name] = value


class Case(ABC):
    """One platform. `api` is where the simulators listen (http://127.0.0.1:PORT)."""

    name: str
    user = "10001"  # a channel user that the simulator knows
    pulls = False  # messages are fetched: `hooks` are not how they come
    signed = True  # the platform signs or carries a secret
    dated = False  # its signature has an age
    sends = True  # replies are calls of the platform (a phone menu answers in the request itself)

    @abstractmethod
    def module(self) -> Any:
        """The adapter's module."""

    @abstractmethod
    def env(self, api: str) -> dict[str, str]:
        """Its variables, pointing at the simulator."""

    @abstractmethod
    def simulator(self, webhook: str, env: Mapping[str, str]) -> Simulator: ...

    @abstractmethod
    def hook(self, user: str, text: str, message_id: str, now: datetime) -> Hook:
        """A correctly signed request that holds one text message."""

    @abstractmethod
    def tampered(self, hook: Hook) -> Hook:
        """The same request with other words under the old signature (or with a wrong secret)."""

    def person(self, at: int) -> str:
        """Another channel user of the same form: a phone number stays one, an id keeps its length."""
        return self.user[: -len(str(at))] + str(at) if self.user[-1:].isdigit() else f"{self.user}{at}"

    def garbage(self, body: bytes, now: datetime) -> Hook:
        """A correctly signed request with any body."""
        raise NotImplementedError

    def adapter(self, api: str, http: httpx.AsyncClient, clock: Any = None) -> Adapter:
        settings: dict[str, Setting] = self.module().SETTINGS
        config = configured(self.name, settings, self.env(api))
        assert config is not None
        made: Adapter = self.module().make(Given(config, http, NoTokens(), clock or FakeClock(), NoCursors()))  # type: ignore[arg-type]
        return made


def texts(found: tuple[Inbound, ...]) -> list[tuple[str, str]]:
    return [(one.channel_user, one.text) for one in found]


__all__ = ["BadInput", "Case", "NoCursors", "NoTokens", "SendFailed", "texts"]
