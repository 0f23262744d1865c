"""Files that colleagues send: the desk's upload, and the link by which a borrower opens one.

POST /desk/api/conversations/<id>/files?name=&client_msg_id=&epoch=   the content as the body
GET  /documents/sent/<token>
"""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from bot.channels import replies
from bot.channels.desk import LONGEST_ID, SERVING, change, look
from bot.channels.desk_auth import entry
from bot.channels.uploading import whole_body
from bot.errors import BadInput
from bot.services import uploads
from bot.services.channels.wording import word
from bot.services.desk import sent_files
from bot.services.desk.agents import must_exist
from bot.services.desk.sending import GuardRefused
from bot.store import conversation_rows as rows

desk_files = Blueprint("desk_files", url_prefix="/desk/api")
sent = Blueprint("sent", url_prefix="/documents")
SHOWN = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png"}  # drawn anew by us: a browser may show them
CSP = "default-src 'none'; frame-ancestors 'none'; sandbox"
LONGEST_KEY = 64
EPOCH = re.compile(r"[0-9]{1,9}")


@desk_files.post("/conversations/<conversation_id:str>/files", stream=True)
async def give(request: Request, conversation_id: str) -> HTTPResponse:
    """A file as a message of the colleague's: 201, or what `POST …/messages` and the guard of incoming files answer."""
    found = await entry(request, *SERVING)
    client_msg_id, epoch = _given(request)
    services, key = request.app.ctx.services, conversation_id[:LONGEST_ID]
    fetching = request.app.ctx.platforms.fetching
    whole = await whole_body(request)
    await asyncio.to_thread(uploads.checked, whole)  # PDF, JPEG, PNG: what comes in may be more
    language = await look(request, partial(_language, conversation_id=key))
    attachment_id = rows.new_id()
    kept = await asyncio.to_thread(fetching.keep, attachment_id, whole)
    name = sent_files.named((request.args.get("name") or "")[:200], kept["content_type"], language)

    def write(connection: Connection, now: datetime) -> Any:
        said = services.desk.sending.send(
            connection,
            found.actor,
            key,
            word("sent_file", language, file=name),
            client_msg_id,
            epoch,
            (),
            now,
            services.wall.now(),
            sent_files.card(name, kept, attachment_id, request.app.ctx.sent_links.href(attachment_id), language),
        )
        if not said.repeated:
            sent_files.note(connection, attachment_id, said.message_id, name, kept, now)
        return said

    stored = False
    try:
        said = await change(request, write, key, desk=False)
        stored = not said.repeated
    except GuardRefused as refused:  # its name says what may not be said
        return replies.as_json({"code": refused.code, "message": str(refused), **refused.detail}, 400)
    finally:
        if not stored:
            await asyncio.to_thread(fetching.forget, attachment_id)
    return replies.as_json({"seq": said.seq, "repeated": said.repeated, "name": name}, 201 if stored else 200)


def _given(request: Request) -> tuple[str, int]:
    client_msg_id, epoch = request.args.get("client_msg_id") or "", request.args.get("epoch") or ""
    if not 0 < len(client_msg_id) <= LONGEST_KEY or not client_msg_id.isprintable():
        raise BadInput("client_msg_id names this message", code="bad_value")
    if not EPOCH.fullmatch(epoch):
        raise BadInput("epoch is the owner's, as you saw it", code="bad_value")
    return client_msg_id, int(epoch)


def _language(connection: Connection, conversation_id: str) -> str:
    must_exist(connection, conversation_id)
    return str(rows.conversation(connection, conversation_id).language)


@sent.get("/sent/<token:str>")
async def open_sent(request: Request, token: str) -> HTTPResponse:
    """The file, while somebody in its conversation has proven what its message needs. 404 when the link is over."""
    attachment_id = request.app.ctx.sent_links.read(token)
    talk, wall = request.app.ctx.talk, request.app.ctx.services.wall.now()
    level = partial(talk.identity.level_now, wall=wall)
    name = await look(request, lambda connection: sent_files.opened(connection, attachment_id, level))
    content = await asyncio.to_thread(request.app.ctx.platforms.fetching.content, attachment_id)
    return served(content, name)


def served(content: bytes, name: str) -> HTTPResponse:
    """Pictures to look at, everything else to keep; nothing runs in our origin."""
    kind = next((kind for sign, kind in SHOWN.items() if content.startswith(sign)), "")
    headers = {"Content-Security-Policy": CSP, "Cache-Control": "no-store"}
    if not kind:
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return HTTPResponse(content, content_type=kind or "application/octet-stream", headers=headers)
