"""One neutral text message where no channel brings a reply: when it is sent, when not, and that it tells nothing. Both engines."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bot.services.channels import wishes
from bot.services.channels.last_notice import LAST_NOTICE
from bot.services.channels.model import Inbound, Kind, SendFailed, State
from bot.services.channels.wishes import Wishes
from bot.services.channels.wording import word
from bot.services.watch import Bells
from bot.services.worker import Worker
from bot.store.conversation_schema import contact_preferences, conversations, messages, outbox
from bot.store.help_schema import contact_denials, jobs
from tests.services.conftest import Talk
from tests.services.platform_hands import FakePlatform, PlatformHands

PHONE = "+8613800000001"  # C1001's verified one
NOTICE = word(LAST_NOTICE, "zh-Hans")


class Hands(PlatformHands):
    """WeChat that refuses, and text messages."""

    def __init__(self, talk: Talk, *adapters: FakePlatform) -> None:
        super().__init__(talk, *adapters)
        talk.service.jobs.cancel()  # its own worker would take a job away, now and then
        self.worker = Worker(talk.service.services, talk.service.work, Bells())

    async def fails(self, text: str = "余额", reason: str = "blocked", user: str = "w1", **more: Any) -> None:
        """A reply that WeChat does not bring; then what follows from it."""
        await self.says("wechat", user, text, **more)
        self.adapters["wechat"].failures = [SendFailed(reason)] * 5
        await self.send_all()
        self.adapters["wechat"].failures = []
        await self.after()

    async def after(self) -> None:
        while await self.worker.once():
            pass
        await self.send_all()

    async def change(self, job: Any) -> None:
        await self.talk.service.work.write(job)


@pytest.fixture
def hands(talk: Talk) -> Hands:
    return Hands(talk, FakePlatform("wechat"), FakePlatform("sms"))


async def outcome(talk: Talk) -> list[str]:
    return [row["outcome"] for row in await talk.rows(jobs, jobs.c.kind == LAST_NOTICE)]


@pytest.mark.parametrize("reason", ["window_closed", "blocked", "quota", "unknown_user"])
async def test_a_reply_that_nothing_can_bring_is_told_of_once(hands: Hands, talk: Talk, reason: str) -> None:
    await hands.fails(reason=reason, identity_token=talk.token())
    assert [(to, text) for to, text, _ in hands.adapters["sms"].sent] == [(PHONE, NOTICE)]
    await hands.after()
    assert len(hands.texts("sms")) == 1


async def test_it_tells_nothing_of_a_debt_a_lender_or_the_message(hands: Hands, talk: Talk) -> None:
    await hands.fails(identity_token=talk.token())
    [text] = hands.texts("sms")
    settings = talk.service.services.settings
    assert not re.search("[0-9¥￥贷款债逾期欠还催账]", text)
    assert settings.lender_name not in text
    assert settings.hotline not in text
    assert len(text) <= 35  # what a variable takes in mainland China
    for language in ("zh-Hans", "zh-Hant", "en"):
        assert not re.search("loan|debt|pay|due|overdue|credit|lend|[0-9]", word(LAST_NOTICE, language), re.IGNORECASE)


async def test_who_holds_the_phone_learns_nothing_by_answering(hands: Hands, talk: Talk) -> None:
    """The number is in a conversation of its own: nothing of the customer's is in its reach."""
    await hands.fails(identity_token=talk.token())
    await hands.says("sms", PHONE, "谁？什么事？")
    await hands.send_all()
    session = await talk.service.session("sms", PHONE)
    assert session is not None
    assert (session.level, session.customer_id, session.linked_to) == (0, None, None)
    [theirs] = await talk.rows(conversations, conversations.c.customer_id == "C1001")
    assert session.conversation_id != theirs["conversation_id"]
    seen = await talk.view(PHONE, channel="sms")
    assert {row["text"] for row in seen} <= {NOTICE, "谁？什么事？", "echo: 谁？什么事？"}
    assert all("C1001" not in text for text in hands.texts("sms"))


async def test_at_most_one_in_a_day(hands: Hands, talk: Talk) -> None:
    await hands.fails(identity_token=talk.token())
    talk.clock.forward(minutes=10)
    await hands.fails("下期", user="w1")
    assert len(hands.texts("sms")) == 1
    assert set(await outcome(talk)) == {"sent", "told already"}
    talk.clock.forward(hours=24)
    await hands.fails("余额", identity_token=talk.token())
    assert len(hands.texts("sms")) == 2


async def test_in_quiet_hours_it_waits_for_the_morning(hands: Hands, talk: Talk) -> None:
    talk.clock.forward(hours=11)  # 23:00
    await hands.fails(identity_token=talk.token())
    assert hands.texts("sms") == []
    talk.clock.forward(hours=10)
    await hands.after()
    assert hands.texts("sms") == [NOTICE]


async def test_who_has_written_again_needs_no_notice(hands: Hands, talk: Talk) -> None:
    talk.clock.forward(hours=11)
    await hands.fails(identity_token=talk.token())
    talk.clock.forward(minutes=5)
    await hands.says("wechat", "w1", "还在吗")  # told of it there
    talk.clock.forward(hours=10)
    await hands.after()
    assert hands.texts("sms") == []
    assert await outcome(talk) == ["not needed any more"]


async def test_no_contact_means_no_notice(hands: Hands, talk: Talk) -> None:
    row = {"subject": "customer:C1001", "contact_stopped_at": talk.clock.now(), "updated_at": talk.clock.now()}
    known = {key: value for key, value in row.items() if key in contact_preferences.c}
    await hands.change(lambda c: c.execute(contact_preferences.insert().values(**known)))
    await hands.fails(identity_token=talk.token())
    assert hands.texts("sms") == []
    assert await outcome(talk) == ["denied: stop_contact"]
    assert [row["channel"] for row in await talk.rows(contact_denials)] == ["sms"]


async def test_who_named_the_channels_and_not_this_one_gets_none(hands: Hands, talk: Talk) -> None:
    now = talk.clock.now()
    await hands.change(lambda c: wishes.keep(c, "customer:C1001", Wishes(elsewhere=["email"]), now))
    await hands.fails(identity_token=talk.token())
    assert hands.texts("sms") == []
    assert await outcome(talk) == ["denied: no consent"]


async def test_a_number_that_said_stop_gets_none(hands: Hands, talk: Talk) -> None:
    await hands.says("sms", PHONE, "你好")
    await hands.platforms._one(hands.adapters["sms"], Inbound(PHONE, "s1", Kind.STOP))
    await hands.fails(identity_token=talk.token())
    assert NOTICE not in hands.texts("sms")
    assert await outcome(talk) == ["denied: stopped"]


async def test_a_number_that_is_another_customers_account_gets_none(hands: Hands, talk: Talk) -> None:
    await hands.says("sms", PHONE, "你好", identity_token=talk.token("C1002"))
    await hands.fails(identity_token=talk.token())
    assert NOTICE not in hands.texts("sms")


async def test_nobody_known_nobody_told(hands: Hands, talk: Talk) -> None:
    await hands.fails("你好")
    assert hands.texts("sms") == []
    assert await outcome(talk) == []


async def test_another_proven_channel_comes_first(talk: Talk) -> None:
    hands = Hands(talk, FakePlatform("wechat"), FakePlatform("telegram"), FakePlatform("sms"))
    await hands.says("telegram", "t1", "你好", identity_token=talk.token())
    await hands.fails(identity_token=talk.token())
    assert any("C1001" in text for text in hands.texts("telegram"))
    assert hands.texts("sms") == []


async def test_without_text_messages_nothing_is_queued(talk: Talk) -> None:
    hands = Hands(talk, FakePlatform("wechat"))
    await hands.fails(identity_token=talk.token())
    assert await outcome(talk) == []


async def test_a_failure_that_the_platform_tells_later_counts_as_well(hands: Hands, talk: Talk) -> None:
    await hands.says("wechat", "w1", "余额", identity_token=talk.token())
    await hands.send_all()
    for _, _, key in hands.adapters["wechat"].sent:
        await hands.status("wechat", f"p-{key}", State.FAILED, "unknown_user")
    await hands.after()
    assert hands.texts("sms") == [NOTICE]


async def test_the_notice_itself_brings_no_other(hands: Hands, talk: Talk) -> None:
    hands.adapters["sms"].failures = [SendFailed("invalid")] * 5
    await hands.fails(identity_token=talk.token())
    assert len(await talk.rows(messages, messages.c.response == LAST_NOTICE)) == 1
    assert await outcome(talk) == ["sent"]
    [row] = await talk.rows(outbox, outbox.c.channel == "sms")
    assert (row["state"], row["reason"]) == ("failed", "invalid")
