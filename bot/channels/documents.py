"""Documents of arrangements: the link from the conversation opens only while its session is proven."""

from __future__ import annotations

import asyncio

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.services.papers import as_html, as_pdf

LONGEST = 400
CSP = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
documents = Blueprint("documents", url_prefix="/documents")


@documents.get(r"/<ref:[A-Z]{2}-[0-9]{8}-[0-9]{4,6}>.html")
async def page(request: Request, ref: str) -> HTTPResponse:
    paper = await asyncio.to_thread(request.app.ctx.services.papers.paper, ref, (request.args.get("k") or "")[:LONGEST])
    headers = {"Content-Security-Policy": CSP}
    return HTTPResponse(as_html(paper), content_type="text/html; charset=utf-8", headers=headers)


@documents.get(r"/<ref:[A-Z]{2}-[0-9]{8}-[0-9]{4,6}>.pdf")
async def pdf(request: Request, ref: str) -> HTTPResponse:
    """To keep: the browser saves it, it is not shown inside our origin."""
    paper = await asyncio.to_thread(request.app.ctx.services.papers.paper, ref, (request.args.get("k") or "")[:LONGEST])
    made = await asyncio.to_thread(as_pdf, paper)
    headers = {"Content-Disposition": f'attachment; filename="{ref}.pdf"', "Content-Security-Policy": CSP}
    return HTTPResponse(body=made, content_type="application/pdf", headers=headers)
