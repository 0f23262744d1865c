"""The desk's routes about platforms: what did not arrive, sending it again, whose account is whose, files of borrowers.

What was not delivered is seen by whoever serves; a link is made or ended only with a reason, and leaves a row for ever.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from bot.channels import bodies, replies
from bot.channels.bodies import Field
from bot.channels.desk import LONGEST_ID, READING, SERVING, change, look
from bot.channels.desk_auth import entry
from bot.channels.desk_files import served
from bot.errors import BadInput, NotFound
from bot.services.channels import linking, undelivered
from bot.services.channels.fetching import of_message
from bot.services.channels.short_links import ShortLinks
from bot.services.desk import access
from bot.store import conversation_rows as rows

desk_channels = Blueprint("desk_channels", url_prefix="/desk/api")
files = Blueprint("files", url_prefix="/files")
LONGEST_REASON = 300
LINK = {
    "session_id": Field(str, required=True, longest=LONGEST_ID, plain=True),
    "reason": Field(str, required=True, longest=LONGEST_REASON),
}


@desk_channels.get("/channels")
async def channels(request: Request) -> HTTPResponse:
    """Every platform of this installation: what waits, what did not arrive, its limits."""
    await entry(request, *READING)
    platforms = request.app.ctx.platforms
    counts = await look(request, undelivered.counts)
    found = [
        {
            "name": name,
            "states": counts.get(name, {}),
            "window_hours": one.traits.window.total_seconds() / 3600 if one.traits.window else None,
            "quota": one.traits.quota,
            "per_second": one.traits.per_second,
            "receipts": one.traits.receipts,
        }
        for name, one in sorted(platforms.adapters.items())
    ]
    return replies.as_json({"channels": found})


@desk_channels.get("/deliveries")
async def deliveries(request: Request) -> HTTPResponse:
    """Replies that did not arrive, newest first: `state` = dead | failed | expired, `channel`. No words of them."""
    await entry(request, *READING)
    state, channel = request.args.get("state") or "", (request.args.get("channel") or "")[:20]
    return replies.as_json({"deliveries": await look(request, lambda c: undelivered.listed(c, state, channel))})


@desk_channels.post("/deliveries/<message_id:str>/replay")
async def replay(request: Request, message_id: str) -> HTTPResponse:
    """Send one again from the start, or on the channel where the borrower wrote last."""
    found = await entry(request, *SERVING)

    def write(connection: Connection, now: datetime) -> dict[str, Any]:
        wall = request.app.ctx.services.wall.now()
        level = partial(request.app.ctx.talk.identity.level_now, wall=wall)
        return undelivered.replay(connection, message_id[:LONGEST_ID], found.actor.staff_id, now, level)

    return replies.as_json(await change(request, write, desk=False))


@desk_channels.get("/conversations/<conversation_id:str>/accounts")
async def accounts(request: Request, conversation_id: str) -> HTTPResponse:
    """The accounts that talk in a conversation, and every link of its customer, present and past."""
    found = await entry(request, *READING)
    key = conversation_id[:LONGEST_ID]

    def read(connection: Connection) -> dict[str, Any]:
        request.app.ctx.services.desk.agents.may_see(connection, found.actor, key)
        customer_id = rows.conversation(connection, key).customer_id
        return {
            "accounts": undelivered.accounts_of(connection, key),
            "links": linking.links_of(connection, customer_id) if customer_id else [],
        }

    return replies.as_json(await look(request, read))


@desk_channels.post("/customers/<customer_id:str>/links")
async def link(request: Request, customer_id: str) -> HTTPResponse:
    """An account is this customer's, as a colleague has made sure of: level 1, never an amount."""
    found = await entry(request, *SERVING)
    body = bodies.read(request.body, LINK)
    talk, services = request.app.ctx.talk, request.app.ctx.services
    await asyncio.to_thread(services.loans.customer, customer_id[:64])

    def run(connection: Connection, now: datetime, wall: datetime) -> str:
        session = linking.check_agent(
            rows.session_by_id(connection, body["session_id"], lock=True), customer_id, body["reason"]
        )
        session = talk.identity.expire(connection, session, now, wall)
        access.record(connection, found.actor, "link_account", body["reason"], now, customer_id=customer_id)
        proven = talk.identity.prove(
            connection,
            session,
            customer_id,
            linking.LINKED_LEVEL,
            "agent",
            now,
            wall,
            staff_id=found.actor.staff_id,
            reason=body["reason"],
        )
        return proven.conversation_id

    conversation_id = await talk.work.write_at(services, run)
    await talk.tell([conversation_id])
    return replies.as_json({"conversation_id": conversation_id}, 201)


@desk_channels.post("/links/end")
async def end(request: Request) -> HTTPResponse:
    """An account changed hands (what was said stays with the customer), or the link was a `mistake` (it leaves with it)."""
    found = await entry(request, *SERVING)
    body = bodies.read(request.body, {**LINK, "mistake": Field(bool, required=True)})
    talk, services = request.app.ctx.talk, request.app.ctx.services

    def run(connection: Connection, now: datetime, wall: datetime) -> list[str]:
        session = rows.session_by_id(connection, body["session_id"], lock=True)
        if session is None or session.linked_to is None:
            raise NotFound("this account is not linked to anybody", code="not_linked")
        if len(body["reason"].strip()) < linking.LEAST_REASON:
            raise BadInput("say why, in a few words", code="reason")
        before, customer_id = session.conversation_id, session.linked_to
        access.record(connection, found.actor, "unlink_account", body["reason"], now, customer_id=customer_id)
        staff_id = found.actor.staff_id
        if body["mistake"]:
            after = linking.was_mistaken(connection, session.session_id, staff_id, body["reason"], now)
        else:
            freed = linking.unlink(connection, session, staff_id, body["reason"], now)
            after = talk.identity.end(connection, freed, "unlinked", now, keep_view=False)
        return [before, after.conversation_id]

    changed = await talk.work.write_at(services, run)
    await talk.tell(changed)
    return replies.as_json({"ok": True})


@desk_channels.get("/messages/<inbound_id:str>/files")
async def attached(request: Request, inbound_id: str) -> HTTPResponse:
    """The files of one message, each with a link for ten minutes, or why it is not there."""
    found = await entry(request, *READING)
    key = inbound_id[:LONGEST_ID]

    def read(connection: Connection) -> list[dict[str, Any]]:
        request.app.ctx.services.desk.agents.may_see(
            connection, found.actor, undelivered.conversation_of(connection, key)
        )
        return of_message(connection, [key])

    shown = [_file(request.app.ctx.short_links, one) for one in await look(request, read)]
    return replies.as_json({"files": shown})


def _file(links: ShortLinks, row: dict[str, Any]) -> dict[str, Any]:
    fields = {name: row[name] for name in ("attachment_id", "kind", "name", "content_type", "size", "state", "reason")}
    return {**fields, "href": f"/files/{links.sign(row['attachment_id'])}" if row["state"] == "kept" else None}


@files.get("/<token:str>")
async def file(request: Request, token: str) -> HTTPResponse:
    """A kept file by its signed short link. Raises NotFound when the link is wrong or over."""
    attachment_id = request.app.ctx.short_links.read(token)
    content = await asyncio.to_thread(request.app.ctx.platforms.fetching.content, attachment_id)
    return served(content, attachment_id[:8])
