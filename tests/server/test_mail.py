"""E-mail against the real server process: over real SMTP and IMAP, with faults and a kill. The model is a stand-in."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from bot.simulators.email import EmailSimulator
from tests.channels.platforms.email_hands import USER, provider
from tests.processes import Server

PATIENCE = 30.0


async def told(simulator: EmailSimulator, number: int) -> list[str]:
    """What the mailbox of the person shows, once Daihou has written `number` mails."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        said = [one.text for one in simulator.phones[USER] if one.by == "them"]
        if len(said) >= number:
            return said
        await asyncio.sleep(0.05)
    raise AssertionError(said)


async def test_mail_is_answered_over_faults_and_a_kill(tmp_path: Path) -> None:
    async with provider() as (simulator, env):
        server = Server(tmp_path, **env)
        await asyncio.to_thread(server.start)
        simulator.order("duplicate")
        await simulator.say(USER, "一")
        assert await told(simulator, 1) == ["echo: 一"]
        await asyncio.sleep(0.5)  # until it is stored as sent: killed before that, its lease would have to run out
        server.kill()
        await simulator.say(USER, "二")
        await simulator.say(USER, "三")
        simulator.order("error")
        simulator.order("partial_upload")
        await asyncio.to_thread(server.start)
        assert await told(simulator, 3) == ["echo: 一", "echo: 二", "echo: 三"]
        await asyncio.to_thread(server.stop)
        log = server.log.read_text()
        assert simulator.password not in log
        assert USER not in log
