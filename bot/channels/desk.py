"""The desk's routes around conversations: inbox, reading, writing, taking, passing on, closing. See docs/desk.md.

Thin: who asks, what, one transaction, ring. Everything that shows or changes personal data is logged with its purpose.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from bot.channels import bodies, replies
from bot.channels.bodies import Field
from bot.channels.desk_auth import entry
from bot.errors import BadInput
from bot.services.desk import access, inbox, notes, ownership
from bot.services.desk.agents import Disposition, must_exist
from bot.services.desk.assist import Assist
from bot.services.desk.sending import GuardRefused
from bot.services.watch import conversation as bell_of

desk = Blueprint("desk", url_prefix="/desk/api")
T = TypeVar("T")
MESSAGE = {
    "text": Field(str, required=True, longest=bodies.MAX_TEXT),
    "client_msg_id": Field(str, required=True, longest=bodies.MAX_ID, plain=True),
    "epoch": Field(int, required=True),
    "confirmed": Field(list),
}
NOTE = {"text": Field(str, required=True, longest=4000), "kind": Field(str, longest=10)}
TRANSFER = {
    "to": Field(str, required=True, longest=80, plain=True),
    "note": Field(str, required=True, longest=2000),
    "epoch": Field(int, required=True),
}
CLOSE = {
    "epoch": Field(int, required=True),
    "topic": Field(str, required=True, longest=40, plain=True),
    "outcome": Field(str, required=True, longest=20, plain=True),
    "summary": Field(str, longest=2000),
    "follow_up": Field(str, longest=10),
}
LONGEST_ID = 32
SERVING = ("agent", "lead", "supervisor")
READING = (*SERVING, "compliance")


async def change(
    request: Request, job: Callable[[Connection, datetime], T], *conversation_ids: str, desk: bool = True
) -> T:
    """`job` in one transaction; then whoever is concerned looks. `desk`: queues or owners may have changed."""
    talk = request.app.ctx.talk
    done: T = await talk.work.write_at(talk.services, lambda c, now, wall: job(c, now))
    await talk.tell(list(conversation_ids), desk=desk)
    return done


async def look(request: Request, job: Callable[[Connection], T]) -> T:
    """`job` on a snapshot."""
    found: T = await request.app.ctx.talk.work.read(job)
    return found


# -- looking


@desk.get("/inbox")
async def box(request: Request) -> HTTPResponse:
    found = await entry(request, *READING)
    services = request.app.ctx.services
    return replies.as_json(await look(request, lambda c: inbox.of(c, services.desk, found.actor, services.clock.now())))


@desk.get("/conversations/<conversation_id:str>")
async def conversation(request: Request, conversation_id: str) -> HTTPResponse:
    """File, messages, notes, draft: all that opening a conversation shows. `after`: only newer messages."""
    found = await entry(request, *READING)
    services, key = request.app.ctx.services, conversation_id[:LONGEST_ID]
    after = bodies.whole_number(request.args, "after", 0, 2**31 - 1)
    language = "en" if request.args.get("language") == "en" else "zh-Hans"
    now = services.clock.now()

    def read(connection: Connection) -> dict[str, Any]:
        services.desk.agents.may_see(connection, found.actor, key)
        return inbox.opened(connection, services.desk, found.actor, key, after, now, language)

    shown = await look(request, read)
    if not after:
        await change(
            request,
            lambda c, now: access.record(
                c,
                found.actor,
                "view_conversation",
                shown["purpose"],
                now,
                customer_id=shown["customer_id"],
                conversation_id=key,
            ),
            desk=False,
        )
    return replies.as_json(shown)


@desk.get("/conversations/<conversation_id:str>/suggestions")
async def suggestions(request: Request, conversation_id: str) -> HTTPResponse:
    found = await entry(request, *SERVING)
    services, key = request.app.ctx.services, conversation_id[:LONGEST_ID]
    await look(request, lambda c: services.desk.agents.may_see(c, found.actor, key))
    language = "en" if request.args.get("language") == "en" else "zh-Hans"
    return replies.as_json({"suggestions": await Assist(services).suggest(key, services.clock.now(), language)})


@desk.get("/conversations/<conversation_id:str>/canned")
async def canned(request: Request, conversation_id: str) -> HTTPResponse:
    found = await entry(request, *SERVING)
    services, key = request.app.ctx.services, conversation_id[:LONGEST_ID]
    language = "en" if request.args.get("language") == "en" else "zh-Hans"

    def read(connection: Connection) -> list[dict[str, str]]:
        services.desk.agents.may_see(connection, found.actor, key)
        return inbox.ready_replies(connection, services, found, key, language)

    return replies.as_json({"replies": await look(request, read)})


@desk.get("/knowledge")
async def knowledge(request: Request) -> HTTPResponse:
    await entry(request)
    words = (request.args.get("q") or "")[:200]
    return replies.as_json(
        {"found": await look(request, lambda c: request.app.ctx.services.desk.knowledge.search(c, words))}
    )


# -- writing


@desk.post("/conversations/<conversation_id:str>/messages")
async def say(request: Request, conversation_id: str) -> HTTPResponse:
    """409 `stale_epoch`: somebody else owns it now; 400 `guard_warned` / `guard_blocked` with the rules touched."""
    found = await entry(request, *SERVING)
    body = bodies.read(request.body, MESSAGE)
    confirmed = [one for one in body.get("confirmed") or [] if isinstance(one, str)]
    services, key = request.app.ctx.services, conversation_id[:LONGEST_ID]

    def write(connection: Connection, now: datetime) -> Any:
        must_exist(connection, key)  # who owns it is the sending's to say
        return services.desk.sending.send(
            connection,
            found.actor,
            key,
            body["text"],
            body["client_msg_id"],
            body["epoch"],
            confirmed,
            now,
            services.wall.now(),
        )

    try:
        sent = await change(request, write, key, desk=False)
    except GuardRefused as refused:
        rules = [one.rule for one in refused.found]
        await change(request, lambda c, now: services.desk.sending.refused(c, found.actor, key, rules, now), desk=False)
        return replies.as_json({"code": refused.code, "message": str(refused), **refused.detail}, 400)
    return replies.as_json({"seq": sent.seq, "repeated": sent.repeated}, 200 if sent.repeated else 201)


@desk.post("/conversations/<conversation_id:str>/take")
async def take(request: Request, conversation_id: str) -> HTTPResponse:
    found = await entry(request, *SERVING)
    services, key = request.app.ctx.services, conversation_id[:LONGEST_ID]
    epoch = await change(request, lambda c, now: services.desk.agents.take(c, found.actor, key, now), key)
    return replies.as_json({"epoch": epoch})


@desk.post("/conversations/<conversation_id:str>/transfer")
async def transfer(request: Request, conversation_id: str) -> HTTPResponse:
    found = await entry(request, *SERVING)
    body = bodies.read(request.body, TRANSFER)
    services, key = request.app.ctx.services, conversation_id[:LONGEST_ID]

    def write(connection: Connection, now: datetime) -> None:
        services.desk.agents.may_see(connection, found.actor, key)
        services.desk.agents.transfer(connection, found.actor, key, body["epoch"], body["to"], body["note"], now)

    await change(request, write, key)
    return replies.as_json({"ok": True})


@desk.post("/conversations/<conversation_id:str>/close")
async def close(request: Request, conversation_id: str) -> HTTPResponse:
    """With the disposition; the bot is back and the borrower is asked how it was."""
    found = await entry(request, *SERVING)
    body = bodies.read(request.body, CLOSE)
    done = Disposition(body["topic"], body["outcome"], body.get("summary") or "", _day(body.get("follow_up")))
    services, key = request.app.ctx.services, conversation_id[:LONGEST_ID]

    def write(connection: Connection, now: datetime) -> None:
        must_exist(connection, key)
        services.desk.agents.close(connection, found.actor, key, body["epoch"], done, now)

    await change(request, write, key)
    return replies.as_json({"ok": True})


@desk.post("/conversations/<conversation_id:str>/notes")
async def note(request: Request, conversation_id: str) -> HTTPResponse:
    """A note for staff; kind `whisper` is a supervisor's word to the agent. @name lets a colleague look."""
    found = await entry(request, *READING)
    body = bodies.read(request.body, NOTE)
    kind = body.get("kind") or "note"
    if kind not in ("note", "whisper"):
        raise BadInput("kind is note or whisper", code="kind")
    if kind == "whisper":
        found = await entry(request, "lead", "supervisor")
    services, key = request.app.ctx.services, conversation_id[:LONGEST_ID]

    def write(connection: Connection, now: datetime) -> str:
        services.desk.agents.may_see(connection, found.actor, key)
        return notes.add(connection, found.actor.staff_id, key, kind, body["text"], now)

    note_id = await change(request, write, key, desk="@" in body["text"])
    return replies.as_json({"note_id": note_id}, 201)


@desk.put("/conversations/<conversation_id:str>/draft")
async def draft(request: Request, conversation_id: str) -> HTTPResponse:
    found = await entry(request, *SERVING)
    body = bodies.read(request.body, {"text": Field(str, required=True, longest=4000)})
    services, key = request.app.ctx.services, conversation_id[:LONGEST_ID]

    def write(connection: Connection, now: datetime) -> None:
        services.desk.agents.may_see(connection, found.actor, key)
        notes.keep_draft(connection, found.actor.staff_id, key, body["text"], now)

    await request.app.ctx.talk.work.write_at(services, lambda c, now, wall: write(c, now))
    return replies.as_json({"ok": True})


@desk.post("/conversations/<conversation_id:str>/typing")
async def typing(request: Request, conversation_id: str) -> HTTPResponse:
    """Seen by colleagues in the same conversation and by the borrower; kept nowhere."""
    found = await entry(request, *SERVING)
    services, key = request.app.ctx.services, conversation_id[:LONGEST_ID]

    def read(connection: Connection) -> str | None:
        services.desk.agents.may_see(connection, found.actor, key)
        return ownership.spoke_last(connection, key)

    session_id, bells = await look(request, read), request.app.ctx.talk.bells
    bells.show(bell_of(key), {"typing": found.actor.staff_id, "name": found.name})
    if session_id is not None:
        bells.show(session_id, {"typing": True})
    return replies.as_json({"ok": True})


def _day(written: str | None) -> date | None:
    if not written:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise BadInput("a day is written 2026-11-30", code="follow_up") from error
