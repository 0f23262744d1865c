"""The desk's routes to what complaints teach: reports, early warning and its tasks, the case base. See docs/complaints-learning.md."""

from __future__ import annotations

from datetime import date
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels import bodies, replies
from bot.channels.bodies import Field
from bot.channels.complaints import READING, SENIOR, SERVING, change
from bot.channels.desk import look
from bot.channels.desk_auth import entry
from bot.errors import BadInput
from bot.services.complaints import learning_cases, learning_reports, learning_warnings

complaints_learning = Blueprint("complaints_learning", url_prefix="/desk/api/complaints/learning")
OVERSEEING = (*SENIOR, "compliance")
MOST_WORDS = 2000
DRAW = {"ref": Field(str, required=True, longest=24, plain=True)}
CLOSE = {"note": Field(str, required=True, longest=4000), "restart": Field(str, longest=10, plain=True)}
TEXTS = ("facts", "demand", "clause", "lesson", "script", "do", "dont")
APPROVE = {
    **{name: Field(str, longest=8000) for name in TEXTS},
    "tags": Field(list),
    "valid_until": Field(str, longest=10),
}


def _day(request: Request, name: str) -> date:
    try:
        return date.fromisoformat(request.args.get(name) or "")
    except ValueError:
        raise BadInput(f"{name} must be a date, such as 2026-03-01", code=name) from None


@complaints_learning.get("/report")
async def report(request: Request) -> HTTPResponse:
    """`?since=&until=`: figures of the complaints received in these days."""
    await entry(request, *OVERSEEING)
    services, since, until = request.app.ctx.services, _day(request, "since"), _day(request, "until")
    basis, now = services.complaints.basis, services.clock.now()
    return replies.as_json(await look(request, lambda c: learning_reports.figures(c, basis, since, until, now)))


@complaints_learning.get("/compare")
async def compare(request: Request) -> HTTPResponse:
    """`?since=&until=`: against as many days before."""
    await entry(request, *OVERSEEING)
    services, since, until = request.app.ctx.services, _day(request, "since"), _day(request, "until")
    basis, now = services.complaints.basis, services.clock.now()
    return replies.as_json(await look(request, lambda c: learning_reports.compared(c, basis, since, until, now)))


@complaints_learning.get("/warnings")
async def warnings(request: Request) -> HTTPResponse:
    """Charts of every category, and the open tasks."""
    await entry(request, *OVERSEEING)
    services = request.app.ctx.services
    basis, now = services.complaints.basis, services.clock.now()

    def read(connection: Any) -> dict[str, Any]:
        return {
            "categories": [one.as_json() for one in learning_warnings.judge(connection, basis, now)],
            "tasks": learning_warnings.tasks(connection),
        }

    return replies.as_json(await look(request, read))


@complaints_learning.post("/warnings/look")
async def look_now(request: Request) -> HTTPResponse:
    """Judge now and open what is new; the worker does it every week."""
    await entry(request, *SENIOR)
    services = request.app.ctx.services
    basis, now = services.complaints.basis, services.clock.now()
    alarms = await look(request, lambda c: learning_warnings.alarms_of(c, basis, now))
    made = await change(request, lambda c, now: learning_warnings.open_tasks(c, alarms, now))
    return replies.as_json({"opened": made})


@complaints_learning.post("/warnings/<alarm_id:str>/close")
async def close(request: Request, alarm_id: str) -> HTTPResponse:
    found = await entry(request, *SENIOR)
    body = bodies.read(request.body, CLOSE)
    await change(
        request,
        lambda c, now: learning_warnings.close(c, found.actor, alarm_id[:32], body["note"], body.get("restart"), now),
    )
    return replies.as_json({"ok": True})


@complaints_learning.get("/cases")
async def search(request: Request) -> HTTPResponse:
    """`?q=&l1=&l2=`: approved lessons."""
    await entry(request, *READING)
    services = request.app.ctx.services
    words, l1, l2 = (str(request.args.get(key) or "")[:MOST_WORDS] for key in ("q", "l1", "l2"))
    basis, now = services.complaints.basis, services.clock.now()
    return replies.as_json(
        {"cases": await look(request, lambda c: learning_cases.search(c, basis, now, words, l1, l2))}
    )


@complaints_learning.get("/suggest/<ref:str>")
async def suggest(request: Request, ref: str) -> HTTPResponse:
    """Lessons that resemble an open case."""
    found = await entry(request, *READING)
    services = request.app.ctx.services
    basis, now = services.complaints.basis, services.clock.now()
    return replies.as_json(
        {"cases": await look(request, lambda c: learning_cases.suggest(c, basis, found.actor, ref[:24], now))}
    )


@complaints_learning.get("/drafts")
async def drafts(request: Request) -> HTTPResponse:
    await entry(request, *SENIOR)
    return replies.as_json({"drafts": await look(request, learning_cases.waiting)})


@complaints_learning.post("/cases")
async def draw(request: Request) -> HTTPResponse:
    """A closed case as a draft: `{ref}`."""
    found = await entry(request, *SERVING)
    body, basis = bodies.read(request.body, DRAW), request.app.ctx.services.complaints.basis
    made = await change(request, lambda c, now: learning_cases.draw(c, basis, found.actor, body["ref"], now))
    return replies.as_json(made, 201)


@complaints_learning.post("/cases/<lesson_id:str>/approve")
async def approve(request: Request, lesson_id: str) -> HTTPResponse:
    """By somebody else than who drew it up; texts may be bettered with it."""
    found = await entry(request, *SENIOR)
    body = {key: value for key, value in bodies.read(request.body, APPROVE).items() if value is not None}
    await change(request, lambda c, now: learning_cases.approve(c, found.actor, lesson_id[:32], body, now))
    return replies.as_json({"ok": True})


@complaints_learning.post("/cases/<lesson_id:str>/withdraw")
async def withdraw(request: Request, lesson_id: str) -> HTTPResponse:
    await entry(request, *SENIOR)
    await change(request, lambda c, now: learning_cases.withdraw(c, lesson_id[:32]))
    return replies.as_json({"ok": True})


@complaints_learning.get("/pack")
async def export(request: Request) -> HTTPResponse:
    await entry(request, *SENIOR)
    services = request.app.ctx.services
    basis, now = services.complaints.basis, services.clock.now()
    text = await look(request, lambda c: learning_cases.exported(c, basis, now))
    return HTTPResponse(
        text, content_type="application/json", headers={"content-disposition": 'attachment; filename="cases.json"'}
    )


@complaints_learning.post("/pack")
async def take(request: Request) -> HTTPResponse:
    """A pack as body; its lessons become drafts that a person reads first."""
    found = await entry(request, *SENIOR)
    try:
        text = request.body.decode()
    except UnicodeDecodeError:
        raise BadInput("the pack is not UTF-8", code="format") from None
    return replies.as_json(
        await change(request, lambda c, now: learning_cases.imported(c, found.actor, text, now)), 201
    )
