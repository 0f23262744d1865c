"""The desk's routes around complaints: board, file, classification, assignment, verbs. Documented in docs/complaints.md.

Thin: who asks, what, one transaction. Opening a file is logged with its purpose. The other half: `complaints_work`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from bot.channels import bodies, replies
from bot.channels.bodies import Field
from bot.channels.desk_auth import entry
from bot.errors import BadInput, NotFound
from bot.lending.complaint_policy import EVIDENCE, MERITS, PREVENTABILITY, ROOT_CAUSES, Level, RemedyKind
from bot.lending.complaint_states import State, Verb
from bot.nlu.redact import redact
from bot.services.complaints import assigning, board, compliance, file, letters, readings
from bot.services.complaints.lodging import NEW, Lodging
from bot.services.complaints.rows import Row, at_version, staff
from bot.services.desk import access

complaints = Blueprint("complaints", url_prefix="/desk/api/complaints")
T = TypeVar("T")
SERVING = ("agent", "lead", "supervisor")
SENIOR = ("lead", "supervisor")
READING = (*SERVING, "compliance")
LONGEST_REF = 24
FILTERS = ("state", "level", "l1", "handler", "clock", "q", "page")
MOST_WORDS = 20_000
CHANNELS = ("phone", "branch", "letter", "email", "sms", "wechat", "weibo", "app", "regulator", "rest", "web")
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
VERSION = {"version": Field(int, required=True)}
REASON = {**VERSION, "reason": Field(str, longest=400)}
DO = {
    **REASON,
    **{
        name: Field(str, longest=8000)
        for name in ("question", "findings", "merit", "grounds", "demand", "root_cause", "preventability", "owner")
    },
    "lesson": Field(str, longest=4000),
    "letter_id": Field(str, longest=32),
    "evidence_id": Field(str, longest=32),
    "into": Field(str, longest=LONGEST_REF),
    "systemic": Field(bool),
}


async def change(request: Request, job: Callable[[Connection, datetime], T]) -> T:
    """`job` in one transaction."""
    talk = request.app.ctx.talk
    done: T = await talk.work.write_at(talk.services, lambda c, now, wall: job(c, now))
    return done


async def look(request: Request, job: Callable[[Connection], T]) -> T:
    """`job` on a snapshot."""
    found: T = await request.app.ctx.talk.work.read(job)
    return found


@complaints.get("/")
async def the_board(request: Request) -> HTTPResponse:
    found = await entry(request, *READING)
    services = request.app.ctx.services
    asked = {key: request.args.get(key) for key in FILTERS}
    now = services.clock.now()
    return replies.as_json(
        await look(request, lambda c: board.board(c, services.complaints.basis, found.actor, asked, now))
    )


@complaints.post("/")
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


@complaints.get("/catalogue")
async def catalogue(request: Request) -> HTTPResponse:
    """Every word that the screens choose from."""
    await entry(request, *READING)
    services = request.app.ctx.services
    return replies.as_json(
        {
            "states": [one.value for one in State],
            "verbs": [one.value for one in Verb],
            "l1": readings.taxonomy(),
            "urgency": [one.value for one in Level],
            "remedies": [one.value for one in RemedyKind],
            "root_causes": list(ROOT_CAUSES),
            "preventability": list(PREVENTABILITY),
            "merit": list(MERITS),
            "evidence": list(EVIDENCE),
            "owners": list(services.complaints.basis.policy(services.clock.now()).owners),
            "languages": list(letters.LANGUAGES),
            "sections": letters.catalogue()["sections"],
            "channels": list(CHANNELS),
        }
    )


@complaints.get("/compliance")
async def compliance_page(request: Request) -> HTTPResponse:
    await entry(request, *SENIOR, "compliance")
    services = request.app.ctx.services
    now = services.clock.now()
    return replies.as_json(await look(request, lambda c: compliance.page(c, services.complaints.basis, now)))


@complaints.get("/<ref:str>")
async def the_file(request: Request, ref: str) -> HTTPResponse:
    """All of a case; who opened it is in the access log."""
    found = await entry(request, *READING)
    services, key = request.app.ctx.services, ref[:LONGEST_REF]
    now = services.clock.now()
    shown = await look(request, lambda c: file.opened(c, services.complaints.basis, found.actor, key, now))
    await change(
        request,
        lambda c, now: access.record(
            c,
            found.actor,
            "view_complaint",
            key,
            now,
            customer_id=shown["case"]["customer_id"],
            conversation_id=shown["case"]["conversation_id"],
        ),
    )
    return replies.as_json(shown)


@complaints.post("/<ref:str>/do/<verb:str>")
async def do(request: Request, ref: str, verb: str) -> HTTPResponse:
    """A transition of the table. 409 `state`, `changed`, or what is missing; 403 who may not."""
    found = await entry(request, *SERVING)
    body = bodies.read(request.body, DO)
    handling, key = request.app.ctx.services.complaints.handling, ref[:LONGEST_REF]
    made = await change(request, lambda c, now: handling.do(c, found.actor, key, verb, body["version"], body, now))
    return replies.as_json(_state(made))


@complaints.post("/<ref:str>/assign")
async def assign(request: Request, ref: str) -> HTTPResponse:
    """To somebody (seniors), to oneself, or to the next by skill and load."""
    found = await entry(request, *SERVING)
    body = bodies.read(request.body, {**REASON, "to": Field(str, longest=64, plain=True)})
    to = body.get("to")
    if to is not None and to != found.actor.staff_id:
        await entry(request, *SENIOR)

    def write(connection: Connection, now: datetime) -> Row:
        row = _mine(connection, found.actor.staff_id, ref, body)
        return assigning.assign(connection, row, staff(found.actor), to, now, body.get("reason") or "")

    made = await change(request, write)
    return replies.as_json({"handler": made["handler"], "version": made["version"]})


@complaints.post("/<ref:str>/accused")
async def accused(request: Request, ref: str) -> HTTPResponse:
    found = await entry(request, *SENIOR)
    body = bodies.read(request.body, {**VERSION, "staff": Field(list, required=True)})
    named = _ids(body["staff"], "staff")

    def write(connection: Connection, now: datetime) -> Row:
        row = _mine(connection, found.actor.staff_id, ref, body)
        return assigning.accuse(connection, row, staff(found.actor), named, now)

    made = await change(request, write)
    return replies.as_json({"handler": made["handler"], "version": made["version"]})


@complaints.post("/<ref:str>/classify")
async def classify(request: Request, ref: str) -> HTTPResponse:
    """A person's reading; the model's stays beside it."""
    found = await entry(request, *SERVING)
    body = bodies.read(
        request.body,
        {**REASON, **{name: Field(str, required=True, longest=30, plain=True) for name in ("l1", "l2", "urgency")}},
    )
    basis = request.app.ctx.services.complaints.basis

    def write(connection: Connection, now: datetime) -> Row:
        row = _mine(connection, found.actor.staff_id, ref, body)
        who, said = staff(found.actor), (body["l1"], body["l2"], body["urgency"])
        return readings.correct(connection, basis, row, who, *said, body.get("reason") or "", now)

    made = await change(request, write)
    return replies.as_json({**_state(made), "target_by": made["target_by"].isoformat()})


@complaints.post("/<ref:str>/escalate")
async def escalate(request: Request, ref: str) -> HTTPResponse:
    found = await entry(request, *SERVING)
    body = bodies.read(request.body, {**VERSION, "reason": Field(str, required=True, longest=400)})
    handling, key = request.app.ctx.services.complaints.handling, ref[:LONGEST_REF]
    made = await change(
        request, lambda c, now: handling.escalate(c, found.actor, key, body["version"], body["reason"], now)
    )
    return replies.as_json({"escalated": made["escalated"], "version": made["version"]})


@complaints.post("/<ref:str>/extend")
async def extend(request: Request, ref: str) -> HTTPResponse:
    found = await entry(request, *SENIOR)
    body = bodies.read(
        request.body,
        {**VERSION, "to": Field(int, required=True), "reason": Field(str, required=True, longest=400)},
    )
    handling, key = request.app.ctx.services.complaints.handling, ref[:LONGEST_REF]
    made = await change(
        request,
        lambda c, now: handling.extend(c, found.actor, key, body["version"], body["to"], body["reason"], now),
    )
    return replies.as_json({"legal_by": made["legal_by"].isoformat(), "version": made["version"]})


@complaints.post("/<ref:str>/restart")
async def restart(request: Request, ref: str) -> HTTPResponse:
    """New facts in a contact: the times count from it."""
    found = await entry(request, *SENIOR)
    wanted = {name: Field(str, required=True, longest=400) for name in ("contact_id", "reason")}
    body = bodies.read(request.body, {**VERSION, **wanted})
    handling, key = request.app.ctx.services.complaints.handling, ref[:LONGEST_REF]
    given = (body["version"], body["contact_id"][:32], body["reason"])
    made = await change(request, lambda c, now: handling.restart(c, found.actor, key, *given, now))
    return replies.as_json({"legal_by": made["legal_by"].isoformat(), "version": made["version"]})


@complaints.post("/<ref:str>/contacted")
async def contacted(request: Request, ref: str) -> HTTPResponse:
    found = await entry(request, *SERVING)
    body = bodies.read(
        request.body, {"outcome": Field(str, required=True, longest=20, plain=True), "note": Field(str, longest=400)}
    )
    if body["outcome"] not in ("reached", "no_answer", "wrong_number"):
        raise BadInput("outcome is reached, no_answer or wrong_number", code="outcome")
    handling, key = request.app.ctx.services.complaints.handling, ref[:LONGEST_REF]
    note = redact(body.get("note") or "")
    made = await change(request, lambda c, now: handling.contacted(c, found.actor, key, body["outcome"], note, now))
    return replies.as_json({"ok": True, "version": made["version"]})


# -- parts


def _mine(connection: Connection, staff_id: str, ref: str, body: dict[str, Any]) -> Row:
    """The case at the version that the asker saw; not there for whoever it is about."""
    row = at_version(connection, ref[:LONGEST_REF], body["version"])
    assigning.keep_out(row, staff_id)
    return row


def _state(row: Row) -> dict[str, Any]:
    return {"ref": row["ref"], "state": row["state"], "version": row["version"]}


def _ids(given: list[Any], field: str) -> list[str]:
    if len(given) > 20 or not all(isinstance(one, str) and 0 < len(one) <= 64 for one in given):
        raise BadInput(f"{field} is a list of staff ids", code=field)
    return [str(one) for one in given]


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
        accused=tuple(_ids(body.get("accused") or [], "accused")),
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
