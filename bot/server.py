"""One Sanic application: channels, pages, health, metrics. Rasa's own HTTP application is not mounted.

Every refusal is a JSON {code, message}; input never causes a 500. On SIGTERM what runs is finished and what is
new is refused with 503 and a kind word.
"""

from __future__ import annotations

import asyncio
import signal
import time
from functools import partial
from pathlib import Path

import httpx
import orjson
import yaml
from sanic import Sanic
from sanic.exceptions import MethodNotSupported, SanicException
from sanic.exceptions import NotFound as NoRoute
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.app import Services
from bot.channels import pages, replies
from bot.channels.bodies import MAX_BODY
from bot.channels.desk_socket import SharedBoard
from bot.channels.pages import PagesMissing
from bot.channels.parts import PARTS
from bot.channels.platforms import registry
from bot.channels.web_sessions import WebSessions
from bot.errors import DaihouError
from bot.services import logs
from bot.services.channels.cursors import Cursors
from bot.services.channels.fetching import FOLDER, kept_file
from bot.services.channels.hearing import HttpRecogniser
from bot.services.channels.platforms import Platforms
from bot.services.channels.short_links import ShortLinks
from bot.services.channels.tokens import Tokens
from bot.services.conversation import ConversationService
from bot.services.desk.sent_files import SentLinks
from bot.services.inbound import Stopping

API = Path(__file__).parent / "openapi.yml"
EVENTS = Path(__file__).parent / "asyncapi.yml"
STOP_SECONDS = 20.0
SOCKET = "/web/ws"
EMBEDDED = ("/web/", "/assets/", "/widget.js")  # what a page of another origin may fetch, if it is allowed to embed
ALWAYS_OPEN = ("/health", "/metrics", "/openapi.json", "/asyncapi.json")
PLAIN = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    408: "timeout",
    413: "too_large",
    414: "too_long",
    417: "expectation_failed",
    431: "headers_too_large",
}


def create_app(services: Services) -> Sanic:
    """The application for one process; `services.brain` must be there."""
    app = Sanic("daihou", configure_logging=False, register=False, dumps=lambda body: orjson.dumps(body).decode())
    app.config.update(
        {
            "REQUEST_MAX_SIZE": MAX_BODY,
            "WEBSOCKET_MAX_SIZE": MAX_BODY * 2,
            "RESPONSE_TIMEOUT": 60,
            "REQUEST_TIMEOUT": 30,
            "KEEP_ALIVE_TIMEOUT": 60,
            "ACCESS_LOG": False,
            "FALLBACK_ERROR_FORMAT": "json",
            "MOTD": False,
            "GRACEFUL_SHUTDOWN_TIMEOUT": 3.0,
            "AUTO_EXTEND": False,
            "OAS": False,
        }
    )
    app.ctx.services = services
    app.ctx.web_sessions = WebSessions(services.settings.session_secret)
    app.ctx.polled = {}
    app.ctx.short_links = ShortLinks(services.settings.session_secret)
    app.ctx.sent_links = SentLinks(services.settings.session_secret)
    app.ctx.complaint_forms = {}
    app.ctx.api = yaml.safe_load(API.read_text(encoding="utf-8"))
    app.ctx.events = yaml.safe_load(EVENTS.read_text(encoding="utf-8"))
    for part in PARTS:
        app.blueprint(part.copy(part.name))
    app.register_middleware(_refuse_while_stopping, "request")
    app.register_middleware(_answer_preflight, "request")
    app.register_middleware(_secure, "response")
    app.error_handler.add(DaihouError, _ours)
    app.error_handler.add(SanicException, _sanics)
    app.error_handler.add(Exception, _unexpected)
    app.register_listener(_start, "before_server_start")
    app.register_listener(_close, "after_server_stop")
    return app


# -- life


async def _start(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
    app.ctx.talk = ConversationService(app.ctx.services)
    app.ctx.board = SharedBoard(app.ctx.talk)
    app.ctx.stop_task = None
    await app.ctx.talk.start()
    app.ctx.http = httpx.AsyncClient(follow_redirects=False)
    app.ctx.platforms = _platforms(app)
    await app.ctx.platforms.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop_soon, app, loop)


def _platforms(app: Sanic) -> Platforms:
    """Every channel whose variables are set; a half-set one stops the start with its name."""
    talk: ConversationService = app.ctx.talk
    settings = talk.services.settings
    tokens = Tokens(talk.work, talk.services.wall, settings.session_secret)
    cursors = Cursors(talk.work, talk.services.wall)
    files = partial(kept_file, settings.var_dir / FOLDER)
    made = registry.adapters(settings.platforms, app.ctx.http, tokens, talk.services.wall, cursors, files)
    base = (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")
    hearing = HttpRecogniser(app.ctx.http, settings.speech_url, settings.speech_token) if settings.speech_url else None
    return Platforms(talk, made, base, hearing)


def _stop_soon(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
    """The first signal finishes what runs; a second one does not wait."""
    if app.ctx.stop_task is not None:
        app.stop()
        return
    app.ctx.stop_task = loop.create_task(_stop(app))


async def _stop(app: Sanic) -> None:
    logs.event("stopping")
    started = time.monotonic()
    await app.ctx.platforms.stop()
    await app.ctx.talk.stop(STOP_SECONDS)
    await asyncio.sleep(0.2)  # answers that were waited for are on their way
    logs.event("stopped", seconds=round(time.monotonic() - started, 2))
    app.stop()


async def _close(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
    await app.ctx.http.aclose()
    app.ctx.talk.close()
    app.ctx.services.close()


# -- every request and response


async def _refuse_while_stopping(request: Request) -> None:
    if request.app.ctx.talk.stopping and request.path not in ALWAYS_OPEN:
        raise Stopping("the process is stopping")


def _embedding(request: Request) -> str | None:
    """The origin of a host page that may embed the widget."""
    origin = request.headers.get("origin")
    allowed = request.app.ctx.services.settings.widget_origins.split()
    return origin if origin in allowed and request.path.startswith(EMBEDDED) else None


async def _answer_preflight(request: Request) -> HTTPResponse | None:
    if request.method != "OPTIONS" or _embedding(request) is None:
        return None
    return HTTPResponse(
        status=204,
        headers={
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "Authorization, Content-Type",
            "Access-Control-Max-Age": "3600",
        },
    )


async def _secure(request: Request, response: HTTPResponse) -> None:
    origin = _embedding(request)
    if origin is not None:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Vary"] = ", ".join(filter(None, (response.headers.get("Vary"), "Origin")))
    for name, value in pages.SECURITY.items():
        if name not in response.headers:
            response.headers[name] = value


async def _ours(request: Request, error: DaihouError) -> HTTPResponse:
    if isinstance(error, PagesMissing):
        return replies.as_json({"code": error.code, "message": str(error)}, 503)
    return replies.refusal(request.app.ctx.talk, error)


async def _sanics(request: Request, error: SanicException) -> HTTPResponse:
    if request.path == SOCKET and error.status_code == 500:  # Sanic's word for a request that is no handshake
        return replies.as_json({"code": "websocket_only", "message": "this address speaks WebSocket"}, 426)
    status = 404 if isinstance(error, NoRoute) else 405 if isinstance(error, MethodNotSupported) else error.status_code
    message = "no such address" if status == 404 else str(error)[:200] or "refused"
    headers = {
        name: value for name, value in (getattr(error, "headers", None) or {}).items() if name.lower() == "allow"
    }
    return replies.as_json({"code": PLAIN.get(status, "refused"), "message": message}, status, headers)


async def _unexpected(request: Request, error: Exception) -> HTTPResponse:
    if isinstance(error, ValueError) and getattr(request, "route", None) is None:  # a header that Sanic cannot read
        return replies.as_json({"code": "bad_request", "message": "the request cannot be read"}, 400)
    logs.failure("request failed", error, route=request.uri_template or "")
    return replies.as_json({"code": "internal", "message": "something went wrong on our side; it is in the log"}, 500)
