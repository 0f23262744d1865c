"""What every part of the desk stands on: policies of the day, opening hours, words for borrowers. Made by `bot.app`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from bot.dialogue import format as fmt
from bot.dialogue.lexicon import word
from bot.dialogue.turn import Button
from bot.lending.desk_policy import DeskPolicy
from bot.services.notices import language_of, say_in
from bot.services.service_times import ServiceTimes
from bot.store.clock import Clock, business_date
from bot.store.database import Database

SYSTEM = "system"


@dataclass(frozen=True)
class Basis:
    """`clock` is business time, `wall` real time (heartbeats). `always_open`: the demo."""

    database: Database
    speech: Any
    policies: Callable[[date], DeskPolicy]
    service_times: Callable[[date], ServiceTimes]
    clock: Clock
    wall: Clock
    zone: ZoneInfo
    lender_name: str
    hotline: str
    always_open: bool = False

    def today(self, now: datetime) -> date:
        return business_date(now, self.zone)

    def midnight(self, now: datetime) -> datetime:
        """When the lender's present day began."""
        return datetime.combine(self.today(now), time(), self.zone)

    def policy(self, now: datetime) -> DeskPolicy:
        return self.policies(self.today(now))

    def times(self, now: datetime) -> ServiceTimes:
        return self.service_times(self.today(now))

    def is_open(self, now: datetime) -> bool:
        return self.always_open or self.times(now).is_open(now.astimezone(self.zone))

    def there_since(self, now: datetime) -> datetime:
        """Whoever was heard of since then is there."""
        return self.wall.now() - self.policy(now).heartbeat

    # -- words

    def say(
        self,
        connection: Connection,
        conversation_id: str,
        response: str,
        now: datetime,
        *,
        level: int = 0,
        card: dict[str, Any] | None = None,
        buttons: list[Button] | None = None,
        **values: Any,
    ) -> None:
        """A line of the system in the borrower's conversation, in their language. The caller rings it afterwards."""
        language = language_of(connection, conversation_id)
        common = {"lender_name": self.lender_name, "hotline": self.hotline, "hours": self.times(now).hours}
        said = self.speech.say(
            response, language, {**common, **values}, level=level, card=card, buttons=buttons if buttons else None
        )
        say_in(connection, conversation_id, said, now, sender=SYSTEM)

    def window(self, at: datetime, language: str) -> str:
        """An hour in words: 2026年11月24日 10:00–11:00."""
        local = at.astimezone(self.zone)
        return f"{fmt.day(local.date(), language)} {local:%H:%M}–{local + timedelta(hours=1):%H:%M}"

    def moment(self, at: datetime, language: str) -> str:
        local = at.astimezone(self.zone)
        return f"{fmt.day(local.date(), language)} {local:%H:%M}"

    def slot_button(self, at: datetime, language: str) -> Button:
        """A choice of a callback time, said in full so that it can be read without context."""
        local = at.astimezone(self.zone)
        title = f"{local.month}/{local.day} {local:%H:%M}"
        return Button(title, word("callback_say", language, when=f"{local:%Y-%m-%d %H:%M}"))
