"""By when a complaint is contacted, decided, answered at the latest. Pure: calendar, policy and zone are arguments.

A "d" is a calendar day ending 24:00 of the last, the day of receipt not counted; a "workday" is a working day of the
mainland, shifted ones included. Legal limits are counted without the holidays' shift (民法典 201, 203): the stricter
reading. Sources: requirements 3.1 and 5, golden P03.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.lending.complaint_policy import ComplaintPolicy, Level, Span

WARN = "target"
LEGAL = "legal"


@dataclass(frozen=True)
class WorkCalendar:
    """Working days. In a year that is not `known` every Monday to Friday is one, and nothing is shifted."""

    known: frozenset[int]
    off: frozenset[date]  # Monday to Friday, yet a holiday
    on: frozenset[date]  # Saturday or Sunday, yet worked

    def is_workday(self, day: date) -> bool:
        if day.year in self.known and day in self.off:
            return False
        return day.weekday() < 5 or (day.year in self.known and day in self.on)

    def after(self, day: date, workdays: int) -> date:
        """The n-th working day after `day`."""
        while workdays > 0:
            day += timedelta(days=1)
            workdays -= self.is_workday(day)
        return day

    def shifted(self, day: date) -> date:
        """The last day of a period as the law moves it: off a holiday to the next working day; unknown years stay."""
        while day.year in self.known and not self.is_workday(day):
            day += timedelta(days=1)
        return day


@dataclass(frozen=True)
class Deadlines:
    """`target_by`, `contact_by`, `contain_by` are moments, `legal_by` is the last day, unshifted.

    `told_by` is what the complainant hears: the earlier of the level's target and the unshifted first legal limit.
    """

    contact_by: datetime
    target_by: datetime
    legal_by: date
    told_by: datetime
    contain_by: datetime | None = None


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """24:00 of a day."""
    return datetime.combine(day + timedelta(days=1), time(), zone)


def last_day(at: datetime, zone: ZoneInfo) -> date:
    """The day that a deadline is named by: its 24:00 is the day before."""
    return (at.astimezone(zone) - timedelta(microseconds=1)).date()


def ends(span: Span, received: datetime, calendar: WorkCalendar, zone: ZoneInfo) -> datetime:
    """When a time of the policy that began at `received` is over."""
    local = received.astimezone(zone)
    if span.minutes:
        return local + timedelta(minutes=span.minutes)
    if span.workdays:
        return end_of(calendar.after(local.date(), span.workdays), zone)
    return end_of(local.date() + timedelta(days=span.days), zone)


def deadlines(
    level: Level, received: datetime, legal_days: int, policy: ComplaintPolicy, calendar: WorkCalendar, zone: ZoneInfo
) -> Deadlines:
    """All clocks of a complaint received then. `legal_days` is the stage: 15, 30 or 60."""
    on = received.astimezone(zone).date()
    rule = policy.levels[level]
    target = ends(rule.resolve, received, calendar, zone)
    first = end_of(on + timedelta(days=policy.legal_days[0]), zone)
    return Deadlines(
        contact_by=ends(rule.contact, received, calendar, zone),
        target_by=target,
        legal_by=on + timedelta(days=legal_days),
        told_by=min(target, first),
        contain_by=ends(rule.contain, received, calendar, zone) if rule.contain else None,
    )


def used_percent(start: datetime, by: datetime, now: datetime, paused: timedelta = timedelta()) -> int:
    """How much of a time is used: 0 at its start, 100 when it is over; more when late. `by` has the pauses in it."""
    whole = (by - start - paused).total_seconds()
    spent = (now - start - paused).total_seconds()
    return max(0, int(100 * spent / whole)) if whole > 0 else 100


def moment_of(percent: int, start: datetime, by: datetime) -> datetime:
    """When so much of the time is used."""
    return start + (by - start) * percent / 100


def lengthened(by: date, pause: timedelta) -> date:
    """A legal limit after a pause for an external appraisal: whole days only, never in the lender's favour."""
    return by + timedelta(days=pause.days)
