"""Stand-ins that behave like the real thing, for suites that must be fast: a brain without a model, a clock to turn."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from bot.dialogue.turn import BotMessage, Turn, Understanding
from bot.names import Intent
from bot.nlu.redact import redact

NOON = datetime(2026, 3, 18, 4, 0, tzinfo=timezone.utc)  # noon in Shanghai


class FakeClock:
    """Stands still until moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment

    def forward(self, **how_much: float) -> None:
        self.moment += timedelta(**how_much)


@dataclass(frozen=True)
class FakeAnswer:
    messages: tuple[BotMessage, ...]
    memory: dict[str, Any]
    actions: tuple[str, ...]


class FakeBrain:
    """Understands four words and echoes the rest. Remembers how many turns it has seen.

    叫人 calls a person; 余额 needs level 2 and names the customer; 泄露 tries to say something above the level without asking;
    出错 raises; 慢 takes `slow` seconds.
    """

    model_id = "fake-1"

    def __init__(self, slow: float = 0.2) -> None:
        self.slow = slow
        self.heard: list[str] = []
        self.turns: list[Turn] = []

    def understand(self, text: str) -> Understanding:
        self.heard.append(text)
        intent = Intent.QUERY_BALANCE if "余额" in text else Intent.TALK_TO_HUMAN if "人工" in text else Intent.CHITCHAT
        return Understanding(text=redact(text), intent=intent.value, confidence=0.9)

    async def respond(self, turn: Turn, memory: dict[str, Any] | None) -> FakeAnswer:
        self.turns.append(turn)
        slots = {"count": ((memory or {}).get("slots") or {}).get("count", 0) + 1}
        if "慢" in turn.text:
            await asyncio.sleep(self.slow)
        if "出错" in turn.text:
            raise RuntimeError("an action failed")
        said: tuple[BotMessage, ...]
        if turn.understanding.intent == Intent.QUERY_BALANCE.value:
            if turn.speaker.level < 2:
                turn.login_wanted = {"intent": turn.understanding.intent, "item": None, "level": 2}
                said = ()
            else:
                said = (BotMessage(f"balance of {turn.speaker.customer_id}", level=2, response="utter_balance"),)
        elif "叫人" in turn.text:
            called = turn.services.desk.calling.call(turn, "hand_over")
            said = (BotMessage(f"{called.outlook.way} {called.ref}", response="utter_queue_joined"),)
        elif "泄露" in turn.text:
            said = (BotMessage("secret", level=2, response="utter_balance"),)
        else:
            said = (BotMessage(f"echo: {turn.understanding.text}", response="utter_chitchat"),)
        return FakeAnswer(said, {"slots": slots}, ("action_fake",))
