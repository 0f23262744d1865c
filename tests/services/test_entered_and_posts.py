"""Words that came in by other ways: entered by a colleague, or posts from a file."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.errors import BadInput, Conflict
from bot.lending.authority import Actor
from bot.services.channels.entered import enter
from bot.services.channels.social import Imported, import_posts
from bot.store.channel_schema import social_posts
from bot.store.conversation_schema import events, inbox
from tests.services.conftest import Talk

AGENT = Actor("A1", "agent")
CSV = (
    "source,id,author,text,posted_at\n"
    "weibo,1,@wang,催收天天打电话 我的手机13800000001,2026-03-01T10:00:00\n"
    "weibo,2,@li,客服态度很好,2026-03-02\n"
    "weibo,,@li,没有编号,2026-03-02\n"
    "weibo,4,@li,时间不对,yesterday\n"
)


async def entered(talk: Talk, text: str = "客户在网点说想延期", key: str = "k1", way: str = "branch") -> dict[str, Any]:
    session = await talk.service.session("rest", "u1")
    assert session is not None

    def write(connection, now, wall):  # type: ignore[no-untyped-def]
        return enter(connection, AGENT, session.conversation_id, way, text, key, now)

    return await talk.service.work.write_at(talk.service.services, write)  # type: ignore[no-any-return]


async def test_what_was_said_in_a_branch_joins_the_conversation_once(talk: Talk) -> None:
    await talk.say("u1", "你好", token=talk.token())
    first, again = await entered(talk), await entered(talk)
    assert (first["seq"], again) == (again["seq"], {"seq": first["seq"], "repeated": True})
    view = await talk.view("u1")
    assert [one["from"] for one in view if "想延期" in one["text"]] == ["borrower"]
    assert len(await talk.rows(inbox)) == 1  # nothing of it is answered by itself
    [event] = await talk.rows(events, events.c.kind == "entered")
    assert event["facts"]["staff"] == "A1"
    assert "想延期" not in str(event["facts"])


async def test_bad_entries_are_refused(talk: Talk) -> None:
    await talk.say("u1", "你好")
    await entered(talk)
    with pytest.raises(Conflict):
        await entered(talk, "别的话")
    for text, way in ((" ", "branch"), ("x" * 5001, "branch"), ("好", "pigeon")):
        with pytest.raises(BadInput):
            await entered(talk, text, "k2", way)


async def take(talk: Talk, name: str = "posts.csv", content: str = CSV) -> Imported:
    def understand(text: str) -> tuple[str, float]:
        return ("collections_complaint" if "催收" in text else "feedback", 0.9)

    def write(connection, now, wall):  # type: ignore[no-untyped-def]
        return import_posts(connection, name, content.encode(), "secret", ZoneInfo("Asia/Shanghai"), understand, now)

    return await talk.service.work.write_at(talk.service.services, write)  # type: ignore[no-any-return]


async def test_posts_are_taken_once_masked_and_counted(talk: Talk) -> None:
    done = await take(talk)
    assert (done.new, done.known, dict(done.intents)) == (2, 0, {"collections_complaint": 1, "feedback": 1})
    assert [mistake.split(":")[1] for mistake in done.mistakes] == ["4", "5"]
    assert "id" in done.mistakes[0]
    assert "posted_at" in done.mistakes[1]
    again = await take(talk)
    assert (again.new, again.known) == (0, 2)
    rows = await talk.rows(social_posts)
    assert all("13800000001" not in row["text"] and "wang" not in row["author"] for row in rows)


@pytest.mark.parametrize(
    ("name", "content"),
    [("posts.json", "{"), ("posts.json", '{"a": 1}'), ("posts.csv", "source,text\nx,y\n"), ("posts.xlsx", "PK")],
)
async def test_a_file_that_cannot_be_read_is_refused_whole(talk: Talk, name: str, content: str) -> None:
    with pytest.raises(BadInput, match="posts"):
        await take(talk, name, content)
    assert await talk.rows(social_posts) == []


async def test_json_is_taken_too(talk: Talk) -> None:
    done = await take(talk, "p.json", '[{"source": "xhs", "id": 7, "text": "还款很方便"}, 3]')
    assert (done.new, len(done.mistakes)) == (1, 1)
