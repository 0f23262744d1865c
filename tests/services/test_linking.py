"""Accounts of platforms and customers: linked by proof only, never beyond level 1, taken apart without loss."""

from __future__ import annotations

import pytest

from bot.errors import BadInput, Conflict, NotFound
from bot.services.channels import linking
from bot.store import conversation_rows as rows
from bot.store.channel_schema import channel_links
from bot.store.conversation_schema import channel_sessions, events, messages
from tests.services.conftest import Talk
from tests.services.platform_hands import FakePlatform, PlatformHands


@pytest.fixture
def hands(talk: Talk) -> PlatformHands:
    return PlatformHands(talk, FakePlatform("wechat"), FakePlatform("telegram"))


async def session_of(talk: Talk, channel: str, user: str) -> rows.Session:
    found = await talk.service.session(channel, user)
    assert found is not None
    return found


async def test_a_token_links_and_the_link_outlives_the_proof(hands: PlatformHands, talk: Talk) -> None:
    await hands.says("wechat", "w1", "你好", identity_token=talk.token())
    talk.clock.forward(minutes=31)
    session = await session_of(talk, "wechat", "w1")
    assert (session.level, session.customer_id, session.linked_to) == (1, "C1001", "C1001")
    await hands.says("wechat", "w1", "余额")
    await hands.send_all()
    assert "balance of" not in "".join(hands.texts("wechat"))  # a link alone shows no amount


async def test_a_code_links(hands: PlatformHands, talk: Talk) -> None:
    for text in ("验证身份", "13800000001", "0011"):
        await hands.says("wechat", "w1", text)
    code = await talk.code("13800000001")
    assert code is not None
    await hands.says("wechat", "w1", code)
    assert [row["proof"] for row in await talk.rows(channel_links)] == ["code"]


@pytest.mark.parametrize("words", ["我的手机是13800000001", "邮箱 wang@example.test", "我是王先生 身份证 0011"])
async def test_what_is_typed_links_nothing(hands: PlatformHands, talk: Talk, words: str) -> None:
    await hands.says("wechat", "w1", words)
    assert await talk.rows(channel_links) == []
    assert (await session_of(talk, "wechat", "w1")).customer_id is None


async def test_a_browser_is_not_linked(talk: Talk) -> None:
    await talk.say("u1", "你好", token=talk.token(), channel="web")
    assert await talk.rows(channel_links) == []


async def test_slots_and_language_go_along_to_the_second_channel(hands: PlatformHands, talk: Talk) -> None:
    await hands.says("telegram", "t1", "你好", identity_token=talk.token())
    await hands.says("wechat", "w1", "在吗", identity_token=talk.token())
    one, two = await session_of(talk, "telegram", "t1"), await session_of(talk, "wechat", "w1")
    assert one.conversation_id == two.conversation_id
    seqs = [row["seq"] for row in await talk.rows(messages, messages.c.conversation_id == one.conversation_id)]
    assert sorted(seqs) == list(range(1, len(seqs) + 1))


async def test_the_other_channel_is_told_nothing_before_it_proves(hands: PlatformHands, talk: Talk) -> None:
    await hands.says("wechat", "w1", "余额", identity_token=talk.token())
    await hands.says("telegram", "t1", "余额")
    await hands.send_all()
    assert "C1001" not in "".join(hands.texts("telegram"))


async def test_logging_out_unlinks(hands: PlatformHands, talk: Talk) -> None:
    await hands.says("wechat", "w1", "你好", identity_token=talk.token())
    await hands.says("wechat", "w1", "退出登录")
    session = await session_of(talk, "wechat", "w1")
    assert (session.level, session.linked_to) == (0, None)
    [link] = await talk.rows(channel_links)
    assert (link["ended_by"], link["end_reason"]) == ("borrower", "logout")


async def test_an_account_that_changes_hands_shows_its_new_owner_nothing(hands: PlatformHands, talk: Talk) -> None:
    await hands.says("wechat", "w1", "余额", identity_token=talk.token())
    before = await session_of(talk, "wechat", "w1")
    told = len(await talk.rows(messages, messages.c.conversation_id == before.conversation_id))

    def end(connection, now, wall):  # type: ignore[no-untyped-def]
        freed = linking.unlink(connection, before, "S1", "the number was given to somebody else", now)
        return talk.service.identity.end(connection, freed, "unlinked", now, keep_view=False)

    after = await talk.service.work.write_at(talk.service.services, end)
    assert (after.level, after.customer_id, after.linked_to) == (0, None, None)
    assert await talk.view("w1", channel="wechat") == []
    assert len(await talk.rows(messages, messages.c.conversation_id == before.conversation_id)) == told
    again = await hands.says("wechat", "w1", "余额")
    await hands.send_all()
    assert again is None
    assert len([text for text in hands.texts("wechat") if "C1001" in text]) <= 1  # only what was sent before


async def test_a_mistaken_link_takes_its_messages_out_again(hands: PlatformHands, talk: Talk) -> None:
    await hands.says("telegram", "t1", "我是客户", identity_token=talk.token())
    await hands.says("wechat", "w1", "我是别人")

    def link(connection, now, wall):  # type: ignore[no-untyped-def]
        session = linking.check_agent(rows.find_session(connection, "wechat", "w1", lock=True), "C1001", "same voice")
        return talk.service.identity.prove(
            connection, session, "C1001", 1, "agent", now, wall, staff_id="S1", reason="same voice"
        )

    joined = await talk.service.work.write_at(talk.service.services, link)
    await hands.says("wechat", "w1", "还有一句")
    all_before = sorted(row["text"] for row in await talk.rows(messages))
    freed = await talk.service.work.write_at(
        talk.service.services,
        lambda c, now, wall: linking.was_mistaken(c, joined.session_id, "S1", "another person", now),
    )
    assert sorted(row["text"] for row in await talk.rows(messages)) == all_before  # nothing lost
    theirs = {row["text"] for row in await talk.rows(messages, messages.c.conversation_id == joined.conversation_id)}
    own = {row["text"] for row in await talk.rows(messages, messages.c.conversation_id == freed.conversation_id)}
    assert "我是客户" in theirs
    assert {"我是别人", "还有一句"} <= own
    assert not own & theirs - {"echo: 我是客户"}
    [row] = await talk.rows(channel_links, channel_links.c.channel == "wechat")
    assert (row["staff_id"], row["ended_by"], row["moved_out"]) == ("S1", "S1", 4)
    kinds = [row["kind"] for row in await talk.rows(events) if row["kind"].startswith("account_")]
    assert kinds.count("account_unlinked") == 1


async def test_a_colleague_needs_a_reason_and_takes_nobodys_account(hands: PlatformHands, talk: Talk) -> None:
    await hands.says("wechat", "w1", "你好", identity_token=talk.token("C1002"))
    session = await session_of(talk, "wechat", "w1")
    with pytest.raises(Conflict):
        linking.check_agent(session, "C1001", "they said so")
    with pytest.raises(BadInput):
        linking.check_agent(session, "C1002", " ")
    with pytest.raises(NotFound):
        linking.check_agent(None, "C1001", "they said so")
    await talk.say("u1", "你好", channel="web")
    with pytest.raises(BadInput):
        linking.check_agent(await session_of(talk, "web", "u1"), "C1001", "they said so")


async def test_another_customers_proof_ends_the_link(hands: PlatformHands, talk: Talk) -> None:
    await hands.says("wechat", "w1", "你好", identity_token=talk.token())
    await hands.says("wechat", "w1", "你好", identity_token=talk.token("C1002"))
    assert (await session_of(talk, "wechat", "w1")).linked_to == "C1002"
    open_links = [row["customer_id"] for row in await talk.rows(channel_links) if row["ended_at"] is None]
    assert open_links == ["C1002"]
    assert len(await talk.rows(channel_sessions)) == 1
