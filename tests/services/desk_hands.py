"""Hands for tests of the desk: staff who log on, take, write and close, against a real conversation service."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from bot.lending.authority import Actor
from bot.services.desk.agents import Disposition
from bot.store.conversation_schema import conversations
from bot.store.desk_schema import handovers
from tests.services.conftest import Talk


@dataclass
class DeskHands:
    """`talk.service` with its rounds run by hand."""

    talk: Talk

    @property
    def services(self) -> Any:
        return self.talk.service.services

    async def do(self, job: Any) -> Any:
        """`job(connection, now)` in a transaction."""
        return await self.talk.service.work.write(lambda c: job(c, self.talk.clock.now()))

    async def staff(self, staff_id: str, role: str = "agent", status: str | None = "online", **more: Any) -> Actor:
        more = {"name": staff_id, "skills": ["service"], "languages": ["zh", "en"], **more}
        self.services.staff.put(staff_id, role, **more)
        actor = Actor(staff_id, role)
        if status is not None:
            await self.status(actor, status)
        return actor

    async def status(self, actor: Actor, status: str = "online") -> None:
        await self.do(lambda c, now: self.services.desk.agents.set_status(c, actor, status, now))

    async def beat(self, *actors: Actor) -> None:
        for actor in actors:
            await self.do(lambda c, now, one=actor: self.services.desk.agents.beat(c, one.staff_id, now))

    async def rounds(self) -> int:
        return await self.talk.service.rounds.once()

    async def handover(self, ref: str) -> Any:
        return (await self.talk.rows(handovers, handovers.c.ref == ref))[0]

    async def conversation(self, user: str) -> Any:
        session = await self.talk.service.session("rest", user)
        assert session is not None
        found = await self.talk.rows(conversations, conversations.c.conversation_id == session.conversation_id)
        return found[0]

    async def call(self, user: str, **more: Any) -> str:
        """A borrower calls a person; the number of the handover."""
        said = await self.talk.say(user, "叫人", **more)
        return said[0].split()[-1]

    async def send(
        self, actor: Actor, user: str, text: str, *, epoch: int | None = None, key: str | None = None, **more: Any
    ) -> Any:
        found = await self.conversation(user)
        return await self.do(
            lambda c, now: self.services.desk.sending.send(
                c,
                actor,
                found["conversation_id"],
                text,
                key or uuid.uuid4().hex,
                found["epoch"] if epoch is None else epoch,
                more.get("confirmed", ()),
                now,
                now,
            )
        )

    async def close(self, actor: Actor, user: str, outcome: str = "resolved") -> None:
        found = await self.conversation(user)
        done = Disposition("账单", outcome)
        await self.do(
            lambda c, now: self.services.desk.agents.close(
                c, actor, found["conversation_id"], found["epoch"], done, now
            )
        )

    async def seen(self, user: str) -> list[str]:
        """What the borrower sees, each with who said it."""
        return [f"{one['from']}: {one['text']}" for one in await self.talk.view(user)]
