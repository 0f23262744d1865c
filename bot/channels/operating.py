"""What operators and machines look at: health, metrics, the routes and events in machine-readable form."""

from __future__ import annotations

import asyncio
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels import replies
from bot.errors import StoreUnavailable
from bot.services.conversation import ConversationService, count_pending

operating = Blueprint("operating")
HEALTH_SECONDS = 3.0


@operating.get("/health")
async def health(request: Request) -> HTTPResponse:
    """Live as soon as it answers; ready when the database takes writes, can be read, and nothing is stopping."""
    talk: ConversationService = request.app.ctx.talk
    reasons = []
    if talk.stopping:
        reasons.append("stopping")
    if not talk.work.up:
        reasons.append("database: the last write failed")
    pending = None
    try:
        pending = await asyncio.wait_for(talk.work.read(count_pending), HEALTH_SECONDS)
    except (StoreUnavailable, asyncio.TimeoutError):
        reasons.append("database: cannot be read")
    body: dict[str, Any] = {
        "live": True,
        "ready": not reasons,
        "reasons": reasons,
        "model": talk.services.brain.model_id,
        "pending": pending,
    }
    return replies.as_json(body, 503 if reasons else 200)


@operating.get("/metrics")
async def metrics(request: Request) -> HTTPResponse:
    talk: ConversationService = request.app.ctx.talk
    talk.measures.store_up.set(1 if talk.work.up else 0)
    try:
        talk.measures.pending.set(await asyncio.wait_for(talk.work.read(count_pending), HEALTH_SECONDS))
        for channel, number in (await request.app.ctx.platforms.queued()).items():
            talk.measures.queued.labels(channel).set(number)
    except (StoreUnavailable, asyncio.TimeoutError):
        talk.measures.store_up.set(0)
    return HTTPResponse(generate_latest(talk.measures.registry), content_type=CONTENT_TYPE_LATEST)


@operating.get("/openapi.json")
async def openapi(request: Request) -> HTTPResponse:
    return replies.as_json(request.app.ctx.api)


@operating.get("/asyncapi.json")
async def asyncapi(request: Request) -> HTTPResponse:
    """What the signed webhook posts and takes, in machine-readable form."""
    return replies.as_json(request.app.ctx.events)
