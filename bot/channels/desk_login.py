"""The desk's routes in and out: login, logout, who am I, whether I am there."""

from __future__ import annotations

import asyncio
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels import bodies, replies
from bot.channels.bodies import Field
from bot.channels.desk import SERVING, change
from bot.channels.desk_auth import COOKIE, entry, keep
from bot.services.desk.accounts import Entry
from bot.services.watch import DESK

desk_login = Blueprint("desk_login", url_prefix="/desk/api")
LOGIN = {
    "staff_id": Field(str, required=True, longest=64, plain=True),
    "password": Field(str, required=True, longest=200),
    "code": Field(str, longest=12),
}


@desk_login.post("/login")
async def login(request: Request) -> HTTPResponse:
    body = bodies.read(request.body, LOGIN)
    services = request.app.ctx.services
    found = await asyncio.to_thread(
        services.desk.accounts.login, body["staff_id"], body["password"], body.get("code") or "", services.wall.now()
    )
    return keep(replies.as_json(_me(request, found)), found.cookie, secure=not services.settings.demo)


@desk_login.post("/logout")
async def logout(request: Request) -> HTTPResponse:
    await entry(request)
    services = request.app.ctx.services
    await asyncio.to_thread(services.desk.accounts.logout, request.cookies.get(COOKIE) or "")
    request.app.ctx.talk.bells.ring(DESK)
    return keep(replies.as_json({"ok": True}), "", secure=not services.settings.demo)


@desk_login.get("/me")
async def me(request: Request) -> HTTPResponse:
    return replies.as_json(_me(request, await entry(request)))


def _me(request: Request, found: Entry) -> dict[str, Any]:
    services = request.app.ctx.services
    policy = services.desk.basis.policy(services.clock.now())
    return {
        "staff_id": found.actor.staff_id,
        "role": found.actor.role,
        "name": found.name,
        "csrf": found.csrf,
        "queues": list(policy.queues),
        "blocked": sorted(policy.blocked),
    }


@desk_login.post("/presence")
async def presence(request: Request) -> HTTPResponse:
    """online, busy (keeps what one has, gets nothing new), away, offline."""
    found = await entry(request, *SERVING)
    body = bodies.read(request.body, {"status": Field(str, required=True, longest=10, plain=True)})
    services = request.app.ctx.services
    await change(
        request, lambda c, now: services.desk.agents.set_status(c, found.actor, body["status"], services.wall.now())
    )
    return replies.as_json({"status": body["status"]})
