"""Rasa's REST channel form: POST /webhooks/rest/webhook, from server to server.

The answer is waited for. When it takes longer than `WAIT` seconds, or the store went away after the message was
stored, the reply is 202 with one kind line: the message is kept, and the same `message_id` asks for its answer.
"""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Mapping
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels import bodies, replies
from bot.channels.bodies import Field
from bot.errors import BadInput, NotAllowed
from bot.services.conversation import Delayed
from bot.services.inbound import InboundMessage

CHANNEL = "rest"
WAIT = 20.0
BODY = {
    "sender": Field(str, required=True, plain=True),
    "message": Field(str, required=True, longest=bodies.MAX_TEXT),
    "message_id": Field(str, longest=bodies.MAX_ID, plain=True),
    "metadata": Field(dict),
    "input_channel": Field(str),  # of Rasa's own form; not used
    "stream": Field(bool),
}
rest = Blueprint("rest")


@rest.post("/webhooks/rest/webhook")
async def webhook(request: Request) -> HTTPResponse:
    """One message in, its answers out."""
    talk = request.app.ctx.talk
    _check_caller(request)
    body = bodies.read(request.body, BODY)
    token = _token(body.get("metadata") or {})
    accepted = await talk.accept(
        InboundMessage(CHANNEL, body["sender"], body["message"], body.get("message_id") or uuid.uuid4().hex, token)
    )
    try:
        stored = await talk.answer(accepted, WAIT)
    except Delayed:
        line = talk.compose.say("utter_delayed", "zh-Hans").text
        return replies.as_json([{"recipient_id": body["sender"], "text": line}], 202)
    level = 2
    if accepted.repeated:  # what the session may read now, not what it could when it first asked
        session = await talk.session(CHANNEL, body["sender"])
        level = session.level if session else 0
    talk.delivered([row["message_id"] for row in stored])
    hidden = talk.compose.say("utter_hidden", "zh-Hans").text
    return replies.as_json([_in_rasas_form(body["sender"], row, level, hidden) for row in stored])


@rest.get("/webhooks/rest/messages")
async def later(request: Request) -> HTTPResponse:
    """What was said without being asked for: by a colleague, the queue, a reminder. `after` is the last seq seen."""
    talk = request.app.ctx.talk
    _check_caller(request)
    sender = request.args.get("sender") or ""
    if not sender or len(sender) > 255 or not sender.isprintable():
        raise BadInput("say whose messages: ?sender=…&after=<seq>", code="missing_field")
    after = bodies.whole_number(request.args, "after", 0, 2**31 - 1)
    hidden = talk.compose.say("utter_hidden", "zh-Hans").text
    look = await talk.look(CHANNEL, sender, after, hidden)
    unasked = [one for one in look.messages if one["from"] != "borrower" and not one["answer"]]
    talk.delivered(look.replies)
    last = max((one["seq"] for one in look.messages), default=after)
    return replies.as_json(
        {
            "after": last,
            "messages": [{key: one[key] for key in ("seq", "from", "by", "text", "buttons", "at")} for one in unasked],
        }
    )


def _check_caller(request: Request) -> None:
    """Outside the demo the caller shows the token of the deployment."""
    settings = request.app.ctx.services.settings
    if settings.demo:
        return
    given = request.headers.get("authorization", "")
    expected = f"Bearer {settings.rest_token}".encode()
    if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected):
        raise NotAllowed("this route needs `Authorization: Bearer REST_TOKEN`", code="rest_token")


def _token(metadata: Mapping[str, Any]) -> str | None:
    """The lender's identity token; other metadata is the integrator's own and not looked at."""
    checked = bodies.check(
        {"identity_token": metadata.get("identity_token")},
        {"identity_token": Field(str, longest=bodies.MAX_TOKEN)},
        "metadata.",
    )
    return checked.get("identity_token")


def _in_rasas_form(recipient: str, row: Mapping[str, Any], level: int, hidden: str) -> dict[str, Any]:
    if row["level"] > level:
        return {"recipient_id": recipient, "text": hidden}
    reply: dict[str, Any] = {"recipient_id": recipient, "text": row["text"]}
    if row["buttons"]:
        reply["buttons"] = [{"title": button["title"], "payload": button["say"]} for button in row["buttons"]]
    if row["card"]:
        reply["custom"] = row["card"]
    return reply
