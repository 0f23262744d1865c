"""Walking one dated entry of a policy file: every value checked, every mistake named with file and line.

A new policy file: a subclass of `PolicyReader` that builds the values, as in `help_policy` and `complaints.policy`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import yaml

from bot.errors import ConfigError

E = TypeVar("E", bound=Enum)


class PolicyReader:
    """Places are tuples of keys, so that an error can name its line."""

    def __init__(self, path: Path, entry: dict[str, Any]) -> None:
        self._path, self.entry = path, entry
        self._lines = _lines(path, entry["from"])

    def get(self, *place: Any) -> Any:
        value: Any = self.entry
        for depth, key in enumerate(place):
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                raise self.error(place[:depth], f"`{key}` is missing") from None
        return value

    def list(self, *place: Any) -> list[Any]:
        value = self.get(*place)
        if not isinstance(value, list):
            raise self.error(place, "a list is needed")
        return value

    def whole(self, *place: Any, least: int = 0, most: int = 10**9) -> int:
        value = self.get(*place)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.error(place, f"{value!r} is not a whole number from {least} to {most}")
        return value

    def decimal(self, *place: Any, most: Decimal = Decimal(10)) -> Decimal:
        value = self.get(*place)
        try:
            number = Decimal(value) if isinstance(value, str) else Decimal("NaN")
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_nan() or not 0 <= number <= most:
            raise self.error(place, f'{value!r} is not a number in quotes from 0 to {most}, such as "0.10"')
        return number

    def word(self, *place: Any) -> str:
        value = self.get(*place)
        if not isinstance(value, str) or not value or len(value) > 40:
            raise self.error(place, "a short id is needed")
        return value

    def flag(self, *place: Any) -> bool:
        value = self.get(*place[:-1]).get(place[-1], False)
        if not isinstance(value, bool):
            raise self.error(place, "true or false")
        return value

    def enum(self, kind: Callable[[Any], E], *place: Any) -> E:
        value = self.get(*place)
        try:
            return kind(value)
        except ValueError:
            raise self.error(place, f"{value!r} is not known") from None

    def known(self, place: tuple[Any, ...], allowed: set[str]) -> None:
        """A misspelt key must not be a rule that silently does not count."""
        value = self.get(*place) if place else self.entry
        if not isinstance(value, dict):
            raise self.error(place, "keys and values are needed")
        for key in value:
            if key not in allowed:
                raise self.error((*place, key), f"`{key}` is not known here")

    def error(self, place: tuple[Any, ...], why: str) -> ConfigError:
        line = next((self._lines[place[:n]] for n in range(len(place), -1, -1) if place[:n] in self._lines), 1)
        return ConfigError(f"{self._path}:{line}: {'.'.join(map(str, place)) or 'entry'}: {why}")


def _lines(path: Path, starts: date) -> dict[tuple[Any, ...], int]:
    """Line numbers of everything in the entry that begins on `starts`, by place."""
    root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    found: dict[tuple[Any, ...], int] = {}

    def walk(node: Any, place: tuple[Any, ...]) -> None:
        found.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                inside = (*place, key.value)
                found[inside] = key.start_mark.line + 1
                walk(value, inside)
        elif isinstance(node, yaml.SequenceNode):
            for index, one in enumerate(node.value):
                walk(one, (*place, index))

    for entry in root.value if root is not None else ():
        if any(key.value == "from" and value.value == starts.isoformat() for key, value in entry.value):
            walk(entry, ())
    return found
