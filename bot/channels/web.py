"""The widget without a WebSocket: a session, a message in, messages out by long poll, the lender's token."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels import bodies, replies
from bot.channels.bodies import Field
from bot.channels.web_sessions import CHANNEL
from bot.errors import BadInput
from bot.services.conversation import ConversationService, Look
from bot.services.inbound import InboundMessage
from bot.store.conversation_rows import session_key

LONGEST_WAIT = 30  # seconds
MAX_SEQ = 2**31 - 1
LONGEST_VIEW = 80
MOST_POLLERS = 20_000
SAY = {
    "session": Field(str, required=True, longest=bodies.MAX_TOKEN),
    "client_msg_id": Field(str, required=True, longest=bodies.MAX_ID, plain=True),
    "text": Field(str, required=True, longest=bodies.MAX_TEXT),
}
web = Blueprint("web", url_prefix="/web")


@web.post("/session")
async def session(request: Request) -> HTTPResponse:
    """The given session when it is known, else a new one. Nothing is stored before the first message."""
    known = None
    if request.body:
        known = bodies.read(request.body, {"session": Field(str, longest=bodies.MAX_TOKEN)}).get("session")
    sessions = request.app.ctx.web_sessions
    return replies.as_json({"session": known if sessions.user(known) else sessions.issue()})


@web.post("/messages")
async def say(request: Request) -> HTTPResponse:
    body = bodies.read(request.body, SAY)
    user = request.app.ctx.web_sessions.needed(body["session"])
    accepted = await request.app.ctx.talk.accept(InboundMessage(CHANNEL, user, body["text"], body["client_msg_id"]))
    return replies.as_json({"seq": accepted.seq}, 202)


@web.get("/messages")
async def messages(request: Request) -> HTTPResponse:
    """What is new after `after`; waits up to `wait` seconds for something. `reset`: drop what was shown before."""
    talk = request.app.ctx.talk
    user = request.app.ctx.web_sessions.needed(bearer(request))
    after = bodies.whole_number(request.args, "after", 0, MAX_SEQ)
    wait = bodies.whole_number(request.args, "wait", 0, LONGEST_WAIT)
    look, reset = await _news(request, talk, user, after, wait)
    talk.delivered(look.replies)
    return replies.as_json(
        {
            "level": look.level,
            "customer": look.customer,
            "reset": reset,
            "messages": look.messages or ([] if after or wait else talk.opening("zh-Hans")),
            "typing": look.typing,
            "view": look.place,
            "state": look.state,
        }
    )


@web.post("/identity")
async def identity(request: Request) -> HTTPResponse:
    """A token of the lender's own login. A bad one changes nothing and says nothing."""
    body = bodies.read(
        request.body,
        {
            "session": Field(str, required=True, longest=bodies.MAX_TOKEN),
            "token": Field(str, required=True, longest=bodies.MAX_TOKEN),
        },
    )
    user = request.app.ctx.web_sessions.needed(body["session"])
    await request.app.ctx.talk.bind(CHANNEL, user, body["token"])
    look = await request.app.ctx.talk.look(CHANNEL, user, MAX_SEQ, "")
    return replies.as_json({"level": look.level, "customer": look.customer})


async def _news(request: Request, talk: ConversationService, user: str, after: int, wait: int) -> tuple[Look, bool]:
    hidden = talk.compose.say("utter_hidden", "zh-Hans").text
    view = request.args.get("view") or ""
    if len(view) > LONGEST_VIEW:
        raise BadInput(f"view is longer than {LONGEST_VIEW} characters", code="too_long")
    key = session_key(CHANNEL, user)
    seen: dict[str, str] = request.app.ctx.polled
    if len(seen) > MOST_POLLERS:
        seen.clear()  # they are told to start again, which is harmless
    bell = talk.bells.listen(key)
    deadline = time.monotonic() + wait
    first = True
    typing = False
    state: dict[str, Any] = {}
    try:
        while True:
            bell.clear()
            look = await talk.look(CHANNEL, user, after, hidden)
            before = view or seen.get(key)
            if after and before != look.place:
                seen[key] = look.place
                return await talk.look(CHANNEL, user, 0, hidden), True
            typing = look.typing if first else typing
            state = look.state if first else state
            left = deadline - time.monotonic()
            if look.messages or look.typing != typing or look.state != state or left <= 0 or talk.stopping:
                seen[key] = look.place
                return look, False
            first = False
            try:
                await asyncio.wait_for(bell.wait(), left)
            except asyncio.TimeoutError:
                continue
    finally:
        talk.bells.forget(key, bell)


def bearer(request: Request) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token if kind.lower() == "bearer" else ""
