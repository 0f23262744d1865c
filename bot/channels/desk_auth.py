"""The desk's door: cookie, CSRF value, roles. Every route of the desk asks `entry` first."""

from __future__ import annotations

import asyncio
from typing import Any

from sanic.request import Request
from sanic.response import HTTPResponse

from bot.errors import Forbidden
from bot.services.desk.accounts import Entry

COOKIE = "daihou_desk"
CSRF = "x-csrf"


async def entry(request: Request, *roles: str) -> Entry:
    """Who asks.

    Args:
        roles: who may; empty: everybody of the staff.

    Raises:
        NotAllowed (401), Forbidden (`role`, 403).
    """
    services = request.app.ctx.services
    changes = request.method not in ("GET", "HEAD")
    found: Entry = await asyncio.to_thread(
        services.desk.accounts.read,
        request.cookies.get(COOKIE) or "",
        services.wall.now(),
        csrf=request.headers.get(CSRF),
        changes=changes,
    )
    if roles and found.actor.role not in roles:
        raise Forbidden(f"{found.actor.role} may not do this", code="role")
    return found


def keep(response: HTTPResponse, value: str, *, secure: bool) -> HTTPResponse:
    """Set the session's cookie; an empty value takes it away."""
    response.cookies[COOKIE] = value
    cookie: Any = response.cookies[COOKIE]
    cookie["httponly"] = True
    cookie["samesite"] = "Strict"
    cookie["path"] = "/"
    if secure:
        cookie["secure"] = True
    if not value:
        cookie["max-age"] = 0
    return response
