"""One route for every platform: verified and read by its adapter, stored, acknowledged at once.

    GET, POST /channels/<name>[/<part>]

A request that is not the platform's is refused with 401 and nothing else; one that cannot be stored now with 503, so that the
platform sends it again. Answers leave by the outbox; a platform that takes its answer in the same reply (`Reception.wait`)
gets it there, if it is ready in time.
"""

from __future__ import annotations

import asyncio

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.errors import BadInput, NotFound
from bot.services.channels.model import Hook, Reception, SignatureRefused
from bot.services.channels.platforms import Platforms

LARGEST = 3 * 1024 * 1024  # bytes; WhatsApp says that its webhooks may be so large
hooks = Blueprint("hooks", url_prefix="/channels")


@hooks.route("/<name:str>", methods=["GET", "POST"], stream=True)
async def hook(request: Request, name: str) -> HTTPResponse:
    return await _answer(request, name, "")


@hooks.route("/<name:str>/<part:path>", methods=["GET", "POST"], name="hook_part", stream=True)
async def hook_part(request: Request, name: str, part: str) -> HTTPResponse:
    return await _answer(request, name, part)


async def _answer(request: Request, name: str, part: str) -> HTTPResponse:
    platforms: Platforms = request.app.ctx.platforms
    adapter = platforms.adapters.get(name)
    if adapter is None:
        raise NotFound("no such channel here")
    seen = Hook(
        request.method,
        part,
        {key: str(values[0]) for key, values in request.args.items()},
        {key.lower(): value for key, value in request.headers.items()},
        await _body(request),
        platforms.wall.now(),
        platforms.base_url + request.server_path + (f"?{request.query_string}" if request.query_string else ""),
    )
    counted = platforms.measures.hooks
    try:
        # Reading may mean decrypting and parsing: off the loop only where it could take long.
        reception = adapter.receive(seen) if len(seen.body) < 16_384 else await asyncio.to_thread(adapter.receive, seen)
    except SignatureRefused:
        counted.labels(name, "signature").inc()
        raise
    except BadInput:
        counted.labels(name, "unreadable").inc()
        raise
    counted.labels(name, "read").inc()
    passive = await platforms.take(adapter, seen, reception)
    return _response(reception if passive is None else passive)


async def _body(request: Request) -> bytes:
    """At most what the largest platform sends at once; this route alone takes more than a message.

    Raises:
        BadInput: `too_large`.
    """
    request.stream.request_max_size = LARGEST + 1024
    content = bytearray()
    while (part := await request.stream.read()) is not None:
        content += part
        if len(content) > LARGEST:
            raise BadInput(f"a request may have {LARGEST // 1024 // 1024} MB", code="too_large")
    return bytes(content)


def _response(reception: Reception) -> HTTPResponse:
    return HTTPResponse(reception.body, status=reception.status, content_type=reception.content_type)
