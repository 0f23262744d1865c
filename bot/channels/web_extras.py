"""What a widget asks for beside talking: read marks, ratings, wishes, the own conversation as a file."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from bot.channels import bodies, replies
from bot.channels.bodies import Field
from bot.channels.web import MAX_SEQ, bearer
from bot.channels.web_sessions import CHANNEL
from bot.errors import BadInput, NotAllowed, NotFound
from bot.services import transcript, web_view, web_wishes
from bot.services.channels.wishes import LANGUAGES
from bot.services.reading import seen_by, view
from bot.store.conversation_rows import session_by_id, session_key

TOKEN = Field(str, required=True, longest=bodies.MAX_TOKEN)
SEEN = {"session": TOKEN, "seq": Field(int, required=True)}
RATING = {"session": TOKEN, "seq": Field(int, required=True), "value": Field(str, required=True)}
WISHES = {
    "channel": Field(str, longest=20),
    "quiet_from": Field(str, longest=5),
    "quiet_until": Field(str, longest=5),
    "language": Field(str, longest=10),
    "large_type": Field(bool),
    "elsewhere": Field(list),
}
HARMLESS = {"language", "large_type"}  # the rest says where a customer is reached: only a full proof changes that
web_extras = Blueprint("web_extras", url_prefix="/web")


@web_extras.post("/seen")
async def seen(request: Request) -> HTTPResponse:
    """Without a WebSocket: what the borrower has before their eyes."""
    body = bodies.read(request.body, SEEN)
    seq = _seq(body["seq"])
    user = request.app.ctx.web_sessions.needed(body["session"])
    await request.app.ctx.talk.work.write(lambda c: web_view.note_seen(c, session_key(CHANNEL, user), seq))
    return HTTPResponse(status=204)


@web_extras.post("/ratings")
async def rate(request: Request) -> HTTPResponse:
    """What the borrower thinks of one answer."""
    body = bodies.read(request.body, RATING)
    seq, value = _seq(body["seq"]), body["value"]
    if value not in web_view.VALUES:
        raise BadInput(f"value is one of {', '.join(web_view.VALUES)}", code="bad_value")
    talk = request.app.ctx.talk
    session = await talk.session(CHANNEL, request.app.ctx.web_sessions.needed(body["session"]))
    if session is None:
        raise NotFound("no answer with this number", code="no_such_answer")
    await talk.work.write_at(
        talk.services,
        lambda c, now, wall: web_view.rate(c, session_by_id(c, session.session_id) or session, seq, value, now),
    )
    return HTTPResponse(status=204)


@web_extras.get("/export")
async def export(request: Request) -> HTTPResponse:
    """The conversation as this session may read it now, as a file: `format` html or txt, `language` of its own words."""
    kind, language = _one_of(request, "format", transcript.FORMATS), _one_of(request, "language", LANGUAGES)
    talk, services = request.app.ctx.talk, request.app.ctx.services
    user = request.app.ctx.web_sessions.needed(bearer(request))
    session = await talk.session(CHANNEL, user)
    hidden = talk.compose.say("utter_hidden", language).text

    def read(connection: Connection) -> list[dict[str, Any]]:
        present = None if session is None else session_by_id(connection, session.session_id)
        if present is None:
            return []
        return [view(row, present.level, hidden) for row in seen_by(connection, present, 0, transcript.MOST)]

    said = await talk.work.read(read)
    make = transcript.as_html if kind == "html" else transcript.as_text
    base = (services.settings.public_url or "").rstrip("/")
    made = await asyncio.to_thread(make, said, language, services.wall.now(), services.settings.timezone, base)
    return HTTPResponse(
        made.encode(),
        content_type=f"text/{'html' if kind == 'html' else 'plain'}; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="conversation.{kind}"',
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        },
    )


@web_extras.get("/preferences")
async def preferences(request: Request) -> HTTPResponse:
    return replies.as_json(await _wishes(request))


@web_extras.post("/preferences")
async def prefer(request: Request) -> HTTPResponse:
    """Keep what is named; `null` takes a wish back, what is not named stays."""
    given = bodies.read(request.body, WISHES)
    taken_back = {name for name, value in orjson.loads(request.body).items() if value is None}
    web_wishes.check(given, taken_back)
    talk = request.app.ctx.talk
    user = request.app.ctx.web_sessions.needed(bearer(request))
    session = await talk.session(CHANNEL, user)
    if session is not None and session.customer_id and session.level < 2 and (set(given) | taken_back) - HARMLESS:
        raise NotAllowed("this needs a full verification", code="not_proven")
    subject = web_wishes.subject(session, session_key(CHANNEL, user))
    await talk.work.write_at(talk.services, lambda c, now, wall: web_wishes.change(c, subject, given, taken_back, now))
    talk.bells.ring(session_key(CHANNEL, user))
    return replies.as_json(await _wishes(request))


async def _wishes(request: Request) -> dict[str, Any]:
    talk = request.app.ctx.talk
    user = request.app.ctx.web_sessions.needed(bearer(request))
    subject = web_wishes.subject(await talk.session(CHANNEL, user), session_key(CHANNEL, user))
    known: dict[str, Any] = await talk.work.read(lambda c: web_wishes.shown(c, subject))
    return known


def _seq(value: int) -> int:
    if not 0 < value <= MAX_SEQ:
        raise BadInput(f"seq is a number from 1 to {MAX_SEQ}", code="bad_value")
    return value


def _one_of(request: Request, name: str, known: tuple[str, ...]) -> str:
    """A word of the query; the first of the known ones when it is not there."""
    value = request.args.get(name) or known[0]
    if value not in known:
        raise BadInput(f"{name} is one of {', '.join(known)}", code="bad_value")
    return str(value)
