"""One page with phones side by side: what a person of each platform sees, what they type, and the faults to order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, file, json

from bot.simulators.base import FAULTS, Simulator

PAGE = Path(__file__).parent / "page"
NAMES = {"index.html": "text/html", "phones.js": "text/javascript", "phones.css": "text/css"}
CSP = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"


def phones(simulators: Mapping[str, Simulator]) -> Blueprint:
    """The page and its few routes; only ever on loopback, with made-up people."""
    page = Blueprint("phones")

    @page.get("/")
    async def home(request: Request) -> HTTPResponse:
        return await _file("index.html")

    @page.get("/page/<name:str>")
    async def part(request: Request, name: str) -> HTTPResponse:
        return await _file(name) if name in NAMES else json({"code": "not_found"}, 404)

    @page.get("/phones")
    async def threads(request: Request) -> HTTPResponse:
        """Every phone's thread, and what each platform's webhook calls came to."""
        return json(
            {
                name: {
                    "phones": {user: [asdict(said) for said in thread] for user, thread in one.phones.items()},
                    "faults": {fault: times for fault, times in one.faults.items() if times},
                    "calls": one.calls[-5:],
                }
                for name, one in simulators.items()
            }
        )

    @page.get("/faults")
    async def faults(request: Request) -> HTTPResponse:
        return json(list(FAULTS))

    @page.post("/say/<name:str>/<user:str>")
    async def say(request: Request, name: str, user: str) -> HTTPResponse:
        body = request.json or {}
        simulator = simulators.get(name)
        if simulator is None:
            return json({"code": "not_found", "message": f"known: {', '.join(simulators)}"}, 404)
        more = {key: value for key, value in body.items() if key != "text"}
        simulator.typed(user, str(body.get("text", "")))
        return json({"id": await simulator.say(user, str(body.get("text", "")), **more)})

    @page.post("/order/<name:str>/<fault:str>")
    async def order(request: Request, name: str, fault: str) -> HTTPResponse:
        try:
            simulators[name].order(fault)
        except (KeyError, ValueError) as error:
            return json({"code": "not_found", "message": str(error)}, 404)
        return json({"ordered": fault})

    return page


async def _file(name: str) -> HTTPResponse:
    answer = await file(PAGE / name, mime_type=f"{NAMES[name]}; charset=utf-8")
    answer.headers["Content-Security-Policy"] = CSP
    return answer
