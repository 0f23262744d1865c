"""The built pages of bot/web/dist, with headers that let nothing foreign in."""

from __future__ import annotations

import mimetypes

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.errors import DaihouError, NotFound
from bot.settings import ROOT

DIST = ROOT / "bot" / "web" / "dist"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SECURITY = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
TEXT_TYPES = ("text/", "application/javascript", "application/json", "image/svg")
pages = Blueprint("pages")


class PagesMissing(DaihouError):
    code = "pages_not_built"


@pages.get("/")
async def home(request: Request) -> HTTPResponse:
    """The demo host page with the widget."""
    return _file("index.html")


@pages.get("/desk")
async def desk(request: Request) -> HTTPResponse:
    """The staff console."""
    return _file("desk.html")


@pages.get("/widget.js")
async def widget(request: Request) -> HTTPResponse:
    """The one script tag of a host page."""
    found = _file("widget.js")
    found.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return found


@pages.get("/assets/<path:path>")
async def asset(request: Request, path: str) -> HTTPResponse:
    found = _file(f"assets/{path}")
    found.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return found


@pages.get("/favicon.ico")
async def favicon(request: Request) -> HTTPResponse:
    return HTTPResponse(b"", status=204)


def _file(name: str) -> HTTPResponse:
    """A file below DIST; never one outside, whatever the path says."""
    if not (DIST / "index.html").is_file():
        raise PagesMissing("the pages are not built yet: run `make pages`")
    try:
        path = (DIST / name).resolve()
        found = path.is_relative_to(DIST.resolve()) and path.is_file()
    except (OSError, ValueError):  # a name no file system takes
        found = False
    if not found:
        raise NotFound(f"no such page: {name[:80]}")
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if kind.startswith(TEXT_TYPES):
        kind += "; charset=utf-8"
    return HTTPResponse(path.read_bytes(), content_type=kind, headers={"Cache-Control": "no-cache"})
