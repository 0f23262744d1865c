"""Platforms with faults while the server is killed: no answer lost, none twice, each phone in order.

KILLS (default 3) SIGKILLs at random moments, faults ordered all the time, PEOPLE on every simulated platform that calls a webhook.
Answers whose receipt got lost after the platform had taken them may come twice where the platform has no key to tell; that fault is
not ordered here and has its own test (tests/services/test_delivery.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import time
from pathlib import Path

import pytest

from bot.simulators.base import Simulator
from bot.simulators.everyone import modules
from tests.channels.conftest import CASES, serving
from tests.processes import Server, free_port
from tests.services.platform_hands import PlatformHands

pytestmark = [pytest.mark.load, pytest.mark.slow]
KILLS = int(os.environ.get("KILLS", "3"))
PEOPLE, SENTENCES = 5, 4
FAULTS = ("error", "busy", "duplicate")
PATIENCE = 240.0
MIX = [case for case in CASES if case.sends and not case.pulls]


async def talks(simulator: Simulator, user: str, chance: random.Random, one_at_a_time: asyncio.Lock) -> list[str]:
    """A person who says a sentence, and again when their app shows that it was not taken."""
    said = []
    for at in range(SENTENCES):
        await asyncio.sleep(chance.random() * 3)
        text = f"第{at}句"  # a phone number in it would be masked
        while True:
            async with one_at_a_time:  # so that the calls counted are this message's
                before = len(simulator.calls)
                await simulator.say(user, text)
                taken = any(status and status < 500 for _, status in simulator.calls[before:])
            if taken:
                break
            await asyncio.sleep(0.5)
        said.append(text)
    return said


async def test_kills_and_faults_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    port, chance = free_port(), random.Random(11)
    made = modules()  # on real time, as the server
    simulators = [made[case.name].make(f"http://127.0.0.1:{port}/channels/{case.name}", case.env("")) for case in MIX]
    async with serving(*simulators) as api:
        env = {name: value for case in MIX for name, value in case.env(api).items()}
        server = Server(tmp_path, port=port, FAKE_SLOW="0.1", **env)
        await asyncio.to_thread(server.start)
        people = [(one, case.person(at)) for one, case in zip(simulators, MIX, strict=True) for at in range(PEOPLE)]
        locks = {one.name: asyncio.Lock() for one in simulators}
        jobs = [
            asyncio.create_task(talks(one, user, random.Random(at), locks[one.name]))
            for at, (one, user) in enumerate(people)
        ]
        for _ in range(KILLS):
            for one in simulators:
                one.order(chance.choice(FAULTS))
            await asyncio.sleep(1 + chance.random() * 3)
            server.kill()
            await asyncio.to_thread(server.start)
        said = await asyncio.gather(*jobs)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and any(
            len(set(_told(one, user))) < len(sentences) for (one, user), sentences in zip(people, said, strict=True)
        ):
            await asyncio.sleep(0.5)
        await asyncio.sleep(3)  # whatever would come twice has come by now
        for (one, user), sentences in zip(people, said, strict=True):
            told = _told(one, user)
            assert list(dict.fromkeys(told)) == [f"echo: {text}" for text in sentences], (one.name, user, told)
            assert len(told) <= len(sentences) + KILLS, (
                one.name,
                user,
                told,
            )  # taken, and killed before that was stored
        with contextlib.suppress(RuntimeError):
            await asyncio.to_thread(server.stop)


def _told(simulator: Simulator, user: str) -> list[str]:
    """The answers on a phone in their order; a text message begins with the sender's signature."""
    lines = [said.text for said in simulator.phones[user] if said.by == "them"]
    return [text[text.index("echo: ") :] for text in lines if "echo: " in text]


async def test_five_thousand_replies_after_an_hour_without_the_platform(tmp_path: Path) -> None:
    """On a service with the stand-in for the model: none lost, none twice, those too old told of."""
    from bot.app import build
    from bot.services.channels.model import SendFailed
    from bot.services.conversation import ConversationService
    from tests.fakes import FakeBrain, FakeClock
    from tests.services.conftest import Talk, seed, settings_for
    from tests.services.platform_hands import FakePlatform

    url = f"sqlite:///{tmp_path / 'backlog.db'}"
    settings = settings_for(url, tmp_path)
    seed(url, settings)
    clock, brain = FakeClock(), FakeBrain(slow=0)
    services = build(settings, clock, brain)
    service = ConversationService(services)
    await service.start()
    fake = FakePlatform()
    hands = PlatformHands(Talk(service, brain, clock), fake)
    for begin in range(0, 5000, 100):
        await asyncio.gather(*(hands.says("fake", f"u{at}", f"第{at}") for at in range(begin, begin + 100)))
    fake.failures = [SendFailed("unreachable", again=True)] * 64
    await hands.platforms.delivery.send_due()
    clock.forward(hours=1)
    fake.failures = []
    for _ in range(400):
        if not await hands.platforms.delivery.send_due():
            clock.forward(seconds=5)
            if not await hands.platforms.delivery.send_due():
                break
    assert sorted(to for to, _, _ in fake.sent) == sorted(f"u{at}" for at in range(5000))
    await service.stop(2)
    service.close()
    services.close()
