"""Talking to the trained model as a demo borrower, the clock fixed at noon (Shanghai) of 23 November 2026."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import jwt
import pytest

from bot.app import Services, build
from bot.dialogue.brain import Brain
from bot.dialogue.registry import ensure_model
from bot.services.conversation import ConversationService
from bot.services.inbound import InboundMessage
from bot.settings import Settings
from bot.store.clock import business_date
from bot.store.database import Database, make_engine
from bot.store.demo import seed_demo
from bot.store.migrate import upgrade
from tests.fakes import FakeClock

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=timezone.utc)
SECRET = "a secret that lender and assistant share"


@pytest.fixture(scope="session")
def model() -> Path:
    return ensure_model(Settings())


@pytest.fixture(scope="session")
def brain(model: Path) -> Brain:
    return Brain.load(model)


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dialogues") / "book.db"
    upgrade(f"sqlite:///{path}")
    database = Database(make_engine(f"sqlite:///{path}"))
    zone = Settings().timezone
    seed_demo(database, business_date(NOW, zone), zone)
    database.close()
    return path


@dataclass
class Borrower:
    """One session. `say` gives the answer as one text; `last` holds the messages with cards and buttons."""

    service: ConversationService
    services: Services
    clock: FakeClock
    user: str
    token: str | None
    last: list[Any]

    async def say(self, text: str) -> str:
        accepted = await self.service.accept(InboundMessage("rest", self.user, text, uuid.uuid4().hex, self.token))
        self.last = list(await self.service.answer(accepted, 20))
        return "\n".join(row["text"] for row in self.last)

    @property
    def cells(self) -> list[str]:
        """Every cell of the cards of the last answer."""
        return [str(cell) for row in self.last if row["card"] for line in row["card"].get("rows", []) for cell in line]

    @property
    def responses(self) -> list[str]:
        return [row["response"] for row in self.last]


@dataclass
class Demo:
    service: ConversationService
    services: Services
    clock: FakeClock

    def borrower(self, customer: str | None = None, acr: str = "2") -> Borrower:
        """A new session, proven for `customer`, anonymous without one."""
        token = None
        if customer is not None:
            claims = {
                "sub": customer,
                "acr": acr,
                "jti": uuid.uuid4().hex,
                "exp": int(self.clock.now().timestamp()) + 30 * 86_400,
            }
            token = jwt.encode(claims, SECRET, algorithm="HS256")
        return Borrower(self.service, self.services, self.clock, uuid.uuid4().hex, token, [])


@asynccontextmanager
async def talking(folder: Path, book: Path, brain: Brain) -> AsyncIterator[Demo]:
    """A service over a fresh copy of the book; a test may hold several."""
    folder.mkdir(exist_ok=True)
    shutil.copy(book, folder / "book.db")
    settings = Settings(
        demo=True,
        database_url=f"sqlite:///{folder / 'book.db'}",
        var_dir=folder,
        identity_secret=SECRET,
        session_secret="s" * 40,
        rest_token="r" * 40,
        supervisor_contact="supervisor@example.test",
    )
    clock = FakeClock(NOW)
    services = replace(build(settings, clock), brain=brain)
    service = ConversationService(services)
    await service.start()
    assert service.jobs is not None
    service.jobs.cancel()  # tests run due work themselves, at the moment they mean
    assert service.desk is not None
    service.desk.cancel()
    yield Demo(service, services, clock)
    await service.stop(2)
    service.close()
    services.close()


@pytest.fixture
async def demo(tmp_path: Path, book: Path, brain: Brain) -> AsyncIterator[Demo]:
    async with talking(tmp_path, book, brain) as made:
        yield made
