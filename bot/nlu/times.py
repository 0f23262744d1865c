"""A moment in people's words: 「明天下午3点」, 「15:30」, 「周五上午十点半」, tomorrow 3pm. Asked where a callback is booked."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.nlu.days import dates, read_date
from bot.nlu.normalise import normalise
from bot.nlu.numerals import read_number
from bot.nlu.patterns import table


def read_moment(text: str, now: datetime, zone: ZoneInfo, opens: time) -> datetime | None:
    """The next such moment after `now`, aware, in `zone`; None when no hour is named.

    An hour without a half of the day is read as lying in service hours: 「3点」 is 15:00 where service begins at nine.
    Without a day: today while it lies ahead, else tomorrow.
    """
    words = normalise(text)
    found = next((match for one in _patterns() if (match := one.search(words))), None)
    if found is None:
        return None
    groups = found.groupdict()
    hour = read_number(groups["hour"])
    minute = 30 if groups.get("half_past") else read_number(groups["minute"]) if groups.get("minute") else 0
    if hour is None or minute is None or not (0 <= hour <= 24 and 0 <= minute < 60):
        return None
    at = time(_of_day(int(hour), groups.get("half"), opens) % 24, int(minute))
    local = now.astimezone(zone)
    rest = words[: found.start()] + " " + words[found.end() :]
    named = next((read_date(one.value, local.date()) for one in dates(rest) if _a_day(one.value, local.date())), None)
    if named is None and groups.get("half") in table("times")["tomorrow"]:
        named = local.date() + timedelta(days=1)
    moment = datetime.combine(named or local.date(), at, zone)
    return moment if named is not None or moment > local else moment + timedelta(days=1)


def _a_day(words: str, today: date) -> bool:
    return read_date(words, today) is not None


def _of_day(hour: int, half: str | None, opens: time) -> int:
    if half in table("times")["afternoon"]:
        return hour + 12 if hour < 12 and not (half == "\u4e2d\u5348" and hour >= 11) else hour
    if half in table("times")["morning"]:
        return 0 if hour == 12 else hour
    return hour + 12 if hour < min(opens.hour, 12) else hour


@lru_cache(maxsize=1)
def _patterns() -> list[re.Pattern[str]]:
    return [re.compile(one) for one in table("times")["patterns"]]
