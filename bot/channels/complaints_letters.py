"""The desk's routes around the decision letter: drafted from the file, checked, kept, shown as whoever complained sees it."""

from __future__ import annotations

import asyncio
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from bot.channels import bodies, replies
from bot.channels.bodies import Field
from bot.channels.complaints import READING, SERVING, change
from bot.channels.complaints_work import case_of
from bot.channels.desk import look
from bot.channels.desk_auth import entry
from bot.channels.documents import CSP
from bot.services.complaints import letter_looks, letters
from bot.services.complaints.rows import staff

complaints_letters = Blueprint("complaints_letters", url_prefix="/desk/api/complaints")
LETTER = {"language": Field(str, required=True, longest=10), "contents": Field(dict, required=True)}


@complaints_letters.get("/<ref:str>/letters/draft")
async def draft(request: Request, ref: str) -> HTTPResponse:
    """A letter proposed from the file, with what is still missing."""
    found = await entry(request, *SERVING)
    services = request.app.ctx.services
    basis, now = services.complaints.basis, services.clock.now()
    language = request.args.get("language") or "zh-Hans"

    def read(connection: Connection) -> dict[str, Any]:
        row = case_of(connection, found.actor, ref, lock=False)
        made = letters.draft(connection, basis, row, language, now)
        return {"contents": made, "faults": letters.check(connection, basis, row, language, made)}

    return replies.as_json(await look(request, read))


@complaints_letters.post("/<ref:str>/letters/check")
async def check(request: Request, ref: str) -> HTTPResponse:
    found = await entry(request, *SERVING)
    body = bodies.read(request.body, LETTER)
    basis = request.app.ctx.services.complaints.basis
    faults = await look(
        request,
        lambda c: letters.check(c, basis, case_of(c, found.actor, ref, lock=False), body["language"], body["contents"]),
    )
    return replies.as_json({"faults": faults})


@complaints_letters.post("/<ref:str>/letters")
async def keep_letter(request: Request, ref: str) -> HTTPResponse:
    """A new version; one with faults is kept, and cannot be sent."""
    found = await entry(request, *SERVING)
    body = bodies.read(request.body, LETTER)
    basis = request.app.ctx.services.complaints.basis
    made = await change(
        request,
        lambda c, now: letters.keep(
            c, basis, case_of(c, found.actor, ref), staff(found.actor), body["language"], body["contents"], now
        ),
    )
    return replies.as_json({key: made[key] for key in ("letter_id", "version", "faults")}, 201)


@complaints_letters.get(r"/<ref:str>/letters/<name:[0-9a-f]{32}\.(?:html|pdf|json)>")
async def letter(request: Request, ref: str, name: str) -> HTTPResponse:
    """As whoever complained sees it; `.json` its contents."""
    found = await entry(request, *READING)
    letter_id, _, kind = name.partition(".")
    kept = await look(request, lambda c: letters.letter(c, case_of(c, found.actor, ref, lock=False)["ref"], letter_id))
    if kind == "json":
        return replies.as_json({key: kept[key] for key in ("language", "contents", "version", "sha256", "lint")})
    return await shown(kept, kind)


async def shown(kept: dict[str, Any], kind: str) -> HTTPResponse:
    """A letter as a page or as PDF, never inside a page of ours."""
    headers = {"Content-Security-Policy": CSP}
    if kind == "html":
        return HTTPResponse(letter_looks.html(kept), content_type="text/html; charset=utf-8", headers=headers)
    headers["Content-Disposition"] = f'attachment; filename="{kept["ref"]}.pdf"'
    body = await asyncio.to_thread(letter_looks.pdf, kept)
    return HTTPResponse(body=body, content_type="application/pdf", headers=headers)
