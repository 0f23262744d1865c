from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from bot.errors import BadInput
from bot.store.clock import DemoClock, SystemClock, business_date
from bot.store.database import Database, make_engine
from tests.fakes import NOON, FakeClock

ZONE = ZoneInfo("Asia/Shanghai")


def test_business_date_is_the_lenders() -> None:
    assert business_date(datetime(2026, 3, 17, 15, 59, tzinfo=timezone.utc), ZONE) == date(2026, 3, 17)
    assert business_date(datetime(2026, 3, 17, 16, 0, tzinfo=timezone.utc), ZONE) == date(2026, 3, 18)


def test_system_clock_is_aware() -> None:
    assert SystemClock().now().tzinfo is not None


def test_demo_clock_moves_for_every_process(database: Database, url: str) -> None:
    clock = DemoClock(database, FakeClock())
    assert clock.now() == NOON
    clock.advance(3)
    clock.advance(30)
    elsewhere = Database(make_engine(url))
    assert DemoClock(elsewhere, FakeClock()).now() == NOON + timedelta(days=33)
    elsewhere.close()


@pytest.mark.parametrize("days", [0, -1, 3651, 10**18])
def test_demo_clock_refuses_to_leap_or_go_back(database: Database, days: int) -> None:
    clock = DemoClock(database, FakeClock())
    with pytest.raises(BadInput):
        clock.advance(days)
    assert clock.now() == NOON


def test_demo_clock_moves_at_most_ten_years_in_all(sqlite: Database) -> None:
    clock = DemoClock(sqlite, FakeClock())
    clock.advance(3650)
    with pytest.raises(BadInput):
        clock.advance(1)
