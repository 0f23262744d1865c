"""What stands beside the messages: read by the assistant or by a colleague, the place in the queue, the borrower's own mark."""

from __future__ import annotations

from typing import Any

from bot.services import web_view
from bot.store.conversation_schema import channel_sessions
from tests.services.conftest import Talk
from tests.services.desk_hands import DeskHands


async def state(talk: Talk, user: str) -> dict[str, Any]:
    return (await talk.service.look("rest", user, 0, "hidden")).state


async def own(talk: Talk, user: str) -> list[int]:
    return [one["seq"] for one in await talk.view(user) if one["from"] == "borrower"]


async def test_what_the_assistant_answered_is_read(talk: Talk) -> None:
    assert (await state(talk, "u1"))["read"] == 0
    await talk.say("u1", "在吗")
    assert (await state(talk, "u1"))["read"] == (await own(talk, "u1"))[-1]


async def test_what_waits_for_a_person_is_read_only_when_the_person_has_it_on_the_page(
    talk: Talk, desk: DeskHands
) -> None:
    lin = await desk.staff("lin")
    await desk.call("u1")
    called = (await own(talk, "u1"))[-1]
    await talk.say("u1", "我的账单不对")
    waiting = (await own(talk, "u1"))[-1]
    assert waiting > called
    assert (await state(talk, "u1"))["read"] == called
    await desk.rounds()
    conversation = (await desk.conversation("u1"))["conversation_id"]

    def shows(agent: str, seq: int) -> Any:
        return desk.do(lambda c, now: web_view.note_seen_by_agent(c, conversation, agent, seq))

    assert not await shows("somebody_else", waiting)
    assert (await state(talk, "u1"))["read"] == called
    assert await shows("lin", waiting)
    assert not await shows("lin", waiting - 1)
    assert (await state(talk, "u1"))["read"] == waiting
    await desk.close(lin, "u1")
    await talk.say("u1", "谢谢")
    assert (await state(talk, "u1"))["read"] == (await own(talk, "u1"))[-1]


async def test_place_in_the_queue_is_there_while_waiting_and_moves_up(talk: Talk, desk: DeskHands) -> None:
    await desk.staff("lin", capacity=1)
    await desk.call("first")
    await desk.rounds()
    await desk.call("second")
    ref = await desk.call("third")
    assert (await state(talk, "first"))["queue"] is None
    assert (await state(talk, "second"))["queue"]["position"] == 1
    assert (await state(talk, "third"))["queue"]["position"] == 2
    await desk.do(lambda c, now: desk.services.desk.queue.leave(c, ref, now))
    assert (await state(talk, "third"))["queue"] is None


async def test_seen_mark_grows_never_beyond_the_conversation_and_starts_anew_with_another(talk: Talk) -> None:
    await talk.say("elsewhere", "你好", token=talk.token())
    await talk.say("u1", "在吗")
    session = await talk.service.session("rest", "u1")
    assert session is not None

    async def mark(seq: int) -> int:
        def run(connection: Any) -> int:
            web_view.note_seen(connection, session.session_id, seq)
            return web_view.seen(connection, session.session_id)

        return await talk.service.work.write(run)

    assert [await mark(1), await mark(2), await mark(1), await mark(99)] == [1, 2, 2, 2]
    await talk.service.bind("rest", "u1", talk.token())
    rows = await talk.rows(channel_sessions, channel_sessions.c.session_id == session.session_id)
    assert rows[0]["seen_seq"] == 0
