"""The desk's route for what was said elsewhere: in a branch, on the phone, in a letter."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from bot.channels import bodies, replies
from bot.channels.bodies import Field
from bot.channels.desk import LONGEST_ID, SERVING, change
from bot.channels.desk_auth import entry
from bot.services.channels import entered

desk_entered = Blueprint("desk_entered", url_prefix="/desk/api")
ENTERED = {
    "channel": Field(str, required=True, longest=20, plain=True),
    "text": Field(str, required=True, longest=entered.LONGEST * 2),
    "client_msg_id": Field(str, required=True, longest=bodies.MAX_ID, plain=True),
}


@desk_entered.post("/conversations/<conversation_id:str>/entered")
async def enter(request: Request, conversation_id: str) -> HTTPResponse:
    """Words of the customer that came in by another way; they join the one conversation and are not answered by themselves."""
    found = await entry(request, *SERVING)
    body = bodies.read(request.body, ENTERED)
    key = conversation_id[:LONGEST_ID]

    def write(connection: Connection, now: datetime) -> dict[str, Any]:
        request.app.ctx.services.desk.agents.may_see(connection, found.actor, key)
        return entered.enter(connection, found.actor, key, body["channel"], body["text"], body["client_msg_id"], now)

    return replies.as_json(await change(request, write, key, desk=False), 201)
