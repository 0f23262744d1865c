"""Reading what a client sent: JSON objects with named, typed, bounded fields. Anything else is a 400 with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from bot.errors import BadInput

MAX_BODY = 64 * 1024  # bytes
MAX_TEXT = 20_000  # characters that are read at all; how many are answered is a setting
MAX_ID = 128
MAX_TOKEN = 4096


@dataclass(frozen=True)
class Field:
    """One field of a body: its type, whether it must be there, how long a string may be."""

    kind: type
    required: bool = False
    longest: int = 255
    plain: bool = False  # an identifier: not empty, no control characters


def read(raw: bytes | str, fields: Mapping[str, Field]) -> dict[str, Any]:
    """The object in `raw`, checked.

    Raises:
        BadInput: `not_json`, `not_an_object`, `unknown_field`, `missing_field`, `wrong_type`, `too_long`, `bad_value`.
    """
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"the body is not valid JSON: {error}", code="not_json") from None
    if not isinstance(body, dict):
        raise BadInput("the body must be a JSON object", code="not_an_object")
    return check(body, fields)


def check(body: Mapping[str, Any], fields: Mapping[str, Field], where: str = "") -> dict[str, Any]:
    """The fields of `body` that are named in `fields`; see `read`."""
    for name in body:
        if name not in fields:
            raise BadInput(f"unknown field {where}{name[:40]!r}; known: {', '.join(fields)}", code="unknown_field")
    checked: dict[str, Any] = {}
    for name, field in fields.items():
        value = body.get(name)
        if value is None:
            if field.required:
                raise BadInput(f"field {where}{name!r} is missing", code="missing_field")
            continue
        if not isinstance(value, field.kind) or (isinstance(value, bool) and field.kind is not bool):
            raise BadInput(f"field {where}{name!r} must be a {field.kind.__name__}", code="wrong_type")
        if isinstance(value, str):
            _check_words(where + name, value, field)
        checked[name] = value
    return checked


def _check_words(name: str, value: str, field: Field) -> None:
    if len(value) > field.longest:
        raise BadInput(f"field {name!r} is longer than {field.longest} characters", code="too_long")
    if field.plain and not (value.strip() and value.isprintable()):
        raise BadInput(f"field {name!r} must be printable and not empty", code="bad_value")


def whole_number(args: Mapping[str, Any], name: str, default: int, most: int) -> int:
    """A number of the query, 0 to `most`.

    Raises:
        BadInput: `bad_value`.
    """
    raw = args.get(name)
    if raw is None:
        return default
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 12 and int(raw) <= most):
        raise BadInput(f"{name} must be a whole number from 0 to {most}", code="bad_value")
    return int(raw)
