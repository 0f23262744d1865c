"""What every part of complaints stands on: policy of the day, calendar, zone, words, the port of payments. Made by `bot.app`."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.lending.caps import Caps
from bot.lending.complaint_clock import Deadlines, WorkCalendar, deadlines
from bot.lending.complaint_policy import ComplaintPolicy, Level
from bot.services.complaints.payment_port import PaymentPort
from bot.store.clock import Clock, business_date
from bot.store.database import Database
from bot.store.protocols import LoanStore


@dataclass(frozen=True)
class Basis:
    """`clock` is business time, `wall` real time (links and codes). `secret` keys links, codes and marks."""

    database: Database
    loans: LoanStore
    speech: Any
    notifier: Any
    port: PaymentPort
    policies: Callable[[date], ComplaintPolicy]
    calendars: Callable[[date], WorkCalendar]
    caps: Callable[[date], Caps]
    clock: Clock
    wall: Clock
    zone: ZoneInfo
    secret: str
    lender_name: str
    hotline: str
    public_url: str = ""  # where borrowers reach us: in front of links that leave the page

    def today(self, now: datetime) -> date:
        return business_date(now, self.zone)

    def policy(self, now: datetime) -> ComplaintPolicy:
        return self.policies(self.today(now))

    def calendar(self, now: datetime) -> WorkCalendar:
        return self.calendars(self.today(now))

    def deadlines(self, urgency: str, start: datetime, legal_days: int, now: datetime) -> Deadlines:
        """All clocks of a case of that urgency that began at `start`."""
        return deadlines(Level(urgency), start, legal_days, self.policy(now), self.calendar(now), self.zone)

    def mark(self, *parts: str) -> str:
        """A keyed hash: tells whether two things are the same without keeping them."""
        return hmac.new(self.secret.encode(), "\x00".join(parts).encode(), hashlib.sha256).hexdigest()
