"""`/complaint`: the public form. Works without JavaScript; recorded, acknowledged and on the clock in one transaction.

Nobody's loan is confirmed or denied here: whoever writes is a sender, not a customer. A file that cannot be taken never costs
the complaint; too much in a short time from one place is kept together in one case.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from datetime import datetime, time
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from bot.channels import complaint_page as view
from bot.channels.complaint_page import word
from bot.channels.uploading import whole_body
from bot.dialogue import format as fmt
from bot.dialogue.lexicon import word as term
from bot.dialogue.speech import turn
from bot.errors import BadInput
from bot.lending.complaint_clock import last_day
from bot.nlu.redact import redact
from bot.services import uploads
from bot.services.complaints import assigning, evidence, following, letters
from bot.services.complaints.lodgement import LONGEST, NEW, Decision, Lodging

complaint_form = Blueprint("complaint_form", url_prefix="/complaint")
FILES = 3
CHANNEL = "form"
PHONE = re.compile(r"\+?\d{6,15}")
FROM_ONE_PLACE, WITHIN = 20, 600.0  # forms of one address in seconds, before they are kept together
LONG = {"demand": 4000, "name": 80, "phone": 40, "email": 120}


@complaint_form.get("/")
async def form(request: Request) -> HTTPResponse:
    language = view.language_of(request.args.get("lang"), request.headers.get("accept-language", ""))
    return _form(request, language, {}, "", 200)


@complaint_form.post("/", stream=True)
async def lodge(request: Request) -> HTTPResponse:
    """Field `words` is all that is needed. 400 shows the form again with what was written."""
    request.body = await whole_body(request, FILES * uploads.LARGEST)
    given = {key: str((request.form or {}).get(key) or "") for key in ("words", "who", "lang", *LONG)}
    language = view.language_of(given["lang"], request.headers.get("accept-language", ""))
    wrong = _wrong(given)
    if wrong:
        return _form(request, language, given, wrong, 400)
    services = request.app.ctx.services
    many = _many(request, services)
    lodging = _lodging(request, services, given, language, many)
    intake, now = services.complaints.intake, services.clock.now()
    reading = await asyncio.to_thread(intake.read, lodging, now)
    talk = request.app.ctx.talk
    made: Decision = await talk.work.write_at(services, lambda c, now, wall: intake.lodge(c, lodging, now, reading))
    files = list(request.files.getlist("files")) if request.files else []
    notes = [await _file(request, made.ref, one, language) for one in files[:FILES]]
    notes += [
        (False, word("file_bad", language, name=one.name[:80], why=word("why_too_many", language)))
        for one in files[FILES:]
    ]
    who = await talk.work.read(lambda c: assigning.name_of(c, made.handler))
    return _done(services, made, lodging, who, notes, language, many)


def _form(request: Request, language: str, given: dict[str, str], wrong: str, status: int) -> HTTPResponse:
    basis = request.app.ctx.services.complaints.basis
    policy = basis.policy(basis.clock.now())
    options = {key: word(key, language) for key in ("borrower", "third_party", "unknown")}
    fields = (
        view.field(
            "words",
            word("words", language),
            given.get("words", ""),
            kind="textarea",
            more=f'required maxlength="{LONGEST}"',
        )
        + view.field("demand", word("demand", language), given.get("demand", ""), more='maxlength="4000"')
        + view.choice("who", word("who", language), options, given.get("who") or "unknown")
        + view.field("name", word("name", language), given.get("name", ""), more='maxlength="80" autocomplete="name"')
        + view.field(
            "phone",
            word("phone", language),
            given.get("phone", ""),
            kind="tel",
            more='maxlength="40" autocomplete="tel"',
        )
        + view.field(
            "email",
            word("email", language),
            given.get("email", ""),
            kind="email",
            more='maxlength="120" autocomplete="email"',
        )
        + view.field("files", word("files", language), kind="file", more='multiple accept=".pdf,.jpg,.jpeg,.png"')
    )
    hours = letters.hours(policy, language)
    inside = (
        (view.text(word(wrong, language), "bad") if wrong else "")
        + view.text(word("intro", language))
        + view.form("/complaint", fields, word("send", language), {"lang": language}, files=True)
        + view.text(word("regulator", language, regulator=policy.regulator, hours=hours), "note")
        + view.text(word("private", language), "note")
    )
    return view.page(word("title", language), inside, language, status, "/complaint?")


def _wrong(given: dict[str, str]) -> str:
    """Which word tells what is wrong; empty when nothing is."""
    if not given["words"].strip():
        return "empty"
    if len(given["words"]) > LONGEST or any(len(given[key]) > most for key, most in LONG.items()):
        return "too_long"
    phone = re.sub(r"[\s()-]", "", given["phone"])
    return "bad_phone" if phone and not PHONE.fullmatch(phone) else ""


def _lodging(request: Request, services: Any, given: dict[str, str], language: str, many: bool) -> Lodging:
    """Who sends: a phone that was given; else the same words from the same place; too much from one place: that place."""
    basis = services.complaints.basis
    phone, words = re.sub(r"[\s()-]", "", given["phone"]), given["words"].strip()
    if phone:
        sender = f"phone:{basis.mark('phone', phone)[:32]}"
    elif many:
        sender = f"net:{basis.mark('net', request.ip)[:32]}"
    else:
        sender = f"form:{basis.mark('form', request.ip, ''.join(words.split()))[:32]}"
    third = given["who"] == "third_party"
    return Lodging(
        words=redact(words),
        channel=CHANNEL,
        language=language,
        sender=sender,
        received_at=services.clock.now(),
        complainant="third_party" if third else "unknown",
        demand=redact(given["demand"].strip()),
        name=given["name"].strip(),
        phone=phone,
        email=given["email"].strip(),
    )


def _many(request: Request, services: Any) -> bool:
    """Whether one address has sent so many forms lately that the next ones are kept together."""
    seen: dict[str, deque[float]] = request.app.ctx.complaint_forms
    now = services.wall.now().timestamp()
    times = seen.setdefault(request.ip, deque(maxlen=FROM_ONE_PLACE + 1))
    times.append(now)
    for address in [key for key, value in seen.items() if now - value[-1] > WITHIN]:
        del seen[address]
    return len(times) > FROM_ONE_PLACE and now - times[0] < WITHIN


async def _file(request: Request, ref: str, one: Any, language: str) -> tuple[bool, str]:
    """Check and keep a file; what to say of it. The complaint is recorded already."""
    if not one.name and not one.body:
        return True, ""
    services, name = request.app.ctx.services, one.name[:80] or "…"
    try:
        kind = await asyncio.to_thread(uploads.checked, one.body)
    except BadInput as error:
        key = f"why_{error.code}"
        why = word(key, language) if view.known(key) else error.code
        return False, word("file_bad", language, name=name, why=why)

    def keep(connection: Connection, now: datetime, wall: datetime) -> None:
        document = services.uploads.keep(connection, ref, "", kind, one.body, now)
        evidence.attach(connection, ref, document, name, now)

    await request.app.ctx.talk.work.write_at(services, keep)
    return True, word("file_kept", language, name=name)


def _done(
    services: Any, made: Decision, lodging: Lodging, who: str, notes: list[tuple[bool, str]], language: str, many: bool
) -> HTTPResponse:
    """The acknowledgement: number, who, by when, how to follow, the regulator's line."""
    basis = services.complaints.basis
    policy, clocks = basis.policy(basis.clock.now()), made.clocks
    reach = lodging.phone or lodging.email
    address = following.address(basis, made.ref, made.link_id)
    handler = term("complaint_handler", language, name=who) if who else term("complaint_team", language)
    rows = [
        (word("number", language), made.ref),
        (word("looks", language), turn(handler, language)),
        (word("contact_by", language), _when(clocks.contact_by, basis.zone, language) if reach else ""),
        (word("by", language), fmt.day(last_day(clocks.told_by, basis.zone), language)),
        (word("legal", language), fmt.day(clocks.legal_by, language)),
    ]
    inside = (
        (view.text(word("slow" if many or made.flooded else "again", language)) if made.kind != NEW else "")
        + view.pairs(rows)
        + ("" if reach else view.text(word("contact_none", language)))
        + view.link(address, word("follow", language))
        + view.text(word("follow_note", language, days=policy.link_days), "note")
        + view.text(word("pause", language))
        + "".join(view.text(said, "" if good else "bad") for good, said in notes if said)
        + view.text(word("regulator", language, regulator=policy.regulator, hours=letters.hours(policy, language)))
    )
    return view.page(word("done", language), inside, language)


def _when(at: datetime, zone: Any, language: str) -> str:
    local = at.astimezone(zone)
    day = fmt.day(last_day(at, zone), language)
    return day if local.time() == time() else f"{day} {local:%H:%M}"
