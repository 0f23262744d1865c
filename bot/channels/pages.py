"""The built pages of bot/web/dist, with headers that let nothing foreign in.

Files with the hash of their content in their name are kept by browsers for ever; the others are asked about each time and
answered with 304 when they are the same. Text goes out compressed. There is no service worker: see docs/channels/web.md.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path

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
CHAT_CSP = CSP + "; require-trusted-types-for 'script'; trusted-types 'none'"
SECURITY = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
HASHED = re.compile(r".+-[\w-]{8}\.(js|css)")
AGAIN = "no-cache"
FOREVER = "public, max-age=31536000, immutable"
CHATS = {"zh-Hans": "chat.zh-CN.html", "zh-Hant": "chat.zh-TW.html", "en": "chat.en.html"}
TRADITIONAL = re.compile(r"zh\b.*(tw|hk|mo|hant)", re.IGNORECASE)
OPENING = b"<!--greeting-->"
TEXT_TYPES = ("text/", "application/javascript", "application/json", "image/svg")
pages = Blueprint("pages")


class PagesMissing(DaihouError):
    code = "pages_not_built"


@pages.get("/")
async def home(request: Request) -> HTTPResponse:
    """The demo host page with the widget."""
    return _answer(request, _file("index.html"))


@pages.get("/chat")
async def chat(request: Request) -> HTTPResponse:
    """The chat alone, for web views of apps and links in messages; see docs/channels/web.md.

    The opening stands in the page itself, so that something can be read before any script is there.
    """
    language = _language(request)
    opening = request.app.ctx.talk.opening(language)[0]["text"]
    found = _file(CHATS[language]).with_(OPENING, escape(opening).encode())
    answer = _answer(request, found)
    answer.headers["Content-Security-Policy"] = CHAT_CSP
    answer.headers["Vary"] = "Accept-Encoding, Accept-Language"
    return answer


@pages.get("/desk")
async def desk(request: Request) -> HTTPResponse:
    """The staff console."""
    return _answer(request, _file("desk.html"))


@pages.get("/widget.js")
async def widget(request: Request) -> HTTPResponse:
    """The one script tag of a host page."""
    found = _answer(request, _file("widget.js"))
    found.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return found


@pages.get("/assets/<path:path>")
async def asset(request: Request, path: str) -> HTTPResponse:
    found = _answer(request, _file(f"assets/{path}"))
    found.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return found


@pages.get("/favicon.ico")
async def favicon(request: Request) -> HTTPResponse:
    return HTTPResponse(b"", status=204)


@dataclass(frozen=True)
class Content:
    """A file as it is sent. `mark` changes with its content."""

    plain: bytes
    packed: bytes | None  # gzip, of text
    kind: str
    mark: str
    cache: str

    def with_(self, place: bytes, words: bytes) -> Content:
        return _content(self.plain.replace(place, words), self.kind, self.cache)


def _file(name: str) -> Content:
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
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _read(path: Path, changed: int) -> Content:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if kind.startswith(TEXT_TYPES):
        kind += "; charset=utf-8"
    return _content(path.read_bytes(), kind, FOREVER if HASHED.fullmatch(path.name) else AGAIN)


@lru_cache(maxsize=64)
def _content(plain: bytes, kind: str, cache: str) -> Content:
    packed = gzip.compress(plain, 9, mtime=0) if "charset" in kind else None
    return Content(plain, packed, kind, hashlib.sha256(plain).hexdigest()[:20], cache)


def _answer(request: Request, found: Content) -> HTTPResponse:
    """The content, packed where the client takes that; 304 when it has it."""
    packs = found.packed is not None and "gzip" in request.headers.get("accept-encoding", "")
    mark = f'"{found.mark}{"-gz" if packs else ""}"'
    headers = {"Cache-Control": found.cache, "ETag": mark, "Vary": "Accept-Encoding"}
    if mark in request.headers.get("if-none-match", ""):
        return HTTPResponse(status=304, headers=headers)
    if packs:
        headers["Content-Encoding"] = "gzip"
    return HTTPResponse(found.packed if packs else found.plain, content_type=found.kind, headers=headers)


def _language(request: Request) -> str:
    """`?lang=` where the lender's app gives it, else the browser's; Chinese where neither is ours."""
    wished = [request.args.get("lang") or "", *request.headers.get("accept-language", "").split(",")]
    for tag in wished:
        if TRADITIONAL.match(tag.strip()):
            return "zh-Hant"
        if re.match(r"(zh|en)\b", tag.strip(), re.IGNORECASE):
            return "en" if tag.strip()[:2].lower() == "en" else "zh-Hans"
    return "zh-Hans"
