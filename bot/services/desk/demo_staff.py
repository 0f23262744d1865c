"""Demo accounts of the desk, one for every role, and their codes; nothing here runs without DEMO=1."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

from bot.services.desk.accounts import SECOND_FACTOR, Accounts, fresh_code, new_secret
from bot.services.staff import Staff
from bot.store.database import Database
from bot.store.desk_schema import staff as table

BOOK = Path(__file__).parent / "demo_staff.yml"


def seed_staff(database: Database, staff: Staff, accounts: Accounts) -> None:
    """Add the accounts that are not there yet."""
    book = _book()
    with database.read() as connection:
        known = set(connection.execute(sa.select(table.c.staff_id)).scalars())
    for one in book["staff"]:
        if one["id"] in known:
            continue
        staff.put(
            one["id"],
            one["role"],
            name=one["name"],
            skills=one.get("skills"),
            languages=one.get("languages"),
            password=accounts.hashed(book["password"]),
            totp=new_secret() if one["role"] in SECOND_FACTOR else None,
        )


def logins(database: Database, wall: datetime) -> list[dict[str, Any]]:
    """Who the demo accounts are, with password, secret and the code of this moment."""
    book = _book()
    ids = [one["id"] for one in book["staff"]]
    with database.read() as connection:
        rows = {row.staff_id: row for row in connection.execute(sa.select(table).where(table.c.staff_id.in_(ids)))}
    return [
        {
            "staff_id": key,
            "name": rows[key].name,
            "role": rows[key].role,
            "password": book["password"],
            "totp": rows[key].totp,
            "code": fresh_code(rows[key].totp, rows[key].totp_used, wall) if rows[key].totp else "",
        }
        for key in ids
        if key in rows
    ]


def _book() -> dict[str, Any]:
    book: dict[str, Any] = yaml.safe_load(BOOK.read_text(encoding="utf-8"))
    return book
