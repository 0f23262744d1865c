"""How amounts, dates and rates are written to borrowers. Numbers come from the store and the engine only."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from bot.lending.money import yuan as yuan

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAY = {"zh": "{year}\u5e74{month}\u6708{day}\u65e5", "en": "{day} {name} {year}"}
MONTH = {"zh": "{year}\u5e74{month}\u6708", "en": "{name} {year}"}


def day(when: date, language: str = "zh-Hans") -> str:
    """2026年3月15日, in English 15 March 2026."""
    return _written(DAY, when, language)


def month(when: date, language: str = "zh-Hans") -> str:
    """2026年3月, in English March 2026."""
    return _written(MONTH, when, language)


def percent(rate: Decimal) -> str:
    """A fraction as a percentage with two decimals: 0.072 -> 7.20%."""
    return f"{(rate * 100).quantize(Decimal('0.01'), rounding=ROUND_HALF_UP)}%"


def _written(forms: dict[str, str], when: date, language: str) -> str:
    form = forms["en" if language == "en" else "zh"]
    return form.format(year=when.year, month=when.month, day=when.day, name=MONTHS[when.month - 1])
