"""A platform without a wire: an adapter that hands messages to a list, fails when told, and knows windows and quotas."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.services.channels.model import (
    Adapter,
    Hook,
    Inbound,
    Kind,
    Media,
    Outgoing,
    Payload,
    Reception,
    SendFailed,
    State,
    Status,
    Traits,
)
from bot.services.channels.platforms import Platforms
from bot.services.channels.wording import in_words, split
from tests.services.conftest import Talk


class FakePlatform(Adapter):
    """`failures` are raised in order, one a call. `sent` are (user, text, key)."""

    def __init__(self, name: str = "fake", traits: Traits | None = None) -> None:
        self.name = name
        self.traits = traits or Traits(longest=200, per_second=10_000)
        self.failures: list[SendFailed] = []
        self.lost = 0  # answers that get lost after the message was taken
        self.sent: list[tuple[str, str, str]] = []
        self.files: dict[str, bytes] = {}

    def receive(self, hook: Hook) -> Reception:
        raise NotImplementedError

    def render(self, message: Outgoing) -> Sequence[Payload]:
        return [{"text": piece} for piece in split(in_words(message), self.traits)]

    async def send(self, to: str, payload: Payload, key: str) -> str:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append((to, payload["text"], key))
        if self.lost:
            self.lost -= 1
            raise SendFailed("unreachable", again=True)
        return f"p-{key}"

    def passive(self, hook: Hook, payloads: Sequence[Payload]) -> tuple[bytes, str] | None:
        return (payloads[0]["text"].encode(), "text/plain") if len(payloads) == 1 else None

    async def fetch(self, media: Media) -> bytes:
        if media.ref not in self.files:
            raise SendFailed("gone")
        return self.files[media.ref]


class PlatformHands:
    """One process's platforms over a talk, without loops: a test says when something is sent."""

    def __init__(self, talk: Talk, *adapters: FakePlatform, recogniser: Any = None) -> None:
        self.talk = talk
        self.adapters = {one.name: one for one in adapters}
        self.platforms = Platforms(talk.service, self.adapters, "https://lender.example", recogniser)

    async def says(self, channel: str, user: str, text: str, message_id: str | None = None, **more: Any) -> None:
        """Something comes in and is answered (not yet sent)."""
        inbound = Inbound(user, message_id or uuid.uuid4().hex, text=text, **more)
        accepted = await self.platforms._one(self.adapters[channel], inbound)
        if accepted is not None:
            await self.talk.service.answer(accepted, 30)

    async def takes(self, channel: str, inbound: Inbound, wait: float = 0.0) -> Reception | None:
        hook = Hook("POST", "", {}, {}, b"", self.talk.clock.now())
        return await self.platforms.take(self.adapters[channel], hook, Reception(inbound=(inbound,), wait=wait))

    async def status(self, channel: str, provider_id: str, state: State, reason: str = "") -> None:
        await self.platforms._statuses(channel, (Status(provider_id, state, None, reason),))

    async def send_all(self, most: int = 50) -> None:
        """Until nothing is due."""
        for _ in range(most):
            if not await self.platforms.delivery.send_due():
                return

    def texts(self, channel: str = "fake", user: str | None = None) -> list[str]:
        return [text for to, text, _ in self.adapters[channel].sent if user in (None, to)]


__all__ = ["FakePlatform", "Kind", "PlatformHands", "SendFailed", "State", "Traits", "datetime", "timedelta"]
