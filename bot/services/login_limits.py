"""How often a code may be asked for and guessed. Counted per phone (keyed hash), over all codes and sessions.

Works the same for phones that nobody has: the rows are made by asking, not by being a customer.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml
from sqlalchemy.engine import Connection

from bot.errors import ConfigError
from bot.store.conversation_schema import login_codes, login_phones

POLICY = Path(__file__).resolve().parent.parent / "lending" / "policy" / "identity.yml"


@dataclass(frozen=True)
class Limits:
    """Numbers of the identity policy in force; see `identity.yml` for units and sources."""

    version: str
    digits: int
    code_lives: timedelta
    tries: int
    lock: timedelta
    codes: int  # of one phone in `codes_within`
    at_once: int  # of these without a pause: somebody who mistyped need not wait
    pause: timedelta
    codes_a_session: int
    forget_after: timedelta
    codes_within: timedelta = timedelta(hours=1)


def load(on: date, path: Path = POLICY) -> Limits:
    """The entry in force on `on`.

    Raises:
        ConfigError: no entry is in force, or one cannot be read; the message names file and key.
    """
    entries: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    in_force = [entry for entry in entries if entry["from"] <= on]
    if not in_force:
        raise ConfigError(f"{path}: no entry in force on {on}")
    entry = max(in_force, key=lambda one: one["from"])
    try:
        return Limits(
            version=f"identity {entry['from']}",
            digits=int(entry["code_digits"]),
            tries=int(entry["tries"]),
            code_lives=timedelta(minutes=entry["code_minutes"]),
            lock=timedelta(minutes=entry["lock_minutes"]),
            codes=int(entry["codes_an_hour"]),
            at_once=int(entry["codes_at_once"]),
            pause=timedelta(seconds=entry["pause_seconds"]),
            codes_a_session=int(entry["codes_a_session"]),
            forget_after=timedelta(minutes=entry["forget_minutes"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{path}: entry from {entry['from']}: {error}") from error


@dataclass(frozen=True)
class Refusal:
    """No code now. `why`: locked | wait | too_many."""

    why: str
    left: timedelta


@dataclass(frozen=True)
class Tried:
    """`customer_id` set: the code was right. `locked_for` set: no more tries. Else `left` tries remain."""

    customer_id: str | None = None
    locked_for: timedelta | None = None
    left: int = 0


def new_code(limits: Limits) -> str:
    """A fresh code; only its keyed hash is ever kept."""
    return f"{secrets.randbelow(10**limits.digits):0{limits.digits}d}"


def whole_minutes(left: timedelta) -> int:
    """Minutes as told to a person: rounded up, at least one."""
    return max(1, -(-int(left.total_seconds()) // 60))


def refusal(connection: Connection, phone: str, session: str, wall: datetime, limits: Limits) -> Refusal | None:
    """Whether a code may be asked for now; counts nothing and writes nothing."""
    row, asking = _seen(connection, phone), _seen(connection, session)
    if row is not None and row.locked_until is not None and row.locked_until > wall:
        return Refusal("locked", row.locked_until - wall)
    since_last = wall - row.last_code_at if row is not None and row.last_code_at is not None else limits.pause
    if row is not None and _recent(row, wall, limits) >= limits.at_once and since_last < limits.pause:
        return Refusal("wait", limits.pause - since_last)
    for counted, most in ((row, limits.codes), (asking, limits.codes_a_session)):
        if counted is not None and _recent(counted, wall, limits) >= most:
            return Refusal("too_many", limits.codes_within - (wall - counted.codes_since))
    return None


def ask_code(connection: Connection, phone: str, session: str, wall: datetime, limits: Limits) -> Refusal | None:
    """Count one request for a code, or refuse it. Does not tell whether the phone is anybody's."""
    row, asking = _phone(connection, phone), _phone(connection, session)
    refused = refusal(connection, phone, session, wall, limits)
    if refused is not None:
        return refused
    for counted in (row, asking):
        before = _recent(counted, wall, limits)
        _set(
            connection,
            counted.phone,
            codes=before + 1,
            codes_since=counted.codes_since if before else wall,
            last_code_at=wall,
        )
    return None


def _recent(row: Any, wall: datetime, limits: Limits) -> int:
    """Codes asked for in the running window."""
    fresh = row.codes_since is None or wall - row.codes_since >= limits.codes_within
    return 0 if fresh else int(row.codes)


def locked_for(connection: Connection, phone: str, wall: datetime) -> timedelta | None:
    """How long the phone is still locked, if it is."""
    until = _phone(connection, phone).locked_until
    return until - wall if until is not None and until > wall else None


def keep_code(
    connection: Connection, session_id: str, phone: str, code: str | None, customer_id: str | None, expires_at: datetime
) -> None:
    """Remember the hash of the session's newest code; None for a pair that nobody has."""
    connection.execute(login_codes.delete().where(login_codes.c.session_id == session_id))
    connection.execute(
        login_codes.insert().values(
            session_id=session_id, phone=phone, code=code, customer_id=customer_id, expires_at=expires_at
        )
    )


def kept_code(connection: Connection, session_id: str) -> Any:
    return connection.execute(sa.select(login_codes).where(login_codes.c.session_id == session_id)).first()


def try_code(connection: Connection, session_id: str, phone: str, code: str, wall: datetime, limits: Limits) -> Tried:
    """Check one guess and count it. The last wrong one locks the phone and voids every code sent to it."""
    row = _phone(connection, phone)
    if row.locked_until is not None and row.locked_until > wall:
        return Tried(locked_for=row.locked_until - wall)
    kept = kept_code(connection, session_id)
    usable = (
        kept is not None and not kept.void and kept.phone == phone and kept.expires_at > wall and kept.code is not None
    )
    if usable and hmac.compare_digest(kept.code, code):
        _set(connection, phone, tries=0, codes=0)
        connection.execute(login_codes.update().where(login_codes.c.session_id == session_id).values(void=True))
        return Tried(customer_id=kept.customer_id)
    return count_wrong(connection, phone, wall, limits)


def count_wrong(connection: Connection, phone: str, wall: datetime, limits: Limits) -> Tried:
    """Count a wrong code, of whatever purpose. The last one locks the phone and voids every login code sent to it."""
    tries = _phone(connection, phone).tries + 1
    if tries < limits.tries:
        _set(connection, phone, tries=tries, last_try_at=wall)
        return Tried(left=limits.tries - tries)
    _set(connection, phone, tries=0, codes=0, last_try_at=wall, locked_until=wall + limits.lock)
    connection.execute(login_codes.update().where(login_codes.c.phone == phone).values(void=True))
    return Tried(locked_for=limits.lock)


def count_right(connection: Connection, phone: str) -> None:
    """A right code forgets the wrong ones."""
    _set(connection, phone, tries=0, codes=0)


def _seen(connection: Connection, key: str) -> Any:
    return connection.execute(sa.select(login_phones).where(login_phones.c.phone == key)).first()


def _phone(connection: Connection, key: str) -> Any:
    query = sa.select(login_phones).where(login_phones.c.phone == key).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        connection.execute(login_phones.insert().values(phone=key, tries=0, codes=0))
        row = connection.execute(query).first()
    return row


def _set(connection: Connection, key: str, **values: Any) -> None:
    connection.execute(login_phones.update().where(login_phones.c.phone == key).values(**values))
