"""Following a case: by a signed link, which shows number, state, clock and next step and nothing else; for more, a proof.

A link lives some days and can be revoked. Whoever has no account (a third party) gets facts, letter and files after a code to
the phone they gave; the code's answer is a key for one short visit.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from itsdangerous import BadSignature, SignatureExpired, URLSafeSerializer, URLSafeTimedSerializer
from sqlalchemy.engine import Connection

from bot.errors import BadInput, NotAllowed
from bot.lending.complaint_clock import end_of, last_day
from bot.lending.complaint_states import WORKING, State
from bot.services.complaints.basis import Basis
from bot.services.complaints.rows import Row, case
from bot.services.notify import CODE
from bot.store.complaint_schema import complaint_codes, complaint_links, complaint_people

PATH = "/complaint/follow"
VISIT = timedelta(minutes=15)
CODES_A_DAY = 5
K = complaint_codes.c
REFUSED = "this link is not valid any more; ask with the number of the complaint, or say it in the chat"


@dataclass(frozen=True)
class Seen:
    """What a link shows. `by` is the day named to whoever complained; None once that is answered. `next` names a sentence."""

    ref: str
    state: str
    received_on: str
    by: str | None
    late: bool
    paused: bool
    next: str
    has_phone: bool
    language: str


def new_link(connection: Connection, basis: Basis, ref: str, link_id: str, now: datetime) -> None:
    """Keep a link that was (or will be) handed out as `address(link_id)`."""
    lives = timedelta(days=basis.policy(now).link_days)
    wall = basis.wall.now()
    connection.execute(complaint_links.insert().values(link_id=link_id, ref=ref, made_at=wall, expires_at=wall + lives))


def address(basis: Basis, ref: str, link_id: str) -> str:
    """Where the link leads; the same id gives the same address."""
    return f"{basis.public_url}{PATH}?k={_signer(basis).dumps([ref, link_id])}"


def revoke(connection: Connection, basis: Basis, ref: str) -> int:
    """End every link to a case; gives how many there were."""
    done = connection.execute(
        complaint_links.update()
        .where(complaint_links.c.ref == ref, complaint_links.c.revoked_at.is_(None))
        .values(revoked_at=basis.wall.now())
    )
    return int(done.rowcount)


def read(connection: Connection, basis: Basis, key: str) -> Row:
    """The case of a link. Raises NotAllowed, with one message for forged, expired and revoked."""
    refused = NotAllowed(REFUSED, code="link")
    try:
        ref, link_id = _signer(basis).loads(key)
    except (BadSignature, UnicodeError, ValueError, TypeError):
        raise refused from None
    found = connection.execute(
        sa.select(complaint_links).where(complaint_links.c.link_id == link_id, complaint_links.c.ref == ref)
    ).first()
    if found is None or found.revoked_at is not None or found.expires_at <= basis.wall.now():
        raise refused
    return case(connection, ref)


def seen(connection: Connection, basis: Basis, row: Row, now: datetime) -> Seen:
    """What anybody with the link may read. A case that joined another shows the other's clock under its own number."""
    shown = row
    while shown["state"] == State.MERGED.value and shown["merged_into"]:
        shown = case(connection, shown["merged_into"])
    working = State(shown["state"]) in WORKING
    by = min(shown["told_by"], end_of(shown["legal_by"], basis.zone))
    late = working and now >= by
    if late:
        by = end_of(shown["legal_by"], basis.zone)
    phone = connection.execute(sa.select(complaint_people.c.phone).where(complaint_people.c.ref == row["ref"])).scalar()
    return Seen(
        ref=row["ref"],
        state=shown["state"],
        received_on=row["received_at"].astimezone(basis.zone).date().isoformat(),
        by=last_day(by, basis.zone).isoformat() if working else None,
        late=late,
        paused=shown["paused_at"] is not None,
        next=shown["state"],
        has_phone=bool(phone) and row["customer_id"] is None,
        language=row["language"],
    )


def letter_address(basis: Basis, ref: str, session_id: str, kind: str) -> str:
    """Where the letter opens for one session, while that is proven. `kind`: html or pdf."""
    return f"{basis.public_url}/complaint/letter/{ref}.{kind}?k={_lettered(basis).dumps([ref, session_id])}"


def letter_session(basis: Basis, ref: str, key: str) -> str:
    """The session that a letter's address was given to. Raises NotAllowed (`link`)."""
    refused = NotAllowed("open the letter again from the conversation, after verifying yourself", code="link")
    try:
        named, session_id = _lettered(basis).loads(key)
    except (BadSignature, UnicodeError, ValueError, TypeError):
        raise refused from None
    if named != ref:
        raise refused
    return str(session_id)


# -- a third party's code


def send_code(connection: Connection, basis: Basis, row: Row, now: datetime) -> None:
    """A code to the phone that was given with the complaint.

    Raises:
        NotAllowed (`no_phone`: a borrower proves who they are in the conversation), BadInput (`too_many`).
    """
    phone = connection.execute(sa.select(complaint_people.c.phone).where(complaint_people.c.ref == row["ref"])).scalar()
    if not phone or row["customer_id"] is not None:
        raise NotAllowed("facts and letter open in the conversation, after verifying yourself", code="no_phone")
    wall, policy = basis.wall.now(), basis.policy(now)
    before = connection.execute(sa.select(complaint_codes).where(K.ref == row["ref"])).first()
    sent = before.sent if before is not None and before.sent_at > wall - timedelta(days=1) else 0
    if sent >= CODES_A_DAY:
        raise BadInput("too many codes today; please try tomorrow or call us", code="too_many")
    code = f"{secrets.randbelow(10**6):06d}"
    expires = wall + timedelta(minutes=policy.code_minutes)
    values = {
        "code": _code_mark(basis, row["ref"], code),
        "expires_at": expires,
        "sent_at": wall,
        "sent": sent + 1,
        "tries": 0,
    }
    if connection.execute(complaint_codes.update().where(K.ref == row["ref"]).values(**values)).rowcount == 0:
        connection.execute(complaint_codes.insert().values(ref=row["ref"], **values))
    text = basis.speech.say(
        "utter_complaint_code",
        row["language"],
        {"code": code, "ref": row["ref"], "minutes": policy.code_minutes, "lender_name": basis.lender_name},
    ).text
    basis.notifier.queue(connection, CODE, phone, text, now, erase_at=expires)


def open_visit(connection: Connection, basis: Basis, row: Row, code: str, now: datetime) -> str | None:
    """The key of a visit for the right code; None for a wrong, used, expired or exhausted one. The caller commits either way."""
    query = sa.select(complaint_codes).where(K.ref == row["ref"])
    if connection.dialect.name != "sqlite":
        query = query.with_for_update()
    kept = connection.execute(query).first()
    tries = basis.policy(now).code_tries
    if kept is None or kept.code is None or kept.expires_at <= basis.wall.now() or kept.tries >= tries:
        return None
    right = hmac.compare_digest(kept.code, _code_mark(basis, row["ref"], code.strip()))
    values: dict[str, Any] = {"code": None} if right else {"tries": kept.tries + 1}
    connection.execute(complaint_codes.update().where(K.ref == row["ref"]).values(**values))
    return _visitor(basis).dumps(row["ref"]) if right else None


def visited(basis: Basis, key: str) -> str:
    """The number that a visit's key opens. Raises NotAllowed (`visit`)."""
    try:
        return str(_visitor(basis).loads(key, max_age=int(VISIT.total_seconds())))
    except (SignatureExpired, BadSignature, UnicodeError, ValueError, TypeError):
        raise NotAllowed("ask for a new code, please", code="visit") from None


def _code_mark(basis: Basis, ref: str, code: str) -> str:
    return basis.mark("complaint code", ref, code)


def _signer(basis: Basis) -> URLSafeSerializer:
    return URLSafeSerializer(basis.secret, salt="daihou complaint link")


def _lettered(basis: Basis) -> URLSafeSerializer:
    return URLSafeSerializer(basis.secret, salt="daihou complaint letter")


def _visitor(basis: Basis) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(basis.secret, salt="daihou complaint visit")
