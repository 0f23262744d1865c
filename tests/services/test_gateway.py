"""The lender's gateway: every notification once, again after a failure, no spent code."""

from __future__ import annotations

from typing import Any

import pytest

from bot.services.gateway import Gateway
from bot.services.notify import ERASED
from bot.store.conversation_schema import notifications
from tests.services.conftest import Talk


class FakePost:
    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.down = False

    def __call__(self, url: str, token: str, body: dict[str, Any]) -> None:
        if self.down:
            raise ConnectionRefusedError
        self.taken.append(body)


@pytest.fixture
def post() -> FakePost:
    return FakePost()


async def ask_for_code(talk: Talk) -> None:
    for text in ("验证身份", "13800000001", "0011"):
        await talk.say("u1", text)


async def test_gateway_sends_each_once_and_erases_the_code(talk: Talk, post: FakePost) -> None:
    gateway = Gateway(talk.service.work, talk.clock, "http://sms.test", "t", post)
    await ask_for_code(talk)
    code = await talk.code("13800000001")
    assert (await gateway.send_due(), await gateway.send_due()) == (1, 0)
    assert post.taken[0]["to"] == "13800000001"
    assert code in post.taken[0]["text"]
    [row] = await talk.rows(notifications)
    assert row["text"] == ERASED
    assert row["sent_at"] is not None


async def test_gateway_tries_again_after_a_pause(talk: Talk, post: FakePost) -> None:
    gateway = Gateway(talk.service.work, talk.clock, "http://sms.test", "t", post)
    await ask_for_code(talk)
    post.down = True
    assert await gateway.send_due() == 0
    post.down = False
    assert await gateway.send_due() == 0
    talk.clock.forward(seconds=3)
    assert await gateway.send_due() == 1


async def test_gateway_does_not_send_a_code_that_is_over(talk: Talk, post: FakePost) -> None:
    gateway = Gateway(talk.service.work, talk.clock, "http://sms.test", "t", post)
    await ask_for_code(talk)
    talk.clock.forward(minutes=6)
    assert await gateway.send_due() == 0
