"""A complaint that an agent enters: it came by phone, letter, branch or any channel without an adapter. See docs/complaints.md."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels import bodies, replies
from bot.channels.bodies import Field
from bot.channels.complaints import CHANNELS, SERVING, change, ids
from bot.channels.desk_auth import entry
from bot.errors import BadInput, NotFound
from bot.nlu.redact import redact
from bot.services.complaints import letters
from bot.services.complaints.lodgement import NEW, Lodging

complaints_entry = Blueprint("complaints_entry", url_prefix="/desk/api/complaints")
MOST_WORDS = 20_000
ENTRY = {
    "words": Field(str, required=True, longest=MOST_WORDS),
    "channel": Field(str, required=True, longest=20, plain=True),
    "customer_id": Field(str, longest=64, plain=True),
    "loan_id": Field(str, longest=32, plain=True),
    "demand": Field(str, longest=4000),
    "received_at": Field(str, longest=40),
    "complainant": Field(str, longest=12),
    "language": Field(str, longest=10),
    "name": Field(str, longest=80),
    "phone": Field(str, longest=40),
    "email": Field(str, longest=120),
    "accused": Field(list),
}


@complaints_entry.post("/")
async def enter(request: Request) -> HTTPResponse:
    """A complaint that came by phone, letter, branch or any channel without an adapter; on the clock of when it came."""
    found = await entry(request, *SERVING)
    services = request.app.ctx.services
    body = bodies.read(request.body, ENTRY)
    lodging = await asyncio.to_thread(_lodging, services, body, found.actor.staff_id)
    intake, now = services.complaints.intake, services.clock.now()
    reading = await asyncio.to_thread(intake.read, lodging, now)
    made = await change(request, lambda c, now: intake.lodge(c, lodging, now, reading))
    clocks = made.clocks
    return replies.as_json(
        {
            "ref": made.ref,
            "merged": made.kind != NEW,
            "kind": made.kind,
            "target_by": clocks.target_by.isoformat(),
            "legal_by": clocks.legal_by.isoformat(),
            "told_by": clocks.told_by.isoformat(),
        },
        201,
    )


# -- parts


def _lodging(services: Any, body: dict[str, Any], staff_id: str) -> Lodging:
    """Raises BadInput (`channel`, `customer_id`, `loan_id`, `received_at`, `complainant`, `words`)."""
    if not body["words"].strip():
        raise BadInput("what was complained of is missing", code="words")
    if body["channel"] not in CHANNELS:
        raise BadInput(f"channel is one of {', '.join(CHANNELS)}", code="channel")
    customer, loan = body.get("customer_id"), body.get("loan_id")
    if customer is not None:
        try:
            services.loans.customer(customer)
        except NotFound:
            raise BadInput("no such customer", code="customer_id") from None
        if loan is not None and loan not in {one.loan_id for one in services.loans.loans(customer)}:
            raise BadInput("no such loan of the customer", code="loan_id")
    elif loan is not None:
        raise BadInput("a loan needs its customer", code="loan_id")
    complainant = body.get("complainant") or ("borrower" if customer else "unknown")
    if complainant not in ("borrower", "third_party", "unknown"):
        raise BadInput("complainant is borrower, third_party or unknown", code="complainant")
    basis = services.complaints.basis
    phone = (body.get("phone") or "").strip()
    whose = customer and f"customer:{customer}"
    by = whose or (f"phone:{basis.mark('phone', phone)[:32]}" if phone else f"entry:{basis.mark(body['words'])[:32]}")
    return Lodging(
        words=redact(body["words"].strip()),
        channel=body["channel"],
        language=body["language"] if body.get("language") in letters.LANGUAGES else "zh-Hans",
        sender=by,
        received_at=_received(body.get("received_at"), services.clock.now()),
        complainant=complainant,
        customer_id=customer,
        loan_id=loan,
        demand=redact(body.get("demand") or ""),
        name=body.get("name") or "",
        phone=phone,
        email=body.get("email") or "",
        accused=tuple(ids(body.get("accused") or [], "accused")),
        entered_by=staff_id,
    )


def _received(written: str | None, now: datetime) -> datetime:
    """When it came in: the clock counts from there, so it lies in the past, and not long ago."""
    if not written:
        return now
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        at = datetime.min
    if at.tzinfo is None or not now - timedelta(days=60) <= at <= now:
        raise BadInput("received_at is a moment with its zone, in the last 60 days", code="received_at")
    return at
