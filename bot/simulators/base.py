"""What every simulated platform shares: phones with their threads, faults to order, and the way to Daihou's webhook.

A simulator is one class: `routes()` for the platform's own API, `say` for what a person types into the simulated app.
"""

from __future__ import annotations

import asyncio
import itertools
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from sanic import Blueprint

FAULTS = (
    "slow",  # the platform answers after `SLOW` seconds
    "error",  # 500
    "busy",  # 429 with Retry-After
    "expired_token",  # the access token is refused
    "lost_answer",  # the message is taken, its answer is lost
    "duplicate",  # a webhook is called twice
    "out_of_order",  # the next two webhooks are called the wrong way round
    "bad_signature",  # a webhook signed with another secret
    "partial_upload",  # a file ends in the middle
    "gone",  # a file is there no more
)
SLOW = 2.0


@dataclass
class Said:
    """One line on a phone. `by`: me | them."""

    by: str
    text: str
    buttons: list[dict[str, str]] = field(default_factory=list)
    state: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


class Simulator(ABC):
    """One platform. `webhook` is where Daihou listens (http://…/channels/NAME)."""

    name: str

    def __init__(self, webhook: str, config: Mapping[str, str]) -> None:
        self.webhook, self.config = webhook, dict(config)
        self.phones: dict[str, list[Said]] = defaultdict(list)
        self.faults: dict[str, int] = defaultdict(int)
        self.calls: list[tuple[str, int]] = []  # webhook calls: what, and the status that came back
        self.numbers = itertools.count(1)
        self._held: list[tuple[str, dict[str, Any]]] = []
        self.http = httpx.AsyncClient(timeout=10.0)

    @abstractmethod
    def routes(self) -> Blueprint:
        """The platform's API, as Daihou calls it. Mounted at /NAME of the simulators' server."""

    @abstractmethod
    async def say(self, user: str, text: str, **more: Any) -> str:
        """A person types (or sends `kind`=image, voice, …): the signed webhook is called; the message's id."""

    async def start(self) -> None:  # noqa: B027 - most platforms need nothing of their own beside HTTP
        """Begin to listen where HTTP is not enough (mail)."""

    def typed(self, user: str, text: str) -> None:
        """Show on a phone what its owner typed."""
        self.phones[user].append(Said("me", text))

    def order(self, fault: str, times: int = 1) -> None:
        """The next `times` chances have this fault."""
        if fault not in FAULTS:
            raise ValueError(f"{fault!r} is no fault; known: {', '.join(FAULTS)}")
        self.faults[fault] += times

    def strikes(self, fault: str) -> bool:
        """Whether the fault happens now; it is used up."""
        if self.faults[fault] <= 0:
            return False
        self.faults[fault] -= 1
        return True

    def shown(self, user: str, text: str, **more: Any) -> Said:
        """Put a message of Daihou's on a phone."""
        said = Said("them", text, **more)
        self.phones[user].append(said)
        return said

    async def call(self, what: str, method: str = "POST", url: str | None = None, **how: Any) -> httpx.Response | None:
        """Call the webhook, with the faults ordered; platforms retry what is not acknowledged, three times in all."""
        request = {"method": method, "url": url or self.webhook, **how}
        if self.strikes("out_of_order"):
            self._held.append((what, request))
            return None
        answer = await self._called(what, request)
        if self.strikes("duplicate"):
            answer = await self._called(what, request)
        held, self._held = self._held, []
        for late, old in held:
            await self._called(late, old)
        return answer

    async def _called(self, what: str, request: dict[str, Any]) -> httpx.Response | None:
        for attempt in range(3):
            try:
                answer = await self.http.request(**request)
            except httpx.HTTPError:
                self.calls.append((what, 0))
                await asyncio.sleep(0.2 * (attempt + 1))
                continue
            self.calls.append((what, answer.status_code))
            if answer.status_code < 500:
                return answer
            await asyncio.sleep(0.2 * (attempt + 1))
        return None

    async def close(self) -> None:
        await self.http.aclose()
