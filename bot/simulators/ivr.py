"""A telephone system: reads what Daihou answers aloud (onto a phone), sends keys and recognised speech."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import orjson
from sanic import Blueprint

from bot.channels.platforms.signed import HEADER, signature
from bot.simulators.base import Simulator

NAME = "ivr"
MOST_AGAIN = 5


def demo(api: str) -> dict[str, str]:
    return {"IVR_SECRET": "demo-ivr-secret"}


def make(webhook: str, config: Mapping[str, str]) -> Simulator:
    return IvrSimulator(webhook, config)


class IvrSimulator(Simulator):
    """Config: IVR_SECRET. A phone is one call; typing digits, * or # presses keys, anything else is heard speech."""

    name = NAME

    def __init__(self, webhook: str, config: Mapping[str, str]) -> None:
        super().__init__(webhook, config)
        self.contexts: dict[str, Any] = {}
        self.turns: dict[str, int] = {}

    def routes(self) -> Blueprint:
        return Blueprint("sim_ivr", url_prefix="/ivr")

    async def say(self, user: str, text: str, **more: Any) -> str:
        """`confidence` of speech (0.9), `press` for keys; the first word of a call begins it."""
        if user not in self.turns:
            self.turns[user] = 0
            await self._event(user, {"event": "start"})
        pressed = more.get("press") or (text if text and all(sign in "0123456789*#" for sign in text) else "")
        event = {"event": "keys", "keys": pressed} if pressed else {"event": "speech", "speech": text}
        return await self._event(user, {"confidence": more.get("confidence", 0.9), **event})

    async def _event(self, user: str, event: dict[str, Any]) -> str:
        self.turns[user] += 1
        body = orjson.dumps({"call": user, "turn": self.turns[user], "context": self.contexts.get(user), **event})
        for _ in range(MOST_AGAIN):
            secret = "wrong" if self.strikes("bad_signature") else self.config["IVR_SECRET"]
            mark = signature([secret], body, datetime.now(timezone.utc))
            headers = {HEADER: mark, "Content-Type": "application/json"}
            answer = await self.call(event["event"], content=body, headers=headers)
            if answer is None or answer.status_code != 200:
                break
            told = answer.json()
            if told.get("again"):
                continue
            self.contexts[user] = told.get("context")
            self.shown(user, told["say"], buttons=[{"title": key, "data": key} for key in told["keys"]])
            break
        return f"{user}/{self.turns[user]}"
