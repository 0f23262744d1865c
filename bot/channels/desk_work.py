"""The desk's routes around a customer: panel, reveal, what-if, offers, promises, calls, corrections; the supervisor's view.

Cases are decided through `/staff/cases` with the same cookie. Every look at a customer names its purpose.
"""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from bot.channels import bodies, replies
from bot.channels.bodies import Field
from bot.channels.desk import LONGEST_ID, READING, SERVING, change, look
from bot.channels.desk_auth import entry
from bot.channels.staff import wish
from bot.errors import BadInput, Forbidden
from bot.lending.authority import Actor
from bot.services.desk import access, corrections
from bot.services.desk import handover_rows as ho
from bot.store import conversation_rows as rows
from bot.store.arranging import locked
from bot.store.desk_schema import interactions

desk_work = Blueprint("desk_work", url_prefix="/desk/api")
LONGEST_CUSTOMER = 64
CHANNELS = ("phone", "branch", "letter")
OUTCOMES = ("reached", "no_answer", "wrong_number", "promise", "dispute", "visited", "other")
REVEAL = {
    "datum": Field(str, required=True, longest=20, plain=True),
    "purpose": Field(str, required=True, longest=120, plain=True),
}
PROMISE = {
    "loan_id": Field(str, required=True, longest=32, plain=True),
    "cents": Field(int, required=True),
    "by_day": Field(str, required=True, longest=10, plain=True),
}
INTERACTION = {
    "channel": Field(str, required=True, longest=20, plain=True),
    "direction": Field(str, required=True, longest=4, plain=True),
    "outcome": Field(str, required=True, longest=20, plain=True),
    "note": Field(str, required=True, longest=2000),
}
CORRECTION = {"seq": Field(int, required=True), "better": Field(str, longest=2000)}
WISH = {"loan_id": Field(str, required=True, longest=32, plain=True), "wish": Field(dict, required=True)}


def _of(request: Request, actor: Actor, connection: Connection, conversation_id: str) -> tuple[Any, str]:
    """The conversation and its proven customer, for whoever may see it. Raises Forbidden (`not_verified`)."""
    request.app.ctx.services.desk.agents.may_see(connection, actor, conversation_id)
    conversation = rows.conversation(connection, conversation_id)
    if conversation.customer_id is None:
        raise Forbidden("nobody has proven who they are in this conversation", code="not_verified")
    return conversation, conversation.customer_id


@desk_work.get("/conversations/<conversation_id:str>/customer")
async def panel(request: Request, conversation_id: str) -> HTTPResponse:
    """Everything held about the conversation's customer, personal numbers masked. `purpose` is needed without a handover."""
    found = await entry(request, *READING)
    services, key = request.app.ctx.services, conversation_id[:LONGEST_ID]
    given = (request.args.get("purpose") or "").strip()

    def read(connection: Connection) -> tuple[str, str, dict[str, Any]]:
        _, customer_id = _of(request, found.actor, connection, key)
        handover = ho.owed(connection, key)
        if handover is None and not given:
            raise BadInput("say why: ?purpose=…", code="purpose")
        today = services.desk.basis.today(services.clock.now())
        why = given or f"handover {handover['ref']}"
        return customer_id, why, services.desk.panel.of(connection, customer_id, today)

    customer_id, why, shown = await look(request, read)
    await _log(request, found.actor, "view_customer", why, customer_id, key)
    return replies.as_json(shown)


@desk_work.post("/conversations/<conversation_id:str>/reveal")
async def reveal(request: Request, conversation_id: str) -> HTTPResponse:
    """One personal datum in full, for a purpose; logged before it is shown."""
    found = await entry(request, *SERVING)
    body = bodies.read(request.body, REVEAL)
    services, key = request.app.ctx.services, conversation_id[:LONGEST_ID]
    if len(body["purpose"].strip()) < 2:
        raise BadInput("say why it is needed", code="purpose")
    _, customer_id = await look(request, lambda c: _of(request, found.actor, c, key))
    value = await asyncio.to_thread(services.desk.panel.reveal, customer_id, body["datum"])
    await _log(request, found.actor, f"reveal_{body['datum']}", body["purpose"], customer_id, key)
    return replies.as_json({"datum": body["datum"], "value": value})


async def _log(request: Request, actor: Actor, what: str, why: str, customer_id: str, conversation_id: str) -> None:
    def write(connection: Connection, now: datetime) -> None:
        access.record(connection, actor, what, why, now, customer_id=customer_id, conversation_id=conversation_id)

    await change(request, write, desk=False)


@desk_work.post("/conversations/<conversation_id:str>/verify")
async def verify(request: Request, conversation_id: str) -> HTTPResponse:
    """Ask the borrower to prove who they are; the login itself is theirs."""
    found = await entry(request, *SERVING)
    services, key = request.app.ctx.services, conversation_id[:LONGEST_ID]

    def write(connection: Connection, now: datetime) -> None:
        services.desk.agents.may_see(connection, found.actor, key)
        services.desk.basis.say(connection, key, "utter_verify_please", now)

    await change(request, write, key, desk=False)
    return replies.as_json({"ok": True})


# -- plans, promises, calls


@desk_work.post("/conversations/<conversation_id:str>/what-if")
async def what_if(request: Request, conversation_id: str) -> HTTPResponse:
    """A wish drawn up on today's ledger: before, after, who must agree. Nothing is kept."""
    found = await entry(request, *SERVING)
    body = bodies.read(request.body, WISH)
    services, key = request.app.ctx.services, conversation_id[:LONGEST_ID]
    await look(request, lambda c: _own_loan(request, found.actor, c, key, body["loan_id"]))
    return replies.as_json(await asyncio.to_thread(services.cases.what_if, body["loan_id"], wish(body["wish"])))


@desk_work.post("/conversations/<conversation_id:str>/offers")
async def offer(request: Request, conversation_id: str) -> HTTPResponse:
    """Offer it: approved as far as the colleague's authority goes, otherwise a case for whoever must agree besides."""
    found = await entry(request, *SERVING)
    body = bodies.read(request.body, WISH)
    services, key = request.app.ctx.services, conversation_id[:LONGEST_ID]
    conversation = await look(request, lambda c: _own_loan(request, found.actor, c, key, body["loan_id"]))
    made = await asyncio.to_thread(
        services.cases.offer, found.actor, body["loan_id"], wish(body["wish"]), key, conversation[1]
    )
    await _log(request, found.actor, "offer", made["ref"], conversation[0].customer_id, key)
    await request.app.ctx.talk.tell([key])
    return replies.as_json(made, 201)


def _own_loan(
    request: Request, actor: Actor, connection: Connection, conversation_id: str, loan_id: str
) -> tuple[Any, str]:
    """The conversation whose customer has this loan, and its channel. Raises Forbidden (`other_customer`)."""
    conversation, customer_id = _of(request, actor, connection, conversation_id)
    if loan_id not in {loan.loan_id for loan in request.app.ctx.services.loans.loans(customer_id)}:
        raise Forbidden("this loan is not of this customer", code="other_customer")
    handover = ho.owed(connection, conversation_id)
    return conversation, handover["channel"] if handover is not None else "desk"


@desk_work.post("/conversations/<conversation_id:str>/promises")
async def promise(request: Request, conversation_id: str) -> HTTPResponse:
    """What the borrower promised to pay, and by when; it takes the place of the open promise of the loan."""
    found = await entry(request, *SERVING)
    body = bodies.read(request.body, PROMISE)
    services, key = request.app.ctx.services, conversation_id[:LONGEST_ID]
    day = _day(body["by_day"])

    def write(connection: Connection, now: datetime) -> str:
        conversation, channel = _own_loan(request, found.actor, connection, key, body["loan_id"])
        loan = locked(connection, body["loan_id"])
        ref: str = services.promises.record(connection, loan, body["cents"], day, key, channel, now)
        access.record(
            connection,
            found.actor,
            "promise",
            ref,
            now,
            customer_id=conversation.customer_id,
            conversation_id=key,
        )
        return ref

    return replies.as_json({"ref": await change(request, write, key, desk=False)}, 201)


@desk_work.post("/conversations/<conversation_id:str>/interactions")
async def interaction(request: Request, conversation_id: str) -> HTTPResponse:
    """A call or a visit, entered by a colleague into the same history."""
    found = await entry(request, *SERVING)
    body = bodies.read(request.body, INTERACTION)
    for name, known in (("channel", CHANNELS), ("direction", ("in", "out")), ("outcome", OUTCOMES)):
        if body[name] not in known:
            raise BadInput(f"{name} must be one of {', '.join(known)}", code=name)
    key = conversation_id[:LONGEST_ID]

    def write(connection: Connection, now: datetime) -> str:
        _, customer_id = _of(request, found.actor, connection, key)
        interaction_id = rows.new_id()
        connection.execute(
            interactions.insert().values(
                interaction_id=interaction_id,
                customer_id=customer_id,
                conversation_id=key,
                staff_id=found.actor.staff_id,
                at=now,
                **body,
            )
        )
        return interaction_id

    return replies.as_json({"interaction_id": await change(request, write, key, desk=False)}, 201)


@desk_work.post("/callbacks/<callback_id:str>")
async def called(request: Request, callback_id: str) -> HTTPResponse:
    """How a callback went: reached, no_answer, wrong_number."""
    found = await entry(request, *SERVING)
    body = bodies.read(request.body, {"outcome": Field(str, required=True, longest=20, plain=True)})
    services = request.app.ctx.services
    await change(
        request,
        lambda c, now: services.desk.agents.called(c, found.actor, callback_id[:LONGEST_ID], body["outcome"], now),
    )
    return replies.as_json({"ok": True})


@desk_work.post("/conversations/<conversation_id:str>/corrections")
async def correct(request: Request, conversation_id: str) -> HTTPResponse:
    """「不对」 on a bot's message, with what it should have said or without: a masked candidate for trainers."""
    found = await entry(request, *SERVING)
    body = bodies.read(request.body, CORRECTION)
    services, key = request.app.ctx.services, conversation_id[:LONGEST_ID]

    def write(connection: Connection, now: datetime) -> str:
        services.desk.agents.may_see(connection, found.actor, key)
        customer_id = rows.conversation(connection, key).customer_id
        name = services.loans.customer(customer_id).name if customer_id else None
        return corrections.add(connection, found.actor, key, body["seq"], body.get("better") or "", name, now)

    return replies.as_json({"correction_id": await change(request, write, desk=False)}, 201)


# -- supervisors and compliance


@desk_work.get("/overview")
async def overview(request: Request) -> HTTPResponse:
    await entry(request, "lead", "supervisor", "compliance")
    services = request.app.ctx.services
    return replies.as_json(await look(request, lambda c: services.desk.overview.of(c, services.clock.now())))


@desk_work.get("/access-log")
async def access_log(request: Request) -> HTTPResponse:
    """Newest first; `customer` or `staff` narrow it."""
    await entry(request, "supervisor", "compliance")
    customer = (request.args.get("customer") or "")[:LONGEST_CUSTOMER] or None
    staff_id = (request.args.get("staff") or "")[:LONGEST_CUSTOMER] or None
    return replies.as_json(
        {"entries": await look(request, lambda c: access.latest(c, customer_id=customer, staff_id=staff_id))}
    )


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise BadInput("a day is written 2026-11-30", code="by_day") from error
