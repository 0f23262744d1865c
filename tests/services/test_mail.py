"""A borrower by e-mail through the whole service: fetched, answered once in the thread, returned mail marked as failed."""

from __future__ import annotations

import asyncio
from email import message_from_bytes

import pytest

from bot.services.channels.model import SendFailed
from bot.store.conversation_schema import messages, outbox
from tests.channels.cases.base import NoCursors
from tests.channels.platforms.email_hands import USER, made, provider
from tests.services.conftest import Talk
from tests.services.platform_hands import PlatformHands


async def test_a_mail_is_answered_once_in_its_thread_and_a_bounce_is_kept(talk: Talk) -> None:
    async with provider() as (simulator, env):
        adapter = made(env, NoCursors())
        hands = PlatformHands(talk, adapter)  # type: ignore[arg-type]
        simulator.order("duplicate")
        asked = await simulator.say(USER, "你好", subject="还款")
        await hands.platforms.pull(adapter)
        await answered(talk, 1)
        simulator.order("error")
        await hands.send_all()
        talk.clock.forward(seconds=5)
        await hands.send_all()
        [mail] = [message_from_bytes(one) for one in simulator.taken]
        assert (mail["In-Reply-To"], mail["To"]) == (asked, USER)
        simulator.bounce(USER, mail["Message-ID"])
        await hands.platforms.pull(adapter)
        assert [row["state"] for row in await talk.rows(outbox, outbox.c.channel == "email")] == ["failed"]
        assert await answered(talk, 1) == 1  # the daemon's mail is not talked to


async def test_nothing_is_skipped_while_the_mailbox_is_away(talk: Talk) -> None:
    async with provider() as (simulator, env):
        adapter = made(env, NoCursors())
        hands = PlatformHands(talk, adapter)  # type: ignore[arg-type]
        for at in range(3):
            await simulator.say(USER, f"第{at}", fresh=True)
        simulator.order("partial_upload")
        with pytest.raises(SendFailed):
            await hands.platforms.pull(adapter)
        await hands.platforms.pull(adapter)
        assert await answered(talk, 3) == 3


async def answered(talk: Talk, wanted: int) -> int:
    """How many answers there are, when there are as many as wanted, or after some seconds."""
    found = 0
    for _ in range(100):
        found = len(await talk.rows(messages, messages.c.sender == "bot"))
        if found >= wanted:
            break
        await asyncio.sleep(0.05)
    return found
