"""Who is talking: what a channel session has proven, how it proves it, how that ends. Issue 3, section 4.

The level belongs to the session (channel + channel user), never to the conversation or the customer. A proven
session talks in the customer's one conversation; when its identity ends it leaves for an anonymous one, where
what it saw remains as placeholders. All functions work inside the caller's transaction.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import NotFound
from bot.services import events, preferences, requests
from bot.services.channels import linking, wishes
from bot.services.complaints import rows as complaints
from bot.services.desk import ownership
from bot.store import conversation_rows as rows
from bot.store import turn_rows
from bot.store.conversation_rows import Session
from bot.store.conversation_schema import conversations, identity_tokens
from bot.store.protocols import LoanStore

_TOKEN = sa.select(identity_tokens).where(
    identity_tokens.c.jti == sa.bindparam("key")
)  # keyed once: every message asks
ACR_LEVEL = {"1": 1, "2": 2}
MAX_CLAIM = 255  # characters of `sub` and `jti`


@dataclass(frozen=True)
class Claims:
    """A token that the lender signed and that is in force."""

    customer_id: str
    level: int
    jti: str


class Identity:
    """Proof and its end. `secret` is shared with the lender's login; `idle` ends a silent identity."""

    def __init__(self, secret: str, idle: timedelta, loans: LoanStore, with_person: timedelta | None = None) -> None:
        self._secret = secret
        self._idle = idle
        self._with_person = max(idle, with_person or idle)  # while a person is awaited or writes
        self._loans = loans

    def read_token(self, token: str, wall: datetime, known: str | None = None) -> Claims | None:
        """The claims of a valid token (HS256; `sub`, `exp`, `acr`, `jti`), else None: no reason is given away.

        `known` is a customer id that need not be looked up.
        """
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=["HS256"],
                options={"require": ["sub", "exp", "acr", "jti"], "verify_exp": False},
            )
            sub, jti, level, exp = claims["sub"], claims["jti"], ACR_LEVEL.get(claims["acr"]), claims["exp"]
        except (jwt.InvalidTokenError, TypeError, ValueError):
            return None
        if level is None or isinstance(exp, bool) or not isinstance(exp, (int, float)):
            return None
        if not (
            isinstance(sub, str) and isinstance(jti, str) and 0 < len(sub) <= MAX_CLAIM and 0 < len(jti) <= MAX_CLAIM
        ):
            return None
        if not exp > wall.timestamp():  # also refuses NaN
            return None
        if sub != known:
            try:
                self._loans.customer(sub)
            except NotFound:
                return None
        return Claims(sub, level, jti)

    def bind_token(
        self, connection: Connection, session: Session, token: str, now: datetime, wall: datetime
    ) -> Session:
        """Give the session what a token proves. A bad one, or one first used elsewhere, changes nothing at all."""
        claims = self.read_token(token, wall, session.customer_id)
        jti, used = (None, False) if claims is None else self._usable(connection, session, claims)
        if claims is None or jti is None:
            events.record(connection, _origin(session, now), [events.Event("token_refused", events.SYSTEM)])
            return session
        if session.customer_id is not None and session.customer_id != claims.customer_id:
            session = self.end(connection, session, "other_customer", now, keep_view=False)
        if not used:
            connection.execute(
                identity_tokens.insert().values(jti=jti, session_id=session.session_id, first_used_at=wall)
            )
        return self.prove(connection, session, claims.customer_id, claims.level, "token", now, wall)

    def _usable(self, connection: Connection, session: Session, claims: Claims) -> tuple[str | None, bool]:
        """The token's key, when nobody has used it or this very session has and did not log out since; whether used."""
        jti = hmac.new(self._secret.encode(), claims.jti.encode(), hashlib.sha256).hexdigest()
        row = connection.execute(_TOKEN, {"key": jti}).first()
        if row is None:
            return jti, False
        return (jti if row.session_id == session.session_id and not row.ended else None), True

    def prove(
        self,
        connection: Connection,
        session: Session,
        customer_id: str,
        level: int,
        by: str,
        now: datetime,
        wall: datetime,
        *,
        staff_id: str | None = None,
        reason: str | None = None,
    ) -> Session:
        """The session is `customer_id` at `level` or what it had, if that was more. Another customer's ends first.

        An account of a platform is linked by it. `by`: token | code | agent (then with `staff_id` and `reason`).
        """
        if session.customer_id is not None and session.customer_id != customer_id:
            session = self.end(connection, session, "other_customer", now, keep_view=False)
        may_link = linking.may_link(session)
        if session.customer_id == customer_id:
            if level <= session.level:  # as with every message of a session that shows its token each time
                if by != "agent":  # a colleague's word keeps no stronger proof alive
                    turn_rows.touch(connection, session.session_id, wall)
                return session
            events.record(
                connection,
                _origin(session, now),
                [events.Event("identity_proven", events.SYSTEM, {"by": by, "level": level})],
            )
            return rows.change_session(connection, session, level=level, active_at=wall)
        if may_link:
            session = linking.link(connection, session, customer_id, by, now, staff_id=staff_id, reason=reason)
        conversation_id = _join(connection, session, customer_id, now)
        session = rows.change_session(
            connection,
            session,
            level=level,
            customer_id=customer_id,
            conversation_id=conversation_id,
            active_at=wall,
            login=None,
        )
        requests.link(connection, session.session_id, customer_id)
        complaints.link(connection, session.session_id, customer_id, now)
        preferences.link(connection, session.session_id, customer_id, now)
        wishes.link(connection, session.session_id, customer_id, now)
        events.record(
            connection,
            _origin(session, now),
            [events.Event("identity_proven", events.SYSTEM, {"by": by, "level": level})],
        )
        return session

    def expire(self, connection: Connection, session: Session, now: datetime, wall: datetime) -> Session:
        """End an identity that has been silent for too long; a linked account keeps what its link is worth."""
        if not self.expired(session, wall):
            return session
        if session.linked_to is None:
            return self.end(connection, session, "idle", now, keep_view=True)
        events.record(
            connection,
            _origin(session, now),
            [events.Event("identity_lowered", events.SYSTEM, {"why": "idle", "level": session.level})],
        )
        return rows.change_session(
            connection, session, level=linking.LINKED_LEVEL, active_at=wall, login=None, after_login=None
        )

    def expired(self, session: Session, wall: datetime) -> bool:
        idle = self._with_person if session.with_person else self._idle
        floor = linking.LINKED_LEVEL if session.linked_to else rows.LEVEL_0
        return session.level > floor and wall - session.active_at > idle

    def level_now(self, session: Session, wall: datetime) -> int:
        """What the session has proven at this moment: an expiry takes effect before anybody has looked at it."""
        if not self.expired(session, wall):
            return session.level
        return linking.LINKED_LEVEL if session.linked_to else rows.LEVEL_0

    def end(self, connection: Connection, session: Session, why: str, now: datetime, *, keep_view: bool) -> Session:
        """Back to level 0 in a conversation of its own; its unanswered messages go along.

        Args:
            why: idle | logout | not_me | other_customer. Only after `idle` may the same token prove again.
            keep_view: leave placeholders of what the session saw.
        """
        left = session.conversation_id
        language = rows.conversation(connection, left).language
        own = rows.create_conversation(connection, now, language)
        if keep_view:
            rows.copy_shadows(connection, session.session_id, left, own)
        rows.move_pending(connection, session.session_id, left, own)
        ownership.left(connection, left, session.session_id, now)
        session = linking.unlink(connection, session, "borrower", why, now)
        if why != "idle":
            connection.execute(
                identity_tokens.update().where(identity_tokens.c.session_id == session.session_id).values(ended=True)
            )
        events.record(
            connection,
            _origin(session, now),
            [events.Event("identity_ended", events.SYSTEM, {"why": why, "level": session.level})],
        )
        return rows.change_session(
            connection,
            session,
            level=rows.LEVEL_0,
            customer_id=None,
            conversation_id=own,
            login=None,
            after_login=None,
        )


def _join(connection: Connection, session: Session, customer_id: str, now: datetime) -> str:
    """Where a session talks from now on: the customer's conversation, with its own anonymous messages appended."""
    own = rows.conversation(connection, session.conversation_id, lock=True)
    target = rows.conversation_of(connection, customer_id)
    if target is None:
        rows.drop_shadows(connection, own.conversation_id)
        connection.execute(
            conversations.update()
            .where(conversations.c.conversation_id == own.conversation_id)
            .values(customer_id=customer_id, updated_at=now)
        )
        ownership.belongs(connection, own.conversation_id, customer_id)
        return own.conversation_id
    rows.move_all(connection, own.conversation_id, target.conversation_id)
    ownership.carry(connection, own, target, customer_id, now)
    connection.execute(
        conversations.update()
        .where(conversations.c.conversation_id == target.conversation_id)
        .values(
            memory=_merged(target.memory, own.memory), version=target.version + 1, language=own.language, updated_at=now
        )
    )
    return target.conversation_id


def _merged(kept: dict[str, object] | None, newer: dict[str, object] | None) -> dict[str, object] | None:
    """The customer's dialogue memory with what the session had just talked about on top."""
    if not newer or not kept:
        return newer or kept
    old, new = kept.get("slots"), newer.get("slots")
    if not isinstance(old, dict) or not isinstance(new, dict):
        return newer
    return {**newer, "slots": {**old, **{name: value for name, value in new.items() if value is not None}}}


def _origin(session: Session, now: datetime) -> events.Origin:
    return events.Origin(now, session.conversation_id, session.session_id, session.channel)
