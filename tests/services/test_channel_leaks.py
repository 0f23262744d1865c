"""What a sceptical reader found in the channels, each as a test: facts that would have gone astray, messages lost or doubled."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.errors import Conflict
from bot.services.channels import linking, undelivered
from bot.services.channels.hearing import Heard
from bot.services.channels.model import Inbound, Kind, Media, SendFailed, State, Traits
from bot.store import conversation_rows as rows
from bot.store.channel_schema import attachments
from bot.store.conversation_schema import messages, outbox
from tests.services.conftest import Talk
from tests.services.platform_hands import FakePlatform, PlatformHands

BUSY = SendFailed("busy", again=True)


@pytest.fixture
def wechat() -> FakePlatform:
    return FakePlatform("wechat")


@pytest.fixture
def hands(talk: Talk, wechat: FakePlatform) -> PlatformHands:
    return PlatformHands(talk, wechat, FakePlatform("telegram"))


async def write(talk: Talk, job: Any) -> Any:
    return await talk.service.work.write_at(talk.service.services, job)


async def replay(talk: Talk, message_id: str) -> Any:
    identity = talk.service.identity

    def run(connection: Any, now: Any, wall: Any) -> Any:
        return undelivered.replay(connection, message_id, "S1", now, lambda one: identity.level_now(one, wall))

    return await write(talk, run)


async def lost(talk: Talk) -> str:
    [row] = await talk.rows(outbox, outbox.c.state == "failed")
    return str(row["message_id"])


async def test_a_mistaken_link_leaves_the_customers_facts_with_the_customer(hands: PlatformHands, talk: Talk) -> None:
    token = talk.token()
    await hands.says("wechat", "w1", "余额", identity_token=token)
    await hands.send_all()
    session = await talk.service.session("wechat", "w1")
    assert session is not None
    await write(talk, lambda c, now, wall: linking.was_mistaken(c, session.session_id, "S1", "another person", now))
    await hands.says("wechat", "w1", "你好", identity_token=token)  # the webhook shows the old token once more
    again = await talk.service.session("wechat", "w1")
    assert again is not None
    assert (again.level, again.linked_to) == (0, None)
    await hands.says("wechat", "w1", "你好", identity_token=talk.token("C1002"))
    seen = await talk.view("w1", channel="wechat")
    assert not any("C1001" in one["text"] for one in seen)
    kept = await talk.rows(messages, messages.c.conversation_id == session.conversation_id)
    assert any("C1001" in row["text"] for row in kept)


async def test_a_reply_that_waits_is_not_sent_to_the_accounts_next_owner(
    hands: PlatformHands, wechat: FakePlatform, talk: Talk
) -> None:
    await hands.says("wechat", "w1", "余额", identity_token=talk.token())
    wechat.failures = [BUSY]
    await hands.send_all(1)
    await hands.says("wechat", "w1", "你好", identity_token=talk.token("C1002"))
    talk.clock.forward(seconds=10)
    await hands.send_all()
    assert not any("C1001" in text for text in hands.texts("wechat"))


async def test_nothing_is_sent_again_to_an_account_that_is_somebody_elses(
    hands: PlatformHands, wechat: FakePlatform, talk: Talk
) -> None:
    await hands.says("wechat", "w1", "余额", identity_token=talk.token())
    wechat.failures = [SendFailed("invalid")]
    await hands.send_all()
    message_id = await lost(talk)
    await hands.says("wechat", "w1", "你好", identity_token=talk.token("C1002"))
    with pytest.raises(Conflict, match="may read"):
        await replay(talk, message_id)


async def test_an_identity_that_ran_out_gets_no_facts_though_nobody_looked(
    hands: PlatformHands, wechat: FakePlatform, talk: Talk
) -> None:
    await hands.says("wechat", "w1", "余额", identity_token=talk.token())
    wechat.failures = [BUSY]
    await hands.send_all(1)
    talk.clock.forward(hours=5)
    await hands.send_all()
    assert hands.texts("wechat")
    assert not any("C1001" in text for text in hands.texts("wechat"))


async def test_nothing_is_redirected_to_an_identity_that_ran_out(
    hands: PlatformHands, wechat: FakePlatform, talk: Talk
) -> None:
    await hands.says("telegram", "t1", "你好", identity_token=talk.token())
    await hands.send_all()
    talk.clock.forward(hours=20)
    await hands.says("wechat", "w1", "余额", identity_token=talk.token())
    wechat.failures = [SendFailed("blocked")]
    await hands.send_all()
    assert not any("C1001" in text for text in hands.texts("telegram"))


async def test_a_colleagues_link_revives_no_stronger_proof(hands: PlatformHands, talk: Talk) -> None:
    await hands.says("wechat", "w1", "你好", identity_token=talk.token())
    talk.clock.forward(hours=5)
    identity = talk.service.identity

    def link(connection: Any, now: Any, wall: Any) -> int:
        session = rows.find_session(connection, "wechat", "w1", lock=True)
        assert session is not None
        session = identity.expire(connection, session, now, wall)
        return identity.prove(
            connection, session, "C1001", 1, "agent", now, wall, staff_id="S1", reason="known voice"
        ).level

    assert await write(talk, link) == 1


async def test_what_the_platform_reported_as_failed_can_be_sent_again(
    hands: PlatformHands, wechat: FakePlatform, talk: Talk
) -> None:
    await hands.says("wechat", "w1", "你好")
    await hands.send_all()
    await hands.status("wechat", f"p-{wechat.sent[0][2]}", State.FAILED, "unknown_user")
    await replay(talk, await lost(talk))
    await hands.send_all()
    assert hands.texts("wechat") == ["echo: 你好"] * 2
    assert [row["state"] for row in await talk.rows(outbox)] == ["sent"]


async def test_an_early_receipt_does_not_end_a_message_of_two_parts(
    hands: PlatformHands, wechat: FakePlatform, talk: Talk
) -> None:
    wechat.traits = Traits(longest=8, per_second=10_000)
    taken = wechat.send

    async def second_is_busy(to: str, payload: dict[str, Any], key: str) -> str:
        if wechat.sent:
            raise BUSY
        return await taken(to, payload, key)

    wechat.send = second_is_busy  # type: ignore[method-assign]
    await hands.says("wechat", "w1", "一二三四五六七八九十")
    await hands.send_all(1)
    await hands.status("wechat", f"p-{wechat.sent[0][2]}", State.READ)
    wechat.send = taken  # type: ignore[method-assign]
    talk.clock.forward(seconds=10)
    await hands.send_all()
    assert "".join(hands.texts("wechat")).replace(" ", "") == "echo:一二三四五六七八九十"


async def test_one_channels_pause_stops_no_other(hands: PlatformHands, wechat: FakePlatform, talk: Talk) -> None:
    await hands.says("wechat", "w1", "一")
    await hands.says("wechat", "w2", "二")
    wechat.failures = [SendFailed("busy", again=True, after=600.0)]
    await asyncio.wait_for(hands.platforms.delivery.send_due(), 5)
    await hands.says("telegram", "t1", "三")
    await asyncio.wait_for(hands.send_all(), 5)
    assert hands.texts("telegram") == ["echo: 三"]
    assert len(hands.texts("wechat")) <= 1


async def test_an_answer_given_to_the_platforms_second_request_is_given_once(
    hands: PlatformHands, wechat: FakePlatform, talk: Talk
) -> None:
    wechat.traits = Traits(hold=5.0, per_second=10_000)
    talk.brain.slow = 0.4
    first = await hands.takes("wechat", Inbound("w1", "m1", text="慢一点"), wait=0.1)
    second = await hands.takes("wechat", Inbound("w1", "m1", text="慢一点"), wait=3.0)
    assert first is None
    assert second is not None
    talk.clock.forward(seconds=10)
    await hands.send_all()
    assert hands.texts("wechat") == []


async def test_an_answer_does_not_overtake_an_earlier_one(hands: PlatformHands, wechat: FakePlatform) -> None:
    wechat.traits = Traits(hold=5.0, per_second=10_000)
    await hands.says("wechat", "w1", "先问的")
    assert await hands.takes("wechat", Inbound("w1", "m2", text="后问的"), wait=3.0) is None


async def test_a_number_means_the_newest_offer_of_this_conversation(hands: PlatformHands, talk: Talk) -> None:
    await hands.says("wechat", "w1", "你好", identity_token=talk.token())
    offered = (await talk.rows(messages, messages.c.sender == "bot"))[-1]
    change = messages.update().where(messages.c.message_id == offered["message_id"])
    buttons = [{"title": "查欠款", "say": "旧客户的选项"}, {"title": "别的", "say": "别的"}]
    await write(talk, lambda c, now, wall: c.execute(change.values(buttons=buttons)))
    await hands.says("wechat", "w1", "你好", identity_token=talk.token("C1002"))
    await hands.says("wechat", "w1", "1")
    assert "旧客户的选项" not in talk.brain.heard


async def test_a_voice_that_cannot_be_heard_is_kept_for_a_colleague(talk: Talk, wechat: FakePlatform) -> None:
    class Deaf:
        async def hear(self, content: bytes, content_type: str) -> Heard:
            raise SendFailed("not_heard")

    hands = PlatformHands(talk, wechat, recogniser=Deaf())
    wechat.files = {"v1": b"OggS\x00 sound"}
    await hands.says("wechat", "w1", "", kind=Kind.VOICE, media=(Media(Kind.VOICE, "v1"),))
    await hands.platforms.fetching.fetch_due()
    assert [row["state"] for row in await talk.rows(attachments)] == ["kept"]
