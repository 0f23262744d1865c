"""Documents: those of arrangements, whose links open only while their session is proven; and those that borrowers add."""

from __future__ import annotations

import asyncio
import re

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from bot.channels import replies
from bot.channels.uploading import whole_body
from bot.channels.web import bearer
from bot.channels.web_sessions import CHANNEL
from bot.errors import NotFound
from bot.services import uploads
from bot.services.complaints import evidence
from bot.services.paper_pdf import as_pdf
from bot.services.papers import as_html

LONGEST = 400
CSP = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
documents = Blueprint("documents", url_prefix="/documents")


NAME = re.compile(r"([A-Z]{2}-[0-9]{8}-[0-9]{4,6})\.(html|pdf)")


@documents.get("/<name:str>")
async def paper(request: Request, name: str) -> HTTPResponse:
    """HTML to look at, or PDF to keep: the browser saves that, it is not shown inside our origin."""
    found = NAME.fullmatch(name)
    if found is None:
        raise NotFound("no such document")
    ref, kind = found.groups()
    key = (request.args.get("k") or "")[:LONGEST]
    talk, services = request.app.ctx.talk, request.app.ctx.services
    made = await asyncio.to_thread(
        services.papers.paper, ref, key, lambda session: talk.identity.expired(session, services.wall.now())
    )
    headers = {"Content-Security-Policy": CSP}
    if kind == "html":
        return HTTPResponse(as_html(made), content_type="text/html; charset=utf-8", headers=headers)
    headers["Content-Disposition"] = f'attachment; filename="{ref}.pdf"'
    return HTTPResponse(body=await asyncio.to_thread(as_pdf, made), content_type="application/pdf", headers=headers)


added = Blueprint("added", url_prefix="/web")
LONGEST_REF = 24


@added.post("/documents", stream=True)
async def add(request: Request) -> HTTPResponse:
    """One document for one request of the borrower: `?ref=…`, the content as the body, the session as bearer."""
    talk, services = request.app.ctx.talk, request.app.ctx.services
    user = request.app.ctx.web_sessions.needed(bearer(request))
    ref = (request.args.get("ref") or "")[:LONGEST_REF]
    session = await talk.session(CHANNEL, user)
    customer = await talk.work.read(lambda connection: services.uploads.owner_of(connection, ref, session))
    whole = await whole_body(request)
    kind = await asyncio.to_thread(uploads.checked, whole)
    now = services.clock.now()

    def keep(connection: Connection) -> str:
        kept: str = services.uploads.keep(connection, ref, customer, kind, whole, now)
        evidence.attach(connection, ref, kept, kind, now)
        return kept

    document_id = await talk.work.write(keep)
    return replies.as_json({"document": document_id, "kind": kind, "size": len(whole)}, 201)
