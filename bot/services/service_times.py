"""By when a person answers: service hours and answer times of the policy, computed, never promised by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml

from bot.errors import ConfigError

POLICY = Path(__file__).resolve().parent.parent / "lending" / "policy" / "service_times.yml"


@dataclass(frozen=True)
class ServiceTimes:
    """Daily opening hours (lender's zone), answer times in minutes of service hours, complaint days."""

    opens: time
    closes: time
    answer_within: dict[str, int]
    complaint_answer_days: int
    source: str

    @property
    def hours(self) -> str:
        """The hours as shown: 09:00–21:00."""
        return f"{self.opens:%H:%M}–{self.closes:%H:%M}"

    def is_open(self, now: datetime) -> bool:
        """Whether `now` (in the lender's zone) lies in service hours."""
        return self.opens <= now.time() < self.closes

    def answer_by(self, now: datetime, urgency: str) -> datetime:
        """The moment by which a person answers: the policy's minutes, counted in service hours only.

        `urgent` runs around the clock.
        """
        left = timedelta(minutes=self.answer_within[urgency])
        if urgency == "urgent":
            return now + left
        at = now
        while True:
            opening = at.replace(hour=self.opens.hour, minute=self.opens.minute, second=0, microsecond=0)
            closing = at.replace(hour=self.closes.hour, minute=self.closes.minute, second=0, microsecond=0)
            at = max(at, opening)
            if at < closing:
                if at + left <= closing:
                    return at + left
                left -= closing - at
            at = opening + timedelta(days=1)

    def complaint_answer_by(self, received: date) -> date:
        """The last day of the legal time, day of receipt not counted, not shifted by holidays (the stricter reading)."""
        return received + timedelta(days=self.complaint_answer_days)


def load(on: date, path: Path = POLICY) -> ServiceTimes:
    """The entry in force on `on`.

    Raises:
        ConfigError: no entry is in force, or one cannot be read; the message names file and key.
    """
    entries: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    in_force = [entry for entry in entries if entry["from"] <= on]
    if not in_force:
        raise ConfigError(f"{path}: no entry in force on {on}")
    entry = max(in_force, key=lambda one: one["from"])
    try:
        return ServiceTimes(
            opens=time.fromisoformat(entry["hours"]["opens"]),
            closes=time.fromisoformat(entry["hours"]["closes"]),
            answer_within={key: int(value) for key, value in entry["answer_within_minutes"].items()},
            complaint_answer_days=int(entry["complaint_answer_days"]),
            source=str(entry["source"]),
        )
    except (KeyError, ValueError) as error:
        raise ConfigError(f"{path}: entry from {entry['from']}: {error}") from error
