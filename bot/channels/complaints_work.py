"""The desk's routes around the contents of a case: evidence, documents, remedies, actions, links."""

from __future__ import annotations

import asyncio
from datetime import date, datetime

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from bot.channels import bodies, replies
from bot.channels.bodies import Field
from bot.channels.complaints import LONGEST_REF, READING, SENIOR, SERVING, change
from bot.channels.desk import look
from bot.channels.desk_auth import entry
from bot.channels.uploading import whole_body
from bot.errors import BadInput
from bot.lending.authority import Actor
from bot.nlu.redact import redact
from bot.services import uploads
from bot.services.complaints import assigning, evidence, following, improving, remedies
from bot.services.complaints.rows import Row, at_version, case, staff
from bot.services.complaints.rows import change as changed

complaints_work = Blueprint("complaints_work", url_prefix="/desk/api/complaints")
NOBODY = ""  # documents of whoever is not a customer


def case_of(connection: Connection, actor: Actor, ref: str, *, lock: bool = True) -> Row:
    """The case, locked when something is to be changed; not there for whoever it is about."""
    row = case(connection, ref[:LONGEST_REF], lock=lock)
    assigning.keep_out(row, actor.staff_id)
    return row


# -- evidence


@complaints_work.post("/<ref:str>/note")
async def note(request: Request, ref: str) -> HTTPResponse:
    found = await entry(request, *SERVING)
    body = bodies.read(request.body, {"text": Field(str, required=True, longest=4000)})
    text = redact(body["text"])
    made = await change(
        request,
        lambda c, now: evidence.add(c, case_of(c, found.actor, ref), staff(found.actor), "note", "", text, now),
    )
    return replies.as_json(made, 201)


@complaints_work.post("/<ref:str>/evidence")
async def add_evidence(request: Request, ref: str) -> HTTPResponse:
    """A ledger row, payment, message, call, arrangement or document of the same person, with its hash."""
    found = await entry(request, *SERVING)
    body = bodies.read(
        request.body,
        {
            "kind": Field(str, required=True, longest=12, plain=True),
            "pointer": Field(str, longest=120),
            "label": Field(str, required=True, longest=1000),
        },
    )
    given = (body["kind"], body.get("pointer") or "", redact(body["label"]))
    made = await change(
        request, lambda c, now: evidence.add(c, case_of(c, found.actor, ref), staff(found.actor), *given, now)
    )
    return replies.as_json(made, 201)


@complaints_work.post("/<ref:str>/documents", stream=True)
async def add_document(request: Request, ref: str) -> HTTPResponse:
    """A file for the case: checked by its content as every document, kept outside every web root."""
    found = await entry(request, *SERVING)
    label = (request.args.get("label") or "")[:1000].strip()
    await look(request, lambda c: case_of(c, found.actor, ref, lock=False))
    content = await whole_body(request)
    kind = await asyncio.to_thread(uploads.checked, content)
    services = request.app.ctx.services

    def write(connection: Connection, now: datetime) -> dict[str, str]:
        row = case_of(connection, found.actor, ref)
        document = services.uploads.keep(connection, row["ref"], row["customer_id"] or NOBODY, kind, content, now)
        who = staff(found.actor)
        made = evidence.add(connection, row, who, "document", document, label or kind, now)
        return {"document": document, **made}

    return replies.as_json(await change(request, write), 201)


@complaints_work.get("/<ref:str>/documents/<document_id:str>")
async def document(request: Request, ref: str, document_id: str) -> HTTPResponse:
    """To be saved: never shown inside a page of ours."""
    found = await entry(request, *READING)

    def read(connection: Connection) -> bool:
        row = case_of(connection, found.actor, ref, lock=False)
        kept = evidence.of_case(connection, row["ref"])
        return any(one["kind"] == "document" and one["pointer"] == document_id for one in kept)

    if not await look(request, read):
        raise BadInput("no such document of this case", code="document")
    content = await asyncio.to_thread(request.app.ctx.services.uploads.content, document_id)
    headers = {"Content-Disposition": 'attachment; filename="document"', "Content-Security-Policy": "sandbox"}
    return HTTPResponse(body=content, content_type="application/octet-stream", headers=headers)


@complaints_work.post("/<ref:str>/split")
async def split(request: Request, ref: str) -> HTTPResponse:
    """A contact that was attached by mistake becomes a case of its own."""
    found = await entry(request, *SERVING)
    wanted = {name: Field(str, required=True, longest=400) for name in ("contact_id", "reason")}
    body = bodies.read(request.body, {"version": Field(int, required=True), **wanted})
    splitting = request.app.ctx.services.complaints.splitting

    def write(connection: Connection, now: datetime) -> str:
        row = at_version(connection, ref[:LONGEST_REF], body["version"])
        assigning.keep_out(row, found.actor.staff_id)
        made: str = splitting.split(connection, row, staff(found.actor), body["contact_id"][:32], body["reason"], now)
        return made

    return replies.as_json({"ref": await change(request, write)}, 201)


# -- remedies


@complaints_work.post("/<ref:str>/remedies")
async def propose(request: Request, ref: str) -> HTTPResponse:
    found = await entry(request, *SERVING)
    body = bodies.read(
        request.body,
        {
            "kind": Field(str, required=True, longest=12, plain=True),
            "words": Field(str, required=True, longest=1000),
            "loan_id": Field(str, longest=32, plain=True),
            "cents": Field(int),
            "source": Field(str, longest=10),
        },
    )
    basis, words = request.app.ctx.services.complaints.basis, redact(body["words"])
    money = {"loan_id": body.get("loan_id"), "cents": body.get("cents") or 0, "source": body.get("source")}
    made = await change(
        request,
        lambda c, now: remedies.propose(
            c, basis, case_of(c, found.actor, ref), found.actor, body["kind"], words, now, **money
        ),
    )
    return replies.as_json({key: made[key] for key in ("remedy_id", "needs", "status")}, 201)


@complaints_work.post("/<ref:str>/remedies/<remedy_id:str>/approve")
async def approve(request: Request, ref: str, remedy_id: str) -> HTTPResponse:
    found = await entry(request, *SERVING)
    basis = request.app.ctx.services.complaints.basis
    status = await change(
        request,
        lambda c, now: remedies.approve(c, basis, case_of(c, found.actor, ref), found.actor, remedy_id[:32], now),
    )
    return replies.as_json({"status": status})


@complaints_work.post("/<ref:str>/remedies/<remedy_id:str>/refuse")
async def refuse(request: Request, ref: str, remedy_id: str) -> HTTPResponse:
    found = await entry(request, *SENIOR)
    body = bodies.read(request.body, {"reason": Field(str, required=True, longest=400)})
    status = await change(
        request,
        lambda c, now: remedies.refuse(
            c, case_of(c, found.actor, ref), found.actor, remedy_id[:32], body["reason"], now
        ),
    )
    return replies.as_json({"status": status})


# -- actions and links


@complaints_work.post("/<ref:str>/actions")
async def plan(request: Request, ref: str) -> HTTPResponse:
    found = await entry(request, *SERVING)
    body = bodies.read(
        request.body,
        {
            "kind": Field(str, required=True, longest=12, plain=True),
            "words": Field(str, required=True, longest=1000),
            "owner": Field(str, required=True, longest=40, plain=True),
            "due_on": Field(str, required=True, longest=10),
        },
    )
    try:
        due = date.fromisoformat(body["due_on"])
    except ValueError:
        raise BadInput("a day is written 2026-11-30", code="due_on") from None
    basis = request.app.ctx.services.complaints.basis
    given = (body["kind"], redact(body["words"]), body["owner"], due)
    action_id = await change(
        request, lambda c, now: improving.plan(c, basis, case_of(c, found.actor, ref), found.actor, *given, now)
    )
    return replies.as_json({"action_id": action_id}, 201)


@complaints_work.post("/<ref:str>/actions/<action_id:str>/done")
async def action_done(request: Request, ref: str, action_id: str) -> HTTPResponse:
    found = await entry(request, *SERVING)
    await change(
        request, lambda c, now: improving.done(c, case_of(c, found.actor, ref), found.actor, action_id[:32], now)
    )
    return replies.as_json({"ok": True, "told": 0})


@complaints_work.post("/<ref:str>/actions/<action_id:str>/verify")
async def action_verified(request: Request, ref: str, action_id: str) -> HTTPResponse:
    found = await entry(request, *SENIOR)
    body = bodies.read(request.body, {"effective": Field(bool, required=True)})
    basis = request.app.ctx.services.complaints.basis
    told = await change(
        request,
        lambda c, now: improving.verify(
            c, basis, case_of(c, found.actor, ref), found.actor, action_id[:32], body["effective"], now
        ),
    )
    return replies.as_json({"ok": True, "told": told})


@complaints_work.post("/<ref:str>/links/revoke")
async def revoke(request: Request, ref: str) -> HTTPResponse:
    """Every link that was handed out for this case ends."""
    found = await entry(request, *SERVING)
    basis = request.app.ctx.services.complaints.basis

    def write(connection: Connection, now: datetime) -> int:
        row = case_of(connection, found.actor, ref)
        ended = following.revoke(connection, basis, row["ref"])
        changed(connection, row, "links_revoked", staff(found.actor), now, "", {"links": ended})
        return ended

    return replies.as_json({"revoked": await change(request, write)})
