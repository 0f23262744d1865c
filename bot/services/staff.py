"""Members of staff: a table, and tokens signed with STAFF_SECRET (`sub`, `role`, `exp`). The desk changes only how one is got."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import jwt
import sqlalchemy as sa

from bot.errors import BadInput, NotAllowed
from bot.lending.authority import Actor
from bot.store.database import Database
from bot.store.desk_schema import customer_managers
from bot.store.desk_schema import staff as table

ROLES = ("agent", "lead", "supervisor", "trainer", "compliance", "admin")
LONGEST = timedelta(hours=12)
ALGORITHM = "HS256"


class Staff:
    """`secret` signs tokens; without one nobody gets in."""

    def __init__(self, database: Database, secret: str) -> None:
        self._database = database
        self._secret = secret

    def put(self, staff_id: str, role: str, *, active: bool = True, **more: Any) -> None:
        """Add somebody, or change role and state; `more`: name, skills, languages, capacity, password, totp.

        Raises:
            BadInput: `staff_id`, `role`.
        """
        if not staff_id or len(staff_id) > 64 or not staff_id.isprintable():
            raise BadInput("a staff id has 1 to 64 printable characters", code="staff_id")
        if role not in ROLES:
            raise BadInput(f"role must be one of {', '.join(ROLES)}", code="role")
        values = {"role": role, "active": active, **more}
        with self._database.write() as connection:
            if connection.execute(table.update().where(table.c.staff_id == staff_id).values(**values)).rowcount == 0:
                connection.execute(table.insert().values(staff_id=staff_id, **values))

    def manage(self, staff_id: str, customer_id: str) -> None:
        """Make somebody the named manager of a customer. Raises BadInput (`staff_id`)."""
        if self._actor(staff_id) is None:
            raise BadInput(f"{staff_id} is not on the staff", code="staff_id")
        with self._database.write() as connection:
            mine = customer_managers.c.customer_id == customer_id
            if connection.execute(customer_managers.update().where(mine).values(staff_id=staff_id)).rowcount == 0:
                connection.execute(customer_managers.insert().values(customer_id=customer_id, staff_id=staff_id))

    def token(self, staff_id: str, now: datetime, lives: timedelta = timedelta(hours=8)) -> str:
        """A token for somebody of the table.

        Raises:
            NotAllowed: no secret is set, or the person is unknown or not active.
        """
        if not self._secret:
            raise NotAllowed("set STAFF_SECRET (a long random value)", code="staff_secret")
        actor = self._actor(staff_id)
        if actor is None or not actor.active:
            raise NotAllowed(f"{staff_id} is not an active member of staff", code="staff_unknown")
        claims = {"sub": staff_id, "role": actor.role, "exp": int((now + min(lives, LONGEST)).timestamp())}
        return jwt.encode(claims, self._secret, algorithm=ALGORITHM)

    def read(self, token: str, now: datetime) -> Actor:
        """Who shows the token: signature, time, and that the table still says the same.

        Raises:
            NotAllowed: `staff_token`, with one message for every reason.
        """
        refused = NotAllowed(
            "this needs `Authorization: Bearer <staff token>`; see `daihou staff token`", code="staff_token"
        )
        if not self._secret:
            raise refused
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                options={"require": ["sub", "role", "exp"], "verify_exp": False},
            )
        except (jwt.PyJWTError, UnicodeError, ValueError):
            raise refused from None
        expires = claims["exp"]
        if not isinstance(expires, (int, float)) or expires <= now.timestamp():
            raise refused
        actor = self._actor(str(claims["sub"]))
        if actor is None or not actor.active or actor.role != claims["role"]:
            raise refused
        return actor

    def _actor(self, staff_id: str) -> Actor | None:
        with self._database.read() as connection:
            row = connection.execute(sa.select(table).where(table.c.staff_id == staff_id)).first()
        return Actor(row.staff_id, row.role, row.active) if row is not None else None
