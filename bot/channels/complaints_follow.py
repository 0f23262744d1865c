"""`/complaint/follow`: what a signed link shows, and what a third party's code opens. Plain pages, no JavaScript.

Also the decision letter of a borrower, behind an address that opens only while its session is proven.
"""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, redirect
from sqlalchemy.engine import Connection

from bot.channels import complaint_page as view
from bot.channels.complaint_page import word
from bot.channels.complaints_letters import shown
from bot.dialogue import format as fmt
from bot.dialogue.lexicon import word as term
from bot.dialogue.speech import turn
from bot.errors import BadInput, Conflict, NotAllowed, NotFound
from bot.lending.complaint_clock import last_day
from bot.lending.complaint_states import WORKING, State
from bot.nlu.redact import redact
from bot.services.complaints import evidence, following, letter_looks, letters
from bot.services.complaints.board import iso
from bot.services.complaints.following import Seen
from bot.services.complaints.rows import Row, case
from bot.store.complaint_schema import complaint_contacts
from bot.store.conversation_rows import session_by_id

complaint_follow = Blueprint("complaint_follow", url_prefix="/complaint")
LONGEST_KEY = 600
LONGEST_WORDS = 20_000
PROVEN = 2


def _language(request: Request, row_language: str = "") -> str:
    asked = request.args.get("lang") or (request.form or {}).get("lang") or row_language
    return view.language_of(asked, request.headers.get("accept-language", ""))


def _given(request: Request, name: str, longest: int = LONGEST_KEY) -> str:
    value = (request.form or {}).get(name) if request.method == "POST" else request.args.get(name)
    return str(value or "")[:longest]


@complaint_follow.get("/follow")
async def follow(request: Request) -> HTTPResponse:
    """Number, state, clock, next step. A bad link says so kindly, and nothing about any number."""
    services, key = request.app.ctx.services, _given(request, "k")
    basis, now = services.complaints.basis, services.clock.now()
    try:
        seen = await request.app.ctx.talk.work.read(
            lambda c: following.seen(c, basis, following.read(c, basis, key), now)
        )
    except (NotAllowed, NotFound):
        return _bad_link(request)
    return _followed(request, seen, key, "")


@complaint_follow.post("/code")
async def code(request: Request) -> HTTPResponse:
    """Send the code to the phone that was given with the complaint."""
    services, key = request.app.ctx.services, _given(request, "k")
    basis, talk = services.complaints.basis, request.app.ctx.talk

    def write(connection: Connection, now: datetime, wall: datetime) -> Seen:
        row = following.read(connection, basis, key)
        following.send_code(connection, basis, row, now)
        return following.seen(connection, basis, row, now)

    try:
        seen = await talk.work.write_at(services, write)
    except (NotAllowed, NotFound):
        return _bad_link(request)
    return _followed(request, seen, key, "code_sent")


@complaint_follow.post("/details")
async def details(request: Request) -> HTTPResponse:
    """The right code opens a visit of some minutes."""
    services, key = request.app.ctx.services, _given(request, "k")
    basis, talk = services.complaints.basis, request.app.ctx.talk
    tried = _given(request, "code", 12)

    def write(connection: Connection, now: datetime, wall: datetime) -> tuple[str | None, Seen]:
        row = following.read(connection, basis, key)
        return following.open_visit(connection, basis, row, tried, now), following.seen(connection, basis, row, now)

    try:
        visit, seen = await talk.work.write_at(services, write)
    except (NotAllowed, NotFound):
        return _bad_link(request)
    if visit is None:
        return _followed(request, seen, key, "code_wrong", 403)
    answer: HTTPResponse = redirect(f"/complaint/visit?v={visit}&lang={_language(request, seen.language)}", status=303)
    return answer


@complaint_follow.get("/visit")
async def visit(request: Request) -> HTTPResponse:
    """Facts, letter and files of a third party's own complaint."""
    return await _visited(request, _given(request, "v"), "")


@complaint_follow.post("/answer")
async def answer(request: Request) -> HTTPResponse:
    """Add, accept, ask for a review, withdraw: what the chat offers, for whoever has no account."""
    services, key = request.app.ctx.services, _given(request, "v")
    what, words = _given(request, "what", 20), redact(_given(request, "words", LONGEST_WORDS).strip())
    borrower, talk = services.complaints.borrower, request.app.ctx.talk

    def write(connection: Connection, now: datetime, wall: datetime) -> None:
        row = case(connection, following.visited(services.complaints.basis, key))
        if what == "add" and words:
            borrower.add(connection, row, words, "form", now)
        elif what == "accept":
            borrower.accept(connection, row, now)
        elif what == "dispute":
            borrower.dispute(connection, row, words, now)
        elif what == "withdraw":
            borrower.withdraw(connection, row, now)
        else:
            raise BadInput("nothing to do", code="what")

    try:
        await talk.work.write_at(services, write)
    except NotAllowed:
        return _bad_link(request)
    except (Conflict, BadInput):
        return await _visited(request, key, "")
    return await _visited(request, key, "thanks")


@complaint_follow.get(r"/visit/<name:(?:letter\.pdf|[0-9a-f]{32})>")
async def visited_file(request: Request, name: str) -> HTTPResponse:
    services, key = request.app.ctx.services, _given(request, "v")

    def read(connection: Connection) -> dict[str, Any] | None:
        row = case(connection, following.visited(services.complaints.basis, key))
        if name == "letter.pdf":
            return letters.letter(connection, row["ref"], row["letter_id"] or "")
        kept = evidence.of_case(connection, row["ref"])
        mine = [one for one in kept if one["pointer"] == name and one["added_by"] == "borrower"]
        return None if mine else {"missing": True}

    found = await request.app.ctx.talk.work.read(read)
    if found is not None:
        if "missing" in found:
            raise NotFound("no such file")
        return await shown(found, "pdf")
    content = await asyncio.to_thread(services.uploads.content, name)
    headers = {"Content-Disposition": 'attachment; filename="document"', "Content-Security-Policy": "sandbox"}
    return HTTPResponse(body=content, content_type="application/octet-stream", headers=headers)


@complaint_follow.get(r"/letter/<name:TS-[0-9]{8}-[0-9]{4,6}\.(?:html|pdf)>")
async def letter(request: Request, name: str) -> HTTPResponse:
    """A borrower's letter, while the session that asked for it is proven as the case's customer."""
    services, talk = request.app.ctx.services, request.app.ctx.talk
    ref, _, kind = name.rpartition(".")
    basis, key = services.complaints.basis, _given(request, "k")
    session_id = following.letter_session(basis, ref, key)

    def read(connection: Connection) -> dict[str, Any]:
        row, session = case(connection, ref), session_by_id(connection, session_id)
        refused = NotAllowed("open the letter again from the conversation, after verifying yourself", code="link")
        if session is None or row["letter_id"] is None:
            raise refused
        if row["customer_id"] is None:  # made without an account: the session that made it
            if row["session_id"] != session_id:
                raise refused
        elif (
            session.customer_id != row["customer_id"]
            or session.level < PROVEN
            or talk.identity.expired(session, services.wall.now())
        ):
            raise refused
        return letters.letter(connection, ref, row["letter_id"])

    return await shown(await talk.work.read(read), kind)


# -- pages


def _followed(request: Request, seen: Seen, key: str, note: str, status: int = 200) -> HTTPResponse:
    language = _language(request, seen.language)
    basis = request.app.ctx.services.complaints.basis
    policy = basis.policy(basis.clock.now())
    rows = [
        (word("number", language), seen.ref),
        (word("state", language), turn(term(f"complaint_state_{seen.state}", language), language)),
        (word("received", language), fmt.day(date.fromisoformat(seen.received_on), language)),
        (word("by", language), fmt.day(date.fromisoformat(seen.by), language) if seen.by else ""),
    ]
    hidden = {"k": key, "lang": language}
    if seen.has_phone:
        more = (
            view.text(word("more_phone", language))
            + view.form("/complaint/code", "", word("send_code", language), hidden, plain=True)
            + view.form(
                "/complaint/details",
                view.field(
                    "code",
                    word("code", language),
                    more='inputmode="numeric" maxlength="6" autocomplete="one-time-code"',
                ),
                word("enter", language),
                hidden,
            )
        )
    else:
        more = view.text(word("more_chat", language)) + view.link("/", word("open_chat", language))
    inside = (
        (view.text(word(note, language), "bad" if note == "code_wrong" else "") if note else "")
        + view.pairs(rows)
        + (view.text(word("late", language), "bad") if seen.late else "")
        + (view.text(word("paused", language)) if seen.paused else "")
        + view.heading(word("more", language))
        + more
        + view.text(
            word("regulator", language, regulator=policy.regulator, hours=letters.hours(policy, language)),
            "note",
        )
    )
    return view.page(word("status", language), inside, language, status, f"/complaint/follow?k={key}&")


async def _visited(request: Request, key: str, note: str) -> HTTPResponse:
    services = request.app.ctx.services
    basis = services.complaints.basis

    def read(connection: Connection) -> tuple[Row, list[Any], list[Any], dict[str, Any] | None]:
        row = case(connection, following.visited(basis, key))
        query = complaint_contacts.select().where(complaint_contacts.c.ref == row["ref"])
        said = list(connection.execute(query.order_by(complaint_contacts.c.at)).mappings())
        files = [one for one in evidence.of_case(connection, row["ref"]) if one["added_by"] == "borrower"]
        sent = letters.letter(connection, row["ref"], row["letter_id"]) if row["letter_id"] else None
        return row, said, files, sent

    try:
        row, contacts, files, sent = await request.app.ctx.talk.work.read(read)
    except (NotAllowed, NotFound):
        return _bad_link(request)
    language = _language(request, row["language"])
    hidden = {"v": key, "lang": language}
    state, working = State(row["state"]), State(row["state"]) in WORKING
    rows = [
        (word("number", language), row["ref"]),
        (word("state", language), turn(term(f"complaint_state_{state.value}", language), language)),
        (word("by", language), fmt.day(last_day(row["told_by"], basis.zone), language) if working else ""),
    ]
    inside = (
        (view.text(word(note, language)) if note else "") + view.pairs(rows) + view.heading(word("you_said", language))
    )
    inside += "".join(view.said(f"{iso(one['at'])[:10]}\n{one['words']}") for one in contacts)
    inside += view.heading(word("your_files", language)) if files else ""
    inside += "".join(view.link(f"/complaint/visit/{one['pointer']}?v={key}", one["label"]) for one in files)
    inside += view.heading(word("answer", language))
    if sent is None:
        inside += view.text(word("no_answer", language))
    else:
        inside += view.pairs(letter_looks.paper(sent).facts)
        inside += view.link(f"/complaint/visit/letter.pdf?v={key}", word("pdf", language))
    inside += _answers(state, row, language, hidden)
    return view.page(word("details", language), inside, language)


def _answers(state: State, row: Row, language: str, hidden: dict[str, str]) -> str:
    """What can be done in this state, each a form of its own."""
    made = ""
    if state in WORKING:
        inside = view.field("words", word("add", language), kind="textarea", more="required")
        made += view.form("/complaint/answer", inside, word("send", language), {**hidden, "what": "add"})
    if state is State.NOTIFIED:
        made += view.form("/complaint/answer", "", word("accept", language), {**hidden, "what": "accept"})
    if state in (State.NOTIFIED, State.CLOSED) and not row["reviews"]:
        made += view.form("/complaint/answer", "", word("dispute", language), {**hidden, "what": "dispute"}, plain=True)
    if state in WORKING or state is State.NOTIFIED:
        made += view.form(
            "/complaint/answer", "", word("withdraw", language), {**hidden, "what": "withdraw"}, plain=True
        )
    return made


def _bad_link(request: Request) -> HTTPResponse:
    language = _language(request)
    hotline = request.app.ctx.services.complaints.basis.hotline
    inside = view.text(word("bad_link", language, hotline=hotline)) + view.link("/complaint", word("title", language))
    return view.page(word("status", language), inside, language, 403)
