"""Posts about the lender on social platforms, imported as feedback: read once each, masked, understood by the model.

Nobody is identified by a post and nothing is answered: the author is kept as a keyed hash only, to count repetitions.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput
from bot.nlu.redact import redact
from bot.services.inbound import clean
from bot.store.channel_schema import social_posts as table

COLUMNS = ("source", "id", "author", "text", "posted_at")
NEEDED = ("source", "id", "text")
LONGEST = 5000
MOST = 100_000  # posts of one file
Understand = Callable[[str], tuple[str, float]]  # intent and confidence


@dataclass
class Imported:
    """What a file came to. `mistakes` name file, line and column; their rows were passed over."""

    new: int = 0
    known: int = 0
    mistakes: list[str] = field(default_factory=list)
    intents: Counter[str] = field(default_factory=Counter)


def import_posts(
    connection: Connection, name: str, content: bytes, key: str, zone: ZoneInfo, understand: Understand, now: datetime
) -> Imported:
    """Take a file of posts over, in the caller's transaction; the same file again changes nothing.

    Args:
        name: of the file; its ending says CSV or JSON (a list of objects).
        key: this installation's secret, for the authors.

    Raises:
        BadInput: the file is neither, or a needed column is missing; nothing is taken.
    """
    done = Imported()
    batch = hashlib.sha256(content).hexdigest()
    for place, row in _rows(name, content):
        try:
            values = _checked(row, key, zone)
        except BadInput as error:
            done.mistakes.append(f"{place}: {error}")
            continue
        same = sa.and_(table.c.source == values["source"], table.c.external_id == values["external_id"])
        if connection.execute(sa.select(table.c.post_id).where(same)).first() is not None:
            done.known += 1
            continue
        intent, confidence = understand(values["text"])
        connection.execute(
            table.insert().values(
                post_id=uuid.uuid4().hex,
                batch=batch,
                intent=intent,
                confidence=round(confidence, 4),
                imported_at=now,
                **values,
            )
        )
        done.new += 1
        done.intents[intent] += 1
    return done


def _rows(name: str, content: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{name}: not UTF-8 at byte {error.start}", code="encoding") from error
    if name.lower().endswith(".json"):
        yield from _from_json(name, text)
    elif name.lower().endswith(".csv"):
        yield from _from_csv(name, text)
    else:
        raise BadInput(f"{name}: a .csv or .json file is needed", code="kind")


def _from_json(name: str, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"{name}:{error.lineno}:{error.colno}: {error.msg}", code="not_json") from error
    if not isinstance(found, list) or len(found) > MOST:
        raise BadInput(f"{name}: a list of at most {MOST} posts is needed", code="not_a_list")
    for at, row in enumerate(found, 1):
        yield f"{name}: post {at}", row if isinstance(row, dict) else {}


def _from_csv(name: str, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text))
    missing = [column for column in NEEDED if column not in (reader.fieldnames or ())]
    if missing:
        raise BadInput(f"{name}:1: column {', '.join(missing)} is missing; known: {', '.join(COLUMNS)}", code="columns")
    for row in reader:
        yield f"{name}:{reader.line_num}", row


def _checked(row: Mapping[str, Any], key: str, zone: ZoneInfo) -> dict[str, Any]:
    """Raises BadInput naming the column."""
    values = {name: clean(str(row.get(name) or "")) for name in COLUMNS}
    for name in NEEDED:
        if not values[name]:
            raise BadInput(f"column {name} is empty")
    for name, most in (("source", 40), ("id", 128), ("text", LONGEST)):
        if len(values[name]) > most:
            raise BadInput(f"column {name} is longer than {most} characters")
    return {
        "source": values["source"],
        "external_id": values["id"],
        "author": hmac.new(key.encode(), values["author"].encode(), hashlib.sha256).hexdigest(),
        "text": redact(values["text"]),
        "posted_at": _moment(values["posted_at"], zone),
    }


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise BadInput(f"column posted_at: {text[:40]!r} is no ISO time") from None
    return found if found.tzinfo else found.replace(tzinfo=zone)
