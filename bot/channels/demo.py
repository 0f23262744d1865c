"""What only a demo has: borrowers to play, a login without a password, and the phone on which codes arrive."""

from __future__ import annotations

import asyncio
import uuid

import jwt
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels import bodies, replies
from bot.channels.bodies import Field
from bot.errors import BadInput, NotFound
from bot.services.desk.demo_staff import logins
from bot.store.demo import borrowers as book

TOKEN_SECONDS = 3600
LOGIN = {"customer_id": Field(str, required=True, longest=64, plain=True), "acr": Field(str, required=True, longest=1)}
demo = Blueprint("demo", url_prefix="/demo")


@demo.on_request
async def only_in_the_demo(request: Request) -> None:
    if not request.app.ctx.services.settings.demo:
        raise NotFound("this exists only with DEMO=1")


@demo.get("/borrowers")
async def borrowers(request: Request) -> HTTPResponse:
    return replies.as_json([{"customer_id": one.customer_id, "name": one.name, "note": one.note} for one in book()])


@demo.post("/login")
async def login(request: Request) -> HTTPResponse:
    """A token as the lender's own login would give it: acr 1 = password, 2 = with a second factor."""
    body = bodies.read(request.body, LOGIN)
    if body["acr"] not in ("1", "2"):
        raise BadInput('acr must be "1" or "2"', code="bad_value")
    services = request.app.ctx.services
    await asyncio.to_thread(services.loans.customer, body["customer_id"])
    claims = {
        "sub": body["customer_id"],
        "acr": body["acr"],
        "jti": uuid.uuid4().hex,
        "exp": int(services.wall.now().timestamp()) + TOKEN_SECONDS,
    }
    return replies.as_json({"token": jwt.encode(claims, services.settings.identity_secret, algorithm="HS256")})


@demo.get("/staff")
async def staff(request: Request) -> HTTPResponse:
    """The desk's demo accounts with password and present code."""
    services = request.app.ctx.services
    return replies.as_json(await asyncio.to_thread(logins, services.database, services.wall.now()))


@demo.get("/outbox")
async def outbox(request: Request) -> HTTPResponse:
    """Text messages sent to a phone, oldest first."""
    to = request.args.get("to")
    if not to or len(to) > 64 or not to.isprintable():
        raise BadInput("say whose messages: ?to=13800000001", code="missing_field")
    return replies.as_json(await asyncio.to_thread(request.app.ctx.services.notifier.sent_to, to))
