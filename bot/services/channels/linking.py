"""Which customer an account of a platform belongs to: by proof only, for as long as nobody takes it back.

A link is made by a signed token of the lender, a code sent to the contact on file, or a colleague who gives a reason. It
keeps the account at level 1 in the customer's conversation when a stronger proof ends: the two are never mixed, a link
alone shows no amount. An e-mail or a phone that somebody types links nothing. Ending a link is possible for the
borrower and for staff; one that was a mistake takes its messages out of the customer's conversation again.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput, Conflict, NotFound
from bot.services import events
from bot.services.desk import ownership
from bot.store import conversation_rows as rows
from bot.store.channel_schema import channel_links as table
from bot.store.conversation_rows import Session
from bot.store.conversation_schema import identity_tokens

OWN = ("web", "rest", "ivr")  # a browser, a lender's system, a call: no account of a person
LINKED_LEVEL = 1
LEAST_REASON = 4  # characters


def may_link(session: Session) -> bool:
    """Whether the session is an account that can belong to somebody."""
    return session.channel not in OWN


def link(
    connection: Connection,
    session: Session,
    customer_id: str,
    proof: str,
    now: datetime,
    *,
    staff_id: str | None = None,
    reason: str | None = None,
) -> Session:
    """Remember the link; the session with it. Called where the proof is checked.

    Args:
        proof: token | code | agent.
    """
    if not may_link(session) or session.linked_to == customer_id:
        return session
    if session.linked_to is not None:
        _end(connection, session, "system", "another customer was proven", now, None)
    connection.execute(
        table.insert().values(
            link_id=rows.new_id(),
            session_id=session.session_id,
            channel=session.channel,
            customer_id=customer_id,
            proof=proof,
            staff_id=staff_id,
            reason=reason,
            created_at=now,
        )
    )
    _record(connection, session, now, "account_linked", {"proof": proof, "staff": staff_id})
    return rows.change_session(connection, session, linked_to=customer_id)


def unlink(connection: Connection, session: Session, by: str, reason: str, now: datetime) -> Session:
    """The account is nobody's any more (it changed hands, or its owner wishes so). The conversation stays the customer's.

    The caller ends the session's identity (`Identity.end`), which takes it to a conversation of its own.
    """
    if session.linked_to is None:
        return session
    _end(connection, session, by, reason, now, None)
    return rows.change_session(connection, session, linked_to=None)


def was_mistaken(connection: Connection, session_id: str, by: str, reason: str, now: datetime) -> Session:
    """A link that should never have been: what the account said and was told leaves the customer's conversation again.

    Raises:
        NotFound: no such session, or it is not linked. BadInput: no reason.
    """
    _must_say_why(reason)
    session = rows.session_by_id(connection, session_id, lock=True)
    if session is None or session.linked_to is None:
        raise NotFound("this account is not linked to anybody", code="not_linked")
    left = session.conversation_id
    language = rows.conversation(connection, left, lock=True).language
    own = rows.create_conversation(connection, now, language)
    moved = rows.move_of_session(connection, session_id, left, own)
    ownership.left(connection, left, session_id, now)
    connection.execute(identity_tokens.update().where(identity_tokens.c.session_id == session_id).values(ended=True))
    _end(connection, session, by, reason, now, moved)
    _record(connection, session, now, "identity_ended", {"why": "mistaken_link", "level": session.level})
    return rows.change_session(
        connection,
        session,
        linked_to=None,
        level=rows.LEVEL_0,
        customer_id=None,
        conversation_id=own,
        login=None,
        after_login=None,
    )


def links_of(connection: Connection, customer_id: str) -> list[dict[str, object]]:
    """A customer's accounts for staff, present and past, newest first; no address of any."""
    query = sa.select(table).where(table.c.customer_id == customer_id).order_by(table.c.created_at.desc())
    return [dict(row) for row in connection.execute(query).mappings()]


def check_agent(session: Session | None, customer_id: str, reason: str) -> Session:
    """What a colleague must give before linking by hand.

    Raises:
        NotFound, BadInput (`reason`, `no_account`), Conflict (`linked_elsewhere`).
    """
    _must_say_why(reason)
    if session is None:
        raise NotFound("no such session")
    if not may_link(session):
        raise BadInput("a browser is no account of a person", code="no_account")
    if session.customer_id not in (None, customer_id):
        raise Conflict("this account belongs to another customer: end that link first", code="linked_elsewhere")
    return session


def _must_say_why(reason: str) -> None:
    if len(reason.strip()) < LEAST_REASON:
        raise BadInput("say why, in a few words", code="reason")


def _end(connection: Connection, session: Session, by: str, reason: str, now: datetime, moved: int | None) -> None:
    connection.execute(
        table.update()
        .where(table.c.session_id == session.session_id, table.c.ended_at.is_(None))
        .values(ended_at=now, ended_by=by, end_reason=reason[:500], moved_out=moved)
    )
    _record(connection, session, now, "account_unlinked", {"by": by, "moved_out": moved})


def _record(connection: Connection, session: Session, now: datetime, kind: str, facts: dict[str, object]) -> None:
    origin = events.Origin(now, session.conversation_id, session.session_id, session.channel)
    events.record(connection, origin, [events.Event(kind, events.SYSTEM, facts)])
