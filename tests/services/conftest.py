"""A conversation service over a seeded demo book, in SQLite, and in PostgreSQL where TEST_DATABASE_URL is set."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
import sqlalchemy as sa

from bot.app import Services, build
from bot.services.conversation import ConversationService
from bot.services.inbound import InboundMessage
from bot.services.watch import Bells
from bot.services.work import Work
from bot.services.worker import Worker
from bot.settings import Settings
from bot.store.clock import business_date
from bot.store.database import Database, make_engine
from bot.store.demo import seed_demo
from bot.store.migrate import upgrade
from tests import databases
from tests.fakes import NOON, FakeBrain, FakeClock

SECRET = "a secret that lender and assistant share"


def settings_for(url: str, var: Path) -> Settings:
    return Settings(
        demo=True,
        database_url=url,
        var_dir=var,
        identity_secret=SECRET,
        session_secret="s" * 40,
        rest_token="r" * 40,
        supervisor_contact="supervisor@example.test",
    )


def seed(url: str, settings: Settings) -> None:
    upgrade(url)
    database = Database(make_engine(url))
    seed_demo(database, business_date(NOON, settings.timezone), settings.timezone)
    database.close()


@pytest.fixture(scope="session", params=databases.ENGINES)
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo book, seeded once for each engine."""
    folder = tmp_path_factory.mktemp("book")
    with databases.template(request.param, folder, lambda url: seed(url, settings_for(url, folder))) as url:
        yield url


@pytest.fixture
def database_url(book: str, tmp_path: Path) -> Iterator[str]:
    with databases.copy(book, tmp_path) as url:
        yield url


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def services(database_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Services]:
    """One process over the demo book, without a conversation service."""
    made = build(settings_for(database_url, tmp_path), clock)
    yield made
    made.close()


@pytest.fixture
async def worker(services: Services) -> AsyncIterator[Worker]:
    """Runs due jobs when told to."""
    work = Work(services.database)
    yield Worker(services, work, Bells())
    work.close()


@dataclass
class Talk:
    """The service with hands: say something as somebody, look at what was stored."""

    service: ConversationService
    brain: FakeBrain
    clock: FakeClock

    async def say(
        self, user: str, text: str, message_id: str | None = None, token: str | None = None, channel: str = "rest"
    ) -> list[str]:
        """The texts of the answer."""
        accepted = await self.service.accept(InboundMessage(channel, user, text, message_id or uuid.uuid4().hex, token))
        return [row["text"] for row in await self.service.answer(accepted, 60)]

    async def responses(self, user: str, text: str, **more: Any) -> list[str]:
        """The catalogue names of the answer."""
        accepted = await self.service.accept(InboundMessage("rest", user, text, uuid.uuid4().hex, more.get("token")))
        return [row["response"] for row in await self.service.answer(accepted, 60)]

    async def level(self, user: str, channel: str = "rest") -> int:
        session = await self.service.session(channel, user)
        return session.level if session else 0

    async def view(self, user: str, after: int = 0, channel: str = "rest") -> list[dict[str, Any]]:
        return (await self.service.look(channel, user, after, "hidden")).messages

    async def rows(self, table: sa.Table, *where: Any) -> list[Any]:
        return await self.service.work.read(lambda c: list(c.execute(sa.select(table).where(*where)).mappings()))

    def token(
        self,
        customer: str = "C1001",
        acr: str = "2",
        jti: str | None = None,
        exp: datetime | None = None,
        secret: str = SECRET,
        **more: Any,
    ) -> str:
        claims = {
            "sub": customer,
            "acr": acr,
            "jti": uuid.uuid4().hex if jti is None else jti,
            "exp": int((exp or self.clock.now()).timestamp()) + (0 if exp else 3600),
            **more,
        }
        return jwt.encode(claims, secret, algorithm="HS256")

    async def code(self, phone: str) -> str | None:
        """The newest code on that phone."""
        import re

        sent = self.service.services.notifier.sent_to(phone)
        return re.search(r"[0-9]{6}", sent[-1]["text"]).group() if sent else None  # type: ignore[union-attr]


@pytest.fixture
async def talk(database_url: str, tmp_path: Path) -> AsyncIterator[Talk]:
    clock, brain = FakeClock(), FakeBrain()
    services = build(settings_for(database_url, tmp_path), clock, brain)
    service = ConversationService(services)
    await service.start()
    yield Talk(service, brain, clock)
    await service.stop(2)
    service.close()
    services.close()


@pytest.fixture
async def desk(talk: Talk) -> Any:
    """The desk over the same service; its rounds run when a test says so."""
    from tests.services.desk_hands import DeskHands

    assert talk.service.desk is not None
    talk.service.desk.cancel()
    return DeskHands(talk)
