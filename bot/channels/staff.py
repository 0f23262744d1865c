"""The staff API: cases and decisions. A signed staff token says who decides; the desk will use the same routes."""

from __future__ import annotations

import asyncio
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels import bodies, replies
from bot.channels.bodies import Field
from bot.channels.desk_auth import COOKIE, entry
from bot.errors import BadInput
from bot.lending.authority import STAFF, Actor
from bot.lending.wishes import Wish

staff = Blueprint("staff", url_prefix="/staff")
LONGEST_REF = 24


async def _actor(request: Request) -> Actor:
    """Who shows the token, or the desk's cookie. Raises NotAllowed, Forbidden."""
    services = request.app.ctx.services
    if "authorization" not in request.headers and request.cookies.get(COOKIE):
        return (await entry(request, *STAFF)).actor
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    given = token if kind.lower() == "bearer" else ""
    actor: Actor = await asyncio.to_thread(services.staff.read, given, services.wall.now())
    return actor


@staff.get("/cases")
async def cases(request: Request) -> HTTPResponse:
    """Everything that waits for a decision, the most urgent first."""
    await _actor(request)
    return replies.as_json({"cases": await asyncio.to_thread(request.app.ctx.services.cases.pending)})


@staff.get("/cases/<ref:str>")
async def case(request: Request, ref: str) -> HTTPResponse:
    """One case: wish, figures before and after, intake, budget, tier, decisions, documents."""
    await _actor(request)
    return replies.as_json(await asyncio.to_thread(request.app.ctx.services.cases.case, ref[:LONGEST_REF]))


@staff.get("/documents/<document_id:str>")
async def document(request: Request, document_id: str) -> HTTPResponse:
    """What a borrower added, to be saved: never shown inside a page of ours."""
    await _actor(request)
    content = await asyncio.to_thread(request.app.ctx.services.uploads.content, document_id)
    headers = {"Content-Disposition": 'attachment; filename="document"', "Content-Security-Policy": "sandbox"}
    return HTTPResponse(body=content, content_type="application/octet-stream", headers=headers)


@staff.post("/cases/<ref:str>/approve")
async def approve(request: Request, ref: str) -> HTTPResponse:
    """`approved`, or `second_needed` until a second supervisor agrees."""
    actor = await _actor(request)
    verdict = await asyncio.to_thread(request.app.ctx.services.cases.approve, actor, ref[:LONGEST_REF])
    return replies.as_json({"ref": ref, "verdict": verdict})


@staff.post("/cases/<ref:str>/decline")
async def decline(request: Request, ref: str) -> HTTPResponse:
    """With a reason code; the borrower gets plain words for it and a way on."""
    actor = await _actor(request)
    body = bodies.read(request.body, {"reason": Field(str, required=True, longest=40, plain=True)})
    await asyncio.to_thread(request.app.ctx.services.cases.decline, actor, ref[:LONGEST_REF], body["reason"])
    return replies.as_json({"ref": ref, "verdict": "declined"})


@staff.post("/cases/<ref:str>/confirm")
async def confirm(request: Request, ref: str) -> HTTPResponse:
    """The borrower agreed to the disclosure in a recorded call: in force without a code."""
    actor = await _actor(request)
    until = await asyncio.to_thread(request.app.ctx.services.cases.confirm, actor, ref[:LONGEST_REF])
    return replies.as_json({"ref": ref, "withdraw_until": until.isoformat()})


@staff.post("/cases/<ref:str>/counter")
async def counter(request: Request, ref: str) -> HTTPResponse:
    """Another arrangement instead, such as {"wish": {"kind": "extension", "count": 6}}."""
    actor = await _actor(request)
    body = bodies.read(request.body, {"wish": Field(dict, required=True)})
    made = await asyncio.to_thread(request.app.ctx.services.cases.counter, actor, ref[:LONGEST_REF], wish(body["wish"]))
    return replies.as_json({"ref": made, "counter_to": ref})


NUMBERS = ("day", "days", "months", "count", "cents")


def wish(body: dict[str, Any]) -> Wish:
    """Raises BadInput: `wish`."""
    plain = {key: value for key, value in body.items() if key in (*NUMBERS, "kind", "how", "stops_penalty")}
    good = all(type(plain.get(key, 0)) is int and 0 <= plain.get(key, 0) <= 10**9 for key in NUMBERS)
    if plain != body or not good or type(body.get("stops_penalty", False)) is not bool:
        raise BadInput(f"a wish has kind, how, stops_penalty and whole numbers {', '.join(NUMBERS)}", code="wish")
    try:
        return Wish.from_json(plain)
    except (ValueError, TypeError, KeyError) as error:
        raise BadInput(f"no such wish: {error}", code="wish") from error
