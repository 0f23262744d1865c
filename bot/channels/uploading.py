"""Reading a document out of a request that may be larger than a message: only the routes that say so."""

from __future__ import annotations

from sanic.request import Request

from bot.errors import BadInput
from bot.services import uploads

ROOM = 16 * 1024  # bytes around a document: headers, other fields


async def whole_body(request: Request, most: int = uploads.LARGEST) -> bytes:
    """The body of a streaming route, up to `most` bytes. Raises BadInput (`too_large`)."""
    request.stream.request_max_size = most + ROOM
    content = bytearray()
    while True:
        part = await request.stream.read()
        if part is None:
            return bytes(content)
        content += part
        if len(content) > most + ROOM:
            raise BadInput(f"at most {most // 1024 // 1024} MB can be taken", code="too_large")
