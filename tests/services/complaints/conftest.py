from __future__ import annotations

import pytest

from bot.app import Services
from tests.fakes import FakeClock
from tests.services.complaining import Hands


@pytest.fixture
def hands(services: Services, clock: FakeClock) -> Hands:
    made = Hands(services, clock)
    made.staff()
    return made
