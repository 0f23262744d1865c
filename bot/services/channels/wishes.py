"""By which channel, when, in which language and size a borrower wishes to be served: read, kept, looked up.

An anonymous session's wishes are kept under the session and become the customer's when it proves who it is.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields
from datetime import datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml
from sqlalchemy.engine import Connection

from bot.services.login_words import fold
from bot.store.channel_schema import service_preferences as table

LONGEST = 60
LISTS = Path(__file__).with_name("preferences.yml")
LANGUAGES = ("zh-Hans", "zh-Hant", "en")


@dataclass(frozen=True)
class Wishes:
    """What is not None was asked for. Times are HH:MM in the lender's zone."""

    channel: str | None = None
    quiet_from: str | None = None
    quiet_until: str | None = None
    language: str | None = None
    large_type: bool | None = None
    elsewhere: list[str] | None = None

    def given(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}

    def quiet(self) -> tuple[time, time] | None:
        if self.quiet_from is None or self.quiet_until is None:
            return None
        return time.fromisoformat(self.quiet_from), time.fromisoformat(self.quiet_until)


@lru_cache(maxsize=1)
def _patterns() -> tuple[dict[str, list[tuple[re.Pattern[str], str]]], dict[str, frozenset[str]]]:
    lists = yaml.safe_load(LISTS.read_text(encoding="utf-8"))
    made: dict[str, list[tuple[re.Pattern[str], str]]] = {"channel": [], "hours": []}
    for name, words in lists["channels"].items():
        any_word = "(" + "|".join(re.escape(fold(word)) for word in words) + ")"
        made["channel"] += [(re.compile(_bare(one).replace("{channel}", any_word)), name) for one in lists["channel"]]
    made["hours"] = [(re.compile(_bare(one)), "") for one in lists["hours"]]
    plain = {
        key: frozenset(map(fold, words)) for key, words in lists.items() if key not in ("channels", "channel", "hours")
    }
    return made, plain


def _bare(pattern: str) -> str:
    return pattern.replace(" ", "").replace("'", "")


def read(text: str) -> Wishes | None:
    """The wish that a whole message states, else None. Anything longer or less plain is for the model."""
    if len(text) > LONGEST:
        return None
    patterns, plain = _patterns()
    said = fold(text)
    for language in LANGUAGES:
        if said in plain[f"language_{language}"]:
            return Wishes(language=language)
    for key, large in (("large_on", True), ("large_off", False)):
        if said in plain[key]:
            return Wishes(large_type=large)
    for pattern, name in patterns["channel"]:
        if pattern.fullmatch(said):
            return Wishes(channel=name)
    for pattern, _ in patterns["hours"]:
        found = pattern.fullmatch(said)
        if found:
            return _hours(int(found["from"]), int(found["until"]), said)
    return None


def unlinks(text: str) -> bool:
    """Whether the message takes the account's link back."""
    return len(text) <= LONGEST and fold(text) in _patterns()[1]["unlink"]


def _hours(begins: int, ends: int, said: str) -> Wishes | None:
    if begins <= 12 and re.search("[\u665a\u591c]", said):  # 「晚上九点」 is 21:00
        begins = begins % 12 + 12
    if not (0 <= begins <= 23 and 0 <= ends <= 23) or begins == ends:
        return None
    return Wishes(quiet_from=f"{begins:02d}:00", quiet_until=f"{ends:02d}:00")


def keep(connection: Connection, subject: str, wishes: Wishes, now: datetime) -> None:
    """Write what was asked for; the rest stays. `subject`: see `subject_of`."""
    values = wishes.given()
    done = connection.execute(table.update().where(table.c.subject == subject).values(updated_at=now, **values))
    if done.rowcount == 0:
        connection.execute(table.insert().values(subject=subject, updated_at=now, **values))


def of(connection: Connection, subject: str) -> Wishes:
    row = connection.execute(sa.select(table).where(table.c.subject == subject)).mappings().first()
    return Wishes(**{one.name: row[one.name] for one in fields(Wishes)}) if row else Wishes()


def subject_of(customer_id: str | None, session_id: str) -> str:
    return f"customer:{customer_id}" if customer_id else f"session:{session_id}"


def link(connection: Connection, session_id: str, customer_id: str, now: datetime) -> None:
    """What a session wished before it proved itself now holds for the customer, where they wished nothing else."""
    own = of(connection, f"session:{session_id}")
    if not own.given():
        return
    theirs = of(connection, f"customer:{customer_id}")
    keep(connection, f"customer:{customer_id}", Wishes(**{**own.given(), **theirs.given()}), now)
    connection.execute(table.delete().where(table.c.subject == f"session:{session_id}"))
