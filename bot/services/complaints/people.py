"""Whom to reach about a case when no customer is known: what they gave themselves."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from bot.store.complaint_schema import complaint_people

P = complaint_people.c


def keep(connection: Connection, ref: str, **given: str) -> None:
    """Name, phone, email: only what is given is changed."""
    values = {key: value for key, value in given.items() if value}
    if values and connection.execute(complaint_people.update().where(P.ref == ref).values(**values)).rowcount == 0:
        connection.execute(complaint_people.insert().values(ref=ref, **values))
