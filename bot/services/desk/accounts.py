"""How staff get in: password (argon2) and, for whoever decides about money, a one-time code; sessions that end by themselves.

A refusal says one thing whatever was wrong. After too many failures an account rests; a code counts once. The cookie's
value is nowhere stored, only its hash; changing anything needs the session's CSRF value besides.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyotp
import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.errors import BadInput, NotAllowed
from bot.lending.authority import Actor
from bot.store.database import Database
from bot.store.desk_schema import desk_sessions, presence, staff

SECOND_FACTOR = ("agent", "lead", "supervisor", "admin")  # these approve money, or make accounts
MOST_FAILURES = 5
LOCKED = timedelta(minutes=15)
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
SHORTEST_PASSWORD = 12
STEP = 30  # seconds of a one-time code
DRIFT = 1  # steps of clock skew that are allowed
S = staff.c


@dataclass(frozen=True)
class Entry:
    """A login: the cookie's value (shown once), the CSRF value, who it is."""

    cookie: str
    csrf: str
    actor: Actor
    name: str


class Accounts:
    """All times are real time."""

    def __init__(self, database: Database, hasher: PasswordHasher | None = None) -> None:
        self._database = database
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_hex(16))  # so that an unknown name takes as long

    def hashed(self, password: str) -> str:
        """Raises BadInput (`password`)."""
        if len(password) < SHORTEST_PASSWORD or len(password) > 200:
            raise BadInput(f"a password has {SHORTEST_PASSWORD} to 200 characters", code="password")
        return self._hasher.hash(password)

    def login(self, staff_id: str, password: str, code: str, wall: datetime) -> Entry:
        """Raises NotAllowed: `login` (name, password or code), `locked`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(staff).where(S.staff_id == staff_id)).mappings().first()
        right = self._matches(row["password"] if row and row["password"] else self._nobody, password)
        if row is not None and row["locked_until"] is not None and row["locked_until"] > wall:
            raise NotAllowed("too many wrong attempts; try again later", code="locked")
        step = _step_of(row["totp"], code, wall) if row is not None and row["totp"] else None
        needs_code = row is not None and (row["role"] in SECOND_FACTOR or row["totp"])
        good = right and row is not None and row["active"] and row["password"] and (not needs_code or step is not None)
        if not good or row is None:
            self._failed(staff_id, wall)
            raise NotAllowed("name, password or code is wrong", code="login")
        cookie, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
        with self._database.write() as connection:
            if step is not None:
                used = connection.execute(
                    staff.update().where(S.staff_id == staff_id, S.totp_used < step).values(totp_used=step)
                )
                if used.rowcount != 1:
                    raise NotAllowed("name, password or code is wrong", code="login")
            connection.execute(staff.update().where(S.staff_id == staff_id).values(failures=0, locked_until=None))
            connection.execute(
                desk_sessions.insert().values(
                    session=_hash(cookie), staff_id=staff_id, csrf=csrf, created_at=wall, active_at=wall
                )
            )
        return Entry(cookie, csrf, Actor(staff_id, row["role"]), row["name"] or staff_id)

    def read(
        self, cookie: str, wall: datetime, *, csrf: str | None = None, changes: bool = False, touch: bool = True
    ) -> Entry:
        """Who shows the cookie. Using the desk keeps the session alive.

        Args:
            changes: the request changes something, so its `csrf` value must be the session's.
            touch: this is use; an open page that nobody touches lets the session end.

        Raises:
            NotAllowed: `desk_session` (none, ended, idle too long, no longer active), `csrf`.
        """
        refused = NotAllowed("log in to the desk", code="desk_session")
        with self._database.read() as connection:
            row = connection.execute(
                sa.select(desk_sessions, S.role, S.active, S.name)
                .join(staff, S.staff_id == desk_sessions.c.staff_id)
                .where(desk_sessions.c.session == _hash(cookie))
            ).first()
        if row is None or row.ended or not row.active:
            raise refused
        if wall - row.active_at > IDLE or wall - row.created_at > LONGEST:
            raise refused
        if changes and not hmac.compare_digest((csrf or "").encode(), row.csrf.encode()):
            raise NotAllowed("this request does not come from the desk's own page", code="csrf")
        if touch and wall - row.active_at > timedelta(minutes=1):
            self._touch(row.session, wall)
        return Entry(cookie, row.csrf, Actor(row.staff_id, row.role), row.name or row.staff_id)

    def logout(self, cookie: str) -> None:
        with self._database.write() as connection:
            mine = desk_sessions.c.session == _hash(cookie)
            staff_id = connection.execute(sa.select(desk_sessions.c.staff_id).where(mine)).scalar()
            connection.execute(desk_sessions.update().where(mine).values(ended=True))
            connection.execute(presence.update().where(presence.c.staff_id == staff_id).values(status="offline"))

    def _touch(self, session: str, wall: datetime) -> None:
        with self._database.write() as connection:
            connection.execute(desk_sessions.update().where(desk_sessions.c.session == session).values(active_at=wall))

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def _failed(self, staff_id: str, wall: datetime) -> None:
        with self._database.write() as connection:
            connection.execute(staff.update().where(S.staff_id == staff_id).values(failures=S.failures + 1))
            connection.execute(
                staff.update()
                .where(S.staff_id == staff_id, S.failures >= MOST_FAILURES)
                .values(failures=0, locked_until=wall + LOCKED)
            )


def new_secret() -> str:
    """A shared secret for an authenticator."""
    return pyotp.random_base32()


def fresh_code(secret: str, used: int, wall: datetime) -> str:
    """A code that still counts, where one of this moment was used already (the demo's login page)."""
    step = max(int(wall.timestamp()) // STEP, used + 1)
    return pyotp.TOTP(secret).at(step * STEP)


def _step_of(secret: str, code: str, wall: datetime) -> int | None:
    """The time step that `code` belongs to, a step of skew allowed; None when it is of none."""
    totp: Any = pyotp.TOTP(secret)
    now = int(wall.timestamp()) // STEP
    for step in range(now - DRIFT, now + DRIFT + 1):
        if hmac.compare_digest(totp.at(step * STEP).encode(), code.strip().encode()):
            return step
    return None


def _hash(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
