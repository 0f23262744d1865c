"""The desk's routes around complaints: board, file, classification, assignment, verbs. Documented in docs/complaints.md.

Thin: who asks, what, one transaction. Opening a file is logged with its purpose. Beside it: `complaints_entry`, `complaints_work`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from bot.channels import bodies, replies
from bot.channels.bodies import Field
from bot.channels.desk import look
from bot.channels.desk_auth import entry
from bot.errors import BadInput
from bot.lending.complaint_policy import EVIDENCE, MERITS, PREVENTABILITY, ROOT_CAUSES, Level, RemedyKind
from bot.lending.complaint_states import State, Verb
from bot.nlu.redact import redact
from bot.services.complaints import assigning, board, compliance, file, letters, readings
from bot.services.complaints.rows import Row, at_version, staff
from bot.services.desk import access

complaints = Blueprint("complaints", url_prefix="/desk/api/complaints")
T = TypeVar("T")
SERVING = ("agent", "lead", "supervisor")
SENIOR = ("lead", "supervisor")
READING = (*SERVING, "compliance")
LONGEST_REF = 24
FILTERS = ("state", "level", "l1", "handler", "clock", "q", "page")
CHANNELS = ("phone", "branch", "letter", "email", "sms", "wechat", "weibo", "app", "regulator", "rest", "web")
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


@complaints.get("/")
async def the_board(request: Request) -> HTTPResponse:
    found = await entry(request, *READING)
    services = request.app.ctx.services
    asked = {key: request.args.get(key) for key in FILTERS}
    now = services.clock.now()
    return replies.as_json(
        await look(request, lambda c: board.board(c, services.complaints.basis, found.actor, asked, now))
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
            "staff": await look(request, assigning.everybody),
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
    named = ids(body["staff"], "staff")

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
    limits, key = request.app.ctx.services.complaints.limits, ref[:LONGEST_REF]
    made = await change(
        request, lambda c, now: limits.escalate(c, found.actor, key, body["version"], body["reason"], now)
    )
    return replies.as_json({"escalated": made["escalated"], "version": made["version"]})


@complaints.post("/<ref:str>/extend")
async def extend(request: Request, ref: str) -> HTTPResponse:
    found = await entry(request, *SENIOR)
    body = bodies.read(
        request.body,
        {**VERSION, "to": Field(int, required=True), "reason": Field(str, required=True, longest=400)},
    )
    limits, key = request.app.ctx.services.complaints.limits, ref[:LONGEST_REF]
    made = await change(
        request,
        lambda c, now: limits.extend(c, found.actor, key, body["version"], body["to"], body["reason"], now),
    )
    return replies.as_json({"legal_by": made["legal_by"].isoformat(), "version": made["version"]})


@complaints.post("/<ref:str>/restart")
async def restart(request: Request, ref: str) -> HTTPResponse:
    """New facts in a contact: the times count from it."""
    found = await entry(request, *SENIOR)
    wanted = {name: Field(str, required=True, longest=400) for name in ("contact_id", "reason")}
    body = bodies.read(request.body, {**VERSION, **wanted})
    limits, key = request.app.ctx.services.complaints.limits, ref[:LONGEST_REF]
    given = (body["version"], body["contact_id"][:32], body["reason"])
    made = await change(request, lambda c, now: limits.restart(c, found.actor, key, *given, now))
    return replies.as_json({"legal_by": made["legal_by"].isoformat(), "version": made["version"]})


@complaints.post("/<ref:str>/contacted")
async def contacted(request: Request, ref: str) -> HTTPResponse:
    found = await entry(request, *SERVING)
    body = bodies.read(
        request.body, {"outcome": Field(str, required=True, longest=20, plain=True), "note": Field(str, longest=400)}
    )
    if body["outcome"] not in ("reached", "no_answer", "wrong_number"):
        raise BadInput("outcome is reached, no_answer or wrong_number", code="outcome")
    limits, key = request.app.ctx.services.complaints.limits, ref[:LONGEST_REF]
    note = redact(body.get("note") or "")
    made = await change(request, lambda c, now: limits.contacted(c, found.actor, key, body["outcome"], note, now))
    return replies.as_json({"ok": True, "version": made["version"]})


# -- parts


def _mine(connection: Connection, staff_id: str, ref: str, body: dict[str, Any]) -> Row:
    """The case at the version that the asker saw; not there for whoever it is about."""
    row = at_version(connection, ref[:LONGEST_REF], body["version"])
    assigning.keep_out(row, staff_id)
    return row


def _state(row: Row) -> dict[str, Any]:
    return {"ref": row["ref"], "state": row["state"], "version": row["version"]}


def ids(given: list[Any], field: str) -> list[str]:
    """Staff ids as given in a body. Raises BadInput (`field`)."""
    if len(given) > 20 or not all(isinstance(one, str) and 0 < len(one) <= 64 for one in given):
        raise BadInput(f"{field} is a list of staff ids", code=field)
    return [str(one) for one in given]
