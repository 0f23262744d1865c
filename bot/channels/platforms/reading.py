"""Fields of a platform's JSON, whatever is in them: a wrong type is as good as nothing. Never an exception but BadInput."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

import orjson

from bot.errors import BadInput

FIRST, LAST = 0, 4_102_444_800  # 1970 to 2100, in seconds


def document(body: bytes) -> Any:
    """Raises BadInput: `not_json`."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:  # also lone surrogates and what is nested too deeply
        raise BadInput("not JSON", code="not_json") from error


def table(value: Any) -> Mapping[str, Any]:
    """`value` when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def tables(value: Any) -> Iterator[Mapping[str, Any]]:
    """The objects of a list."""
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())


def words(value: Any, longest: int = 20_000) -> str:
    """`value` when it is text, without NUL (no database keeps it)."""
    return value.replace("\x00", "")[:longest] if isinstance(value, str) else ""


def key(value: Any, longest: int = 128) -> str:
    """An id: text or a number; empty when there is none, or it is too long to be one."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    found = value if isinstance(value, str) else ""
    return found if len(found) <= longest and found.isprintable() else ""


def moment(value: Any) -> datetime | None:
    """Seconds since 1970, as a number or as digits."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 12:
        value = int(value)
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not FIRST < value < LAST:
        return None
    return datetime.fromtimestamp(value, timezone.utc)
