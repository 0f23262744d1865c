"""How borrowers wish to be served: read from whole messages only, kept, honoured."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from bot.dialogue.turn import BotMessage
from bot.lending.contact import ContactType
from bot.services.channels import wishes
from bot.services.channels.wishes import Wishes
from bot.services.notices import say_to
from bot.store.conversation_schema import outbox
from tests.services.conftest import Talk
from tests.services.platform_hands import FakePlatform, PlatformHands


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("以后用微信联系我", Wishes(channel="wechat")),
        ("以後請發電郵給我", Wishes(channel="email")),
        ("有事发短信通知我就行", None),
        ("以后发短信就行", Wishes(channel="sms")),
        ("请通过邮件通知我", Wishes(channel="email")),
        ("please contact me by email", Wishes(channel="email")),
        ("晚上9点到早上9点不要打扰我", Wishes(quiet_from="21:00", quiet_until="09:00")),
        ("22点以后到8点之前别联系我", Wishes(quiet_from="22:00", quiet_until="08:00")),
        ("请用繁體", Wishes(language="zh-Hant")),
        ("English please", Wishes(language="en")),
        ("字太小了", Wishes(large_type=True)),
        ("正常字体", Wishes(large_type=False)),
        ("不要再打电话给我", None),
        ("微信还款可以吗", None),
        ("你们发短信骚扰我", None),
        ("我的微信绑了别人的卡", None),
        ("晚上25点到8点别联系我", None),
    ],
)
def test_a_wish_is_read_from_a_plain_message_only(text: str, wish: Wishes | None) -> None:
    assert wishes.read(text) == wish


async def test_wishes_are_kept_for_the_customer(talk: Talk) -> None:
    assert await talk.responses("u1", "以后用微信联系我") == ["utter_wish_channel"]
    await talk.say("u1", "你好", token=talk.token())
    await talk.say("u1", "字太小了")
    kept = await talk.service.work.read(lambda c: wishes.of(c, "customer:C1001"))
    assert kept == Wishes(channel="wechat", large_type=True)


async def test_the_language_changes_in_mid_conversation(talk: Talk) -> None:
    [said] = await talk.say("u1", "English please")
    assert said.startswith("Sure")
    [said] = await talk.say("u1", "请用繁體")
    assert "為您服務" in said


async def test_what_nobody_asked_for_goes_where_they_wish(talk: Talk) -> None:
    hands = PlatformHands(talk, FakePlatform("wechat"), FakePlatform("telegram"))
    await hands.says("wechat", "w1", "你好", identity_token=talk.token())
    await hands.says("wechat", "w1", "以后用微信联系我")
    talk.clock.forward(minutes=1)
    await hands.says("telegram", "t1", "你好", identity_token=talk.token())

    def notice(connection, now, wall):  # type: ignore[no-untyped-def]
        return say_to(connection, "C1001", BotMessage("提醒", level=2), now)

    await talk.service.work.write_at(talk.service.services, notice)
    rows = await talk.rows(outbox)
    assert rows[-1]["channel"] == "wechat"


async def test_own_quiet_hours_hold_besides_the_rules(talk: Talk) -> None:
    await talk.say("u1", "18点到19点别联系我", token=talk.token())
    evening = datetime(2026, 3, 18, 10, 30, tzinfo=timezone.utc)  # 18:30 in Shanghai
    contact = talk.service.services.contact

    def ask(connection):  # type: ignore[no-untyped-def]
        verdict = contact.allow(connection, "C1001", ContactType.PROMISE_REMINDER, "conversation", evening)
        return str(verdict), contact.next_allowed(connection, "C1001", evening, verdict.reason)

    verdict, until = await talk.service.work.write(ask)
    assert verdict == "deny:wished_quiet"
    assert until.astimezone(timezone.utc).hour == 11


async def test_unlinking_by_word(talk: Talk) -> None:
    hands = PlatformHands(talk, FakePlatform("wechat"))
    await hands.says("wechat", "w1", "你好", identity_token=talk.token())
    await hands.says("wechat", "w1", "解绑")
    session = await talk.service.session("wechat", "w1")
    assert session is not None
    assert (session.level, session.linked_to, session.customer_id) == (0, None, None)
