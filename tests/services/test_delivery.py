"""Replies to platforms: in order, none lost, none twice, over failures, kills, windows and quotas. On both engines."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.services.channels.hearing import Heard
from bot.services.channels.model import Inbound, Kind, Media, SendFailed, State, Traits
from bot.store.channel_schema import attachments, receipts
from bot.store.conversation_schema import channel_sessions, events, messages, outbox
from tests.services.conftest import Talk
from tests.services.platform_hands import FakePlatform, PlatformHands

BUSY = SendFailed("busy", again=True)


@pytest.fixture
def fake() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def hands(talk: Talk, fake: FakePlatform) -> PlatformHands:
    return PlatformHands(talk, fake)


async def state_of(talk: Talk) -> list[str]:
    return [row["state"] for row in await talk.rows(outbox, outbox.c.channel == "fake")]


async def test_an_answer_is_sent_once(hands: PlatformHands, fake: FakePlatform, talk: Talk) -> None:
    await hands.says("fake", "u1", "你好")
    await hands.send_all()
    await hands.send_all()
    assert hands.texts() == ["echo: 你好"]
    assert await state_of(talk) == ["sent"]


async def test_the_same_message_again_is_not_answered_again(hands: PlatformHands) -> None:
    for _ in range(3):
        await hands.says("fake", "u1", "你好", "m1")
    await hands.send_all()
    assert hands.texts() == ["echo: 你好"]


async def test_order_is_kept_when_the_first_fails(hands: PlatformHands, fake: FakePlatform, talk: Talk) -> None:
    for text in ("一", "二", "三"):
        await hands.says("fake", "u1", text)
    fake.failures = [BUSY]
    await hands.send_all()
    assert hands.texts(user="u1") == []  # the second waits for the first
    await hands.says("fake", "u2", "别人")
    await hands.send_all()
    assert hands.texts() == ["echo: 别人"]
    talk.clock.forward(seconds=5)
    await hands.send_all()
    assert hands.texts(user="u1") == ["echo: 一", "echo: 二", "echo: 三"]


async def test_a_platform_down_for_an_hour_loses_nothing(hands: PlatformHands, fake: FakePlatform, talk: Talk) -> None:
    for at in range(20):
        await hands.says("fake", f"u{at}", "你好")
    for _ in range(14):  # doubling pauses cover an hour
        fake.failures = [SendFailed("unreachable", again=True)] * 100
        await hands.send_all(5)
        talk.clock.forward(minutes=5)
    assert hands.texts() == []
    fake.failures = []
    talk.clock.forward(minutes=15)
    await hands.send_all(200)
    assert sorted(to for to, _, _ in fake.sent) == sorted(f"u{at}" for at in range(20))


async def test_two_workers_send_each_once(hands: PlatformHands, fake: FakePlatform, talk: Talk) -> None:
    other = PlatformHands(talk, fake)
    for at in range(30):
        await hands.says("fake", f"u{at % 7}", f"第{at}")
    await asyncio.gather(hands.send_all(), other.send_all(), hands.send_all())
    await hands.send_all()
    assert len(hands.texts()) == len({key for _, _, key in fake.sent}) == 30


async def test_a_killed_worker_goes_on_after_the_parts_that_were_taken(
    hands: PlatformHands, fake: FakePlatform, talk: Talk
) -> None:
    fake.traits = Traits(longest=8, per_second=10_000)
    await hands.says("fake", "u1", "一二三四五六七八九十")
    taken = fake.send

    async def dying(to: str, payload: dict[str, str], key: str) -> str:
        if fake.sent:
            raise asyncio.CancelledError  # as at a kill: nothing after this line runs
        return await taken(to, payload, key)

    fake.send = dying  # type: ignore[method-assign]
    await hands.platforms.delivery.send_due()
    fake.send = taken  # type: ignore[method-assign]
    assert len(fake.sent) == 1
    await hands.send_all()
    assert len(fake.sent) == 1  # leased still
    talk.clock.forward(seconds=31)
    await hands.send_all()
    assert "".join(hands.texts()).replace(" ", "") == "echo:一二三四五六七八九十"


async def test_what_is_final_is_kept_and_told_with_the_next_message(
    hands: PlatformHands, fake: FakePlatform, talk: Talk
) -> None:
    await hands.says("fake", "u1", "你好")
    fake.failures = [SendFailed("blocked")]
    await hands.send_all()
    [row] = await talk.rows(outbox)
    assert (row["state"], row["reason"], row["told"]) == ("failed", "blocked", False)
    await hands.says("fake", "u1", "在吗")
    await hands.send_all()
    assert [row["response"] for row in await talk.rows(messages, messages.c.sender == "system")] == [
        "utter_replies_missed"
    ]
    assert len(hands.texts()) == 2
    await hands.says("fake", "u1", "还在吗")
    assert len(await talk.rows(messages, messages.c.sender == "system")) == 1  # told once


async def test_too_old_is_not_sent_but_told(hands: PlatformHands, fake: FakePlatform, talk: Talk) -> None:
    await hands.says("fake", "u1", "你好")
    talk.clock.forward(hours=25)
    await hands.send_all()
    assert (hands.texts(), await state_of(talk)) == ([], ["expired"])
    await hands.says("fake", "u1", "在吗")
    await hands.send_all()
    assert any("送到" in text for text in hands.texts())


async def test_given_up_after_many_tries_and_seen(hands: PlatformHands, fake: FakePlatform, talk: Talk) -> None:
    fake.traits = Traits(per_second=10_000, expires=timedelta(days=30))
    await hands.says("fake", "u1", "你好")
    fake.failures = [SendFailed("busy", again=True)] * 500
    for _ in range(45):
        await hands.send_all(3)
        talk.clock.forward(minutes=11)
    assert await state_of(talk) == ["dead"]
    assert any(row["facts"]["reason"] == "busy" for row in await talk.rows(events, events.c.kind == "not_delivered"))


async def test_a_closed_window_and_a_spent_quota(hands: PlatformHands, fake: FakePlatform, talk: Talk) -> None:
    fake.traits = Traits(per_second=10_000, window=timedelta(hours=1), quota=2, expires=timedelta(days=2))
    await hands.says("fake", "u1", "你好")
    await hands.send_all()
    talk.clock.forward(hours=2)
    session = await talk.service.session("fake", "u1")
    assert session is not None
    from bot.dialogue.turn import BotMessage
    from bot.services.notices import say_in

    async def notice() -> None:
        await talk.service.work.write(
            lambda c: say_in(c, session.conversation_id, BotMessage("提醒", response="utter_x"), talk.clock.now())
        )

    await notice()
    await hands.send_all()
    assert hands.texts() == ["echo: 你好"]
    assert {row["reason"] for row in await talk.rows(outbox, outbox.c.state == "failed")} == {"window_closed"}
    await hands.says("fake", "u1", "又来了")
    for _ in range(3):
        await notice()
    await hands.send_all()
    assert {row["reason"] for row in await talk.rows(outbox, outbox.c.state == "failed")} == {"window_closed", "quota"}
    assert len(hands.texts()) == 3  # two within the quota after the first


async def test_stop_is_heard_and_writing_again_opens(hands: PlatformHands, fake: FakePlatform, talk: Talk) -> None:
    await hands.says("fake", "u1", "你好")
    await hands.platforms._one(fake, Inbound("u1", "s1", Kind.STOP))
    await hands.platforms._one(fake, Inbound("u1", "s1", Kind.STOP))
    await hands.send_all()
    assert hands.texts() == []
    assert len([row for row in await talk.rows(messages) if row["client_msg_id"] == "note s1"]) == 1
    await hands.says("fake", "u1", "我又来了")
    await hands.send_all()
    assert hands.texts()[-1].startswith("echo")
    [row] = await talk.rows(channel_sessions)
    assert row["stopped_at"] is None


async def test_receipts_only_go_forward(hands: PlatformHands, fake: FakePlatform, talk: Talk) -> None:
    await hands.says("fake", "u1", "你好")
    await hands.send_all()
    provider_id = f"p-{fake.sent[0][2]}"
    for state, seen in ((State.READ, "read"), (State.DELIVERED, "read"), (State.SENT, "read")):
        await hands.status("fake", provider_id, state)
        assert await state_of(talk) == [seen]
    await hands.status("fake", "never heard of", State.READ)
    assert [row["state"] for row in await talk.rows(receipts)] == ["read"]


async def test_a_failure_that_the_platform_tells_later(hands: PlatformHands, fake: FakePlatform, talk: Talk) -> None:
    await hands.says("fake", "u1", "你好")
    await hands.send_all()
    await hands.status("fake", f"p-{fake.sent[0][2]}", State.FAILED, "unknown_user")
    [row] = await talk.rows(outbox)
    assert (row["state"], row["reason"]) == ("failed", "unknown_user")


async def test_an_answer_in_the_platforms_own_reply_is_not_sent_as_well(
    hands: PlatformHands, fake: FakePlatform
) -> None:
    fake.traits = Traits(hold=5.0, per_second=10_000)
    reply = await hands.takes("fake", Inbound("u1", "m1", text="你好"), wait=4.5)
    assert reply is not None
    assert reply.body.decode() == "echo: 你好"
    again = await hands.takes("fake", Inbound("u1", "m1", text="你好"), wait=4.5)
    assert again is not None  # the platform repeats what it did not hear: the same answer
    assert again.body == reply.body
    await hands.send_all()
    assert hands.texts() == []


async def test_an_answer_that_comes_too_late_is_sent(hands: PlatformHands, fake: FakePlatform, talk: Talk) -> None:
    fake.traits = Traits(hold=5.0, per_second=10_000)
    talk.brain.slow = 0.5
    assert await hands.takes("fake", Inbound("u1", "m1", text="慢慢来"), wait=0.1) is None
    await asyncio.sleep(0.8)
    await hands.send_all()
    assert hands.texts() == []  # kept for the platform's own reply
    talk.clock.forward(seconds=6)
    await hands.send_all()
    assert hands.texts() == ["echo: 慢慢来"]


async def test_facts_do_not_leave_after_the_proof_is_over(hands: PlatformHands, fake: FakePlatform, talk: Talk) -> None:
    await hands.says("fake", "u1", "余额", identity_token=talk.token())
    talk.clock.forward(minutes=31)
    await talk.service.session("fake", "u1")  # the identity ends
    await hands.send_all()
    assert "C1001" not in "".join(hands.texts())
    assert any("hidden" in text or "验证" in text for text in hands.texts())


async def test_what_cannot_arrive_goes_to_the_other_proven_channel(talk: Talk) -> None:
    one, two = FakePlatform("wechat"), FakePlatform("telegram")
    hands = PlatformHands(talk, one, two)
    await hands.says("telegram", "t1", "你好", identity_token=talk.token())
    await hands.send_all()
    await hands.says("wechat", "w1", "余额", identity_token=talk.token())
    one.failures = [SendFailed("blocked")]
    await hands.send_all()
    assert hands.texts("wechat") == []
    assert any("C1001" in text for text in hands.texts("telegram"))


async def test_nothing_is_redirected_to_a_channel_that_has_not_proven_enough(talk: Talk) -> None:
    one, two = FakePlatform("wechat"), FakePlatform("telegram")
    hands = PlatformHands(talk, one, two)
    await hands.says("telegram", "t1", "你好", identity_token=talk.token(acr="1"))
    await hands.send_all()
    await hands.says("wechat", "w1", "余额", identity_token=talk.token())
    one.failures = [SendFailed("blocked")]
    await hands.send_all()
    assert not any("C1001" in text for text in hands.texts("telegram"))


@pytest.mark.parametrize(
    ("kind", "response"),
    [
        (Kind.IMAGE, "utter_file_kept"),
        (Kind.VOICE, "utter_voice_not_heard"),
        (Kind.LOCATION, "utter_kind_not_read"),
        (Kind.STICKER, "utter_only_symbols"),
        (Kind.CARD, "utter_kind_not_read"),
        (Kind.UNSUPPORTED, "utter_kind_not_read"),
        (Kind.GROUP, "utter_not_in_groups"),
    ],
)
async def test_what_is_not_words_is_answered_kindly(
    hands: PlatformHands, talk: Talk, kind: Kind, response: str
) -> None:
    await hands.says("fake", "u1", "", kind=kind)
    said = await talk.rows(messages, messages.c.sender == "bot")
    assert [row["response"] for row in said] == [response]


async def test_words_in_a_group_are_not_kept(hands: PlatformHands, talk: Talk) -> None:
    await hands.says("fake", "g1", "我欠多少", kind=Kind.GROUP)
    assert all("我欠多少" not in row["text"] for row in await talk.rows(messages))
    assert talk.brain.heard == []


async def test_voice_with_words_is_understood(hands: PlatformHands, talk: Talk) -> None:
    await hands.says("fake", "u1", "本期应还多少", kind=Kind.VOICE)
    assert talk.brain.heard == ["本期应还多少"]


async def test_a_file_is_fetched_and_kept(hands: PlatformHands, fake: FakePlatform, talk: Talk) -> None:
    import io

    from PIL import Image

    made = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(made, "JPEG", comment=b"hidden words")
    fake.files = {"f1": made.getvalue(), "f2": b"MZ\x90\x00 a program"}
    for ref in ("f1", "f2", "f3"):
        await hands.says("fake", "u1", "", kind=Kind.IMAGE, media=(Media(Kind.IMAGE, ref),))
    await hands.platforms.fetching.fetch_due()
    found = {row["ref"]: row for row in await talk.rows(attachments)}
    assert (found["f1"]["state"], found["f1"]["content_type"]) == ("kept", "image/jpeg")
    assert (found["f2"]["state"], found["f2"]["reason"]) == ("refused", "document_kind")
    assert (found["f3"]["state"], found["f3"]["reason"]) == ("gone", "gone")
    kept = hands.platforms.fetching.content(found["f1"]["attachment_id"])
    assert b"hidden words" not in kept  # drawn anew


async def test_a_number_chooses_what_was_offered(hands: PlatformHands, talk: Talk) -> None:
    await hands.says("fake", "u1", "叫人")
    offered = (await talk.rows(messages, messages.c.sender == "bot"))[-1]
    await talk.service.work.write(
        lambda c: c.execute(
            messages.update()
            .where(messages.c.message_id == offered["message_id"])
            .values(buttons=[{"title": "查欠款", "say": "我还欠多少"}, {"title": "换一个", "say": "换一个问题"}])
        )
    )
    await hands.says("fake", "u2", "2")
    assert talk.brain.heard[-1] == "2"  # to somebody who was offered nothing a number is a number
    await hands.says("fake", "u1", "２")
    said = [row["text"] for row in await talk.rows(messages, messages.c.sender == "borrower")]
    assert "换一个问题" in said


async def test_a_voice_without_words_is_heard_once(talk: Talk, fake: FakePlatform) -> None:
    class Ears:
        heard = Heard("本期应还多少", 0.9)

        async def hear(self, content: bytes, content_type: str) -> Heard:
            return self.heard

    hands = PlatformHands(talk, fake, recogniser=Ears())
    fake.files = {"v1": b"OggS\x00 sound", "v2": b"OggS\x00 noise", "v3": b"OggS\x00 sound"}
    await hands.says("fake", "u1", "", kind=Kind.VOICE, media=(Media(Kind.VOICE, "v1"),))
    await hands.platforms.fetching.fetch_due()
    await hands.platforms.fetching.fetch_due()
    Ears.heard = Heard("嗯", 0.2)
    await hands.says("fake", "u1", "", kind=Kind.VOICE, media=(Media(Kind.VOICE, "v2"),))
    await hands.platforms.fetching.fetch_due()
    Ears.heard = Heard("别的话", 0.9)
    await hands.says("fake", "u1", "平台认出的话", kind=Kind.VOICE, media=(Media(Kind.VOICE, "v3"),))
    await hands.platforms.fetching.fetch_due()
    await asyncio.sleep(0.3)
    assert talk.brain.heard == ["本期应还多少", "平台认出的话"]
