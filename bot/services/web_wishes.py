"""The widget's form over `bot.services.channels.wishes`: the same wishes, checked field by field, and taken back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
import yaml
from sqlalchemy.engine import Connection

from bot.errors import BadInput
from bot.services.channels import wishes
from bot.services.channels.wishes import LANGUAGES, LISTS, Wishes
from bot.store.channel_schema import service_preferences as table
from bot.store.conversation_rows import Session

TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
QUIET = {"quiet_from", "quiet_until"}


@lru_cache(maxsize=1)
def channels() -> tuple[str, ...]:
    """The channels that a borrower can name, as in `preferences.yml`."""
    return tuple(yaml.safe_load(LISTS.read_text(encoding="utf-8"))["channels"])


def check(given: Mapping[str, Any], taken_back: Set[str]) -> None:
    """Raises BadInput with the field's name: what is asked for must be something that can be honoured."""
    for name, known in (("channel", channels()), ("language", LANGUAGES)):
        if name in given and given[name] not in known:
            raise BadInput(f"{name} is one of {', '.join(known)}", code="bad_value")
    for name in given.get("elsewhere", ()):
        if name not in channels():
            raise BadInput(f"elsewhere holds some of {', '.join(channels())}", code="bad_value")
    for name in QUIET & set(given):
        if not TIME.fullmatch(given[name]):
            raise BadInput(f"{name} is a time HH:MM", code="bad_value")
    if len(QUIET & set(given)) == 1 or len(QUIET & taken_back) == 1:
        raise BadInput("quiet_from and quiet_until go together", code="bad_value")
    if set(given) >= QUIET and given["quiet_from"] == given["quiet_until"]:
        raise BadInput("quiet_from and quiet_until must differ", code="bad_value")


def subject(session: Session | None, session_id: str) -> str:
    return wishes.subject_of(session.customer_id if session else None, session_id)


def change(connection: Connection, subject: str, given: Mapping[str, Any], taken_back: Set[str], now: datetime) -> None:
    """Keep what was given (each channel of `elsewhere` once) and forget what was taken back."""
    if given:
        values = {**given}
        if "elsewhere" in values:
            values["elsewhere"] = list(dict.fromkeys(values["elsewhere"]))
        wishes.keep(connection, subject, Wishes(**values), now)
    if taken_back:
        connection.execute(
            table.update()
            .where(table.c.subject == subject)
            .values(updated_at=now, **dict.fromkeys(taken_back, sa.null()))
        )


def shown(connection: Connection, subject: str) -> dict[str, Any]:
    return asdict(wishes.of(connection, subject))
