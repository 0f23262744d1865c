"""How dates and rates are written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bot.dialogue.format import day, month, percent, yuan


def test_day_and_month_in_both_languages() -> None:
    when = date(2026, 3, 5)
    assert (day(when), day(when, "zh-Hant"), day(when, "en")) == ("2026年3月5日", "2026年3月5日", "5 March 2026")
    assert (month(when), month(when, "en")) == ("2026年3月", "March 2026")


@pytest.mark.parametrize(
    ("rate", "written"),
    [("0.072", "7.20%"), ("0", "0.00%"), ("0.14945", "14.95%"), ("0.149449", "14.94%"), ("1", "100.00%")],
)
def test_percent_has_two_decimals_rounded_half_up(rate: str, written: str) -> None:
    assert percent(Decimal(rate)) == written


def test_yuan_is_that_of_the_engine() -> None:
    assert (yuan(123456), yuan(-100)) == ("¥1,234.56", "-¥1.00")
