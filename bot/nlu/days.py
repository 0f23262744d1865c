"""Days and months in people's words: 「20号」, 「下周五」, 「月底」, 「12月5号」, 2026-12-05, next friday, Dec 5.

A message's words are found here (`dates`), and read where the business date is known (`read_date`).
Weeks begin on Monday, so that 「下周五」 (and "next friday") is the Friday of the next calendar week.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from bot.lending.calendar import add_months, next_day_of_month
from bot.nlu.found import Found, without_overlap
from bot.nlu.numerals import read_number
from bot.nlu.patterns import pattern, table

RECENT = 90  # days: a month and day without a year lies in this year unless it is longer ago than that
RECENT_MONTH = 183  # days, the same for a month alone: the nearest one
FARTHEST = 3660  # days ahead that 「… 天后」 may reach

Match = re.Match[str]


def read_date(words: str, today: date) -> date | None:
    """The day meant by `words`, seen from `today`: 「20号」 is the next 20th, today included. None: no such day.

    A bare 「15」 is read as the 15th: the caller knows that a day was asked for.
    """
    return read_date_or_reason(words, today)[0]


def read_date_or_reason(words: str, today: date) -> tuple[date | None, str]:
    """As `read_date`, with the reason when there is none: `no_such_day` (Feb 30), `month_only` or `not_a_date`."""
    words = words.strip()
    for name, reader in READERS.items():
        found = pattern("days", name).fullmatch(words)
        if found:
            try:
                return reader(found, today), ""
            except (ValueError, OverflowError):
                return None, "no_such_day"
    return None, "month_only" if pattern("days", "month_only").fullmatch(words) else "not_a_date"


def read_month(words: str, today: date) -> tuple[int, int] | None:
    """(year, month) of a month, or of a day, in words."""
    found = pattern("days", "month_only").fullmatch(words.strip())
    if found is None:
        day = read_date(words, today)
        return (day.year, day.month) if day else None
    month = table("days")["month_names"][found["name"][:3]] if found["name"] else _number(found["month"])
    if not 1 <= month <= 12:
        return None
    if found["year"]:
        return _year(found["year"]), month
    if found["which"]:
        return today.year + table("days")["years"][found["which"]], month
    ended = date(today.year, month, monthrange(today.year, month)[1])
    return today.year + (ended < today - timedelta(days=RECENT_MONTH)), month


def bare_day(text: str) -> str | None:
    """The words, if a message is nothing but a possible day of the month: 「15」, 「二十」. Only who asked for one may read it so."""
    found = pattern("days", "bare_day").fullmatch(text.strip())
    return found["day"] if found and 1 <= _number(found["day"]) <= 31 else None


def dates(text: str) -> Iterator[Found]:
    """Words in a normalised message that name a day or a month; their value is the words themselves."""
    yield from without_overlap(
        Found(found.start(), found.end(), found.group().strip(), found.group().strip())
        for name in table("days")["order"]
        for found in pattern("days", name).finditer(text)
    )


# ---- one reader a pattern


def _full(found: Match, today: date) -> date:
    return date(_year(found["year"]), _number(found["month"]), _number(found["day"]))


def _english(found: Match, today: date) -> date:
    month = table("days")["month_names"][found["month"][:3]]
    if found["year"]:
        return date(int(found["year"]), month, int(found["day"]))
    return _nearest(month, int(found["day"]), today)


def _named_year(found: Match, today: date) -> date:
    return date(today.year + table("days")["years"][found["which"]], _number(found["month"]), _number(found["day"]))


def _named_month(found: Match, today: date) -> date:
    return _month(found["which"], today).replace(day=_number(found["day"]))


def _month_day(found: Match, today: date) -> date:
    return _nearest(_number(found["month"]), _number(found["day"]), today)


def _edge(found: Match, today: date) -> date:
    parts = found.groupdict()
    last = (parts["edge"] or parts["edge2"] or parts["edge3"]) not in table("days")["first"]
    if parts["which"]:
        month = _month(parts["which"], today)
    elif parts["month"]:
        month = _nearest(_number(parts["month"]), 1, today)
    else:
        month = today.replace(day=1)
        month = month if last or today.day == 1 else add_months(month, 1)  # a first that is over is the next one
    return _last(month) if last else month


def _year_end(found: Match, today: date) -> date:
    return date(today.year, 12, 31)


def _english_edge(found: Match, today: date) -> date:
    return _last(add_months(today.replace(day=1), 1 if found["next"] else 0))


def _weekday(found: Match, today: date) -> date:
    days = table("days")
    wanted = days["weekdays"][found["weekday"][:3]]
    day: date = today - timedelta(days=today.weekday()) + timedelta(days=wanted)
    weeks = days["weeks"].get(found["which"] or "")
    if weeks is None:
        return day if day >= today else day + timedelta(days=7)
    return day + timedelta(days=7 * weeks)


def _after(found: Match, today: date) -> date:
    days = table("days")
    count, unit = found["count"] or found["count2"], found["unit"] or found["unit2"]
    number = days["counts"].get(count) or _number(count)
    if unit in days["months_span"]:
        number *= days["months_span"][unit]
        if number * 31 > FARTHEST:
            raise ValueError("too far ahead")
        return add_months(today, number)
    return today + timedelta(days=number * days["spans"][unit.removeprefix(days["measure"])])


def _half_after(found: Match, today: date) -> date:
    return add_months(today, 6) if found["half"] in table("days")["half_year"] else today + timedelta(days=15)


def _relative(found: Match, today: date) -> date:
    return today + timedelta(days=table("days")["relative"][found.group()])


def _now(found: Match, today: date) -> date:
    return today


def _day_only(found: Match, today: date) -> date:
    parts = found.groupdict()
    day = next_day_of_month(_number(parts["day"] or parts["day2"]), today)
    if day is None:
        raise ValueError("no month has that day")
    return day


READERS: dict[str, Callable[[Match, date], date]] = {
    "full": _full,
    "compact": _full,
    "english_full": _english,
    "english_turned": _english,
    "named_year": _named_year,
    "named_month": _named_month,
    "edge": _edge,
    "month_day": _month_day,
    "dotted": _month_day,
    "slashed": _month_day,
    "dashed": _month_day,
    "year_end": _year_end,
    "english_edge": _english_edge,
    "weekday": _weekday,
    "english_weekday": _weekday,
    "after": _after,
    "half_after": _half_after,
    "english_after": _after,
    "relative": _relative,
    "now": _now,
    "day_only": _day_only,
    "english_day": _day_only,
    "bare_day": _day_only,
}


def _nearest(month: int, day: int, today: date) -> date:
    """That month and day: this year's unless it is over for long, then the next; 29 February: the next leap year's."""
    if (month, day) == (2, 29):
        year = next(year for year in range(today.year, today.year + 9) if monthrange(year, 2)[1] == 29)
        return date(year, 2, 29)
    this = date(today.year, month, day)
    return this if this >= today - timedelta(days=RECENT) else date(today.year + 1, month, day)


def _month(which: str, today: date) -> date:
    return add_months(today.replace(day=1), table("days")["months"][which])


def _last(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def _year(words: str) -> int:
    year = _number(words)
    return year if year > 99 else 2000 + year


def _number(words: str) -> int:
    for short, long in table("days")["tens"].items():
        words = words.replace(short, long)
    number = read_number(words)
    if number is None or number != int(number):
        raise ValueError(words)
    return int(number)
