"""Dated numbers out of `bot/lending/policy/*.yml`: read once, checked, typed. Asked by `bot.app` and use cases.

A policy file is a list of entries, each with `from` (the first day it is in force), `source` and its numbers.
The entry with the latest `from` on or before a day is in force. A new kind of number: a yml file there, a frozen
dataclass for it in `bot.lending`, a function here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

import yaml

from bot.errors import ConfigError
from bot.lending.caps import Caps

POLICY = Path(__file__).resolve().parent.parent / "lending" / "policy"
T = TypeVar("T")


def entry_in_force(path: Path, on: date) -> dict[str, Any]:
    """The entry of a policy file in force on `on`.

    Raises:
        ConfigError: the file cannot be read or is no list of dated entries with a source; two entries begin on one
            day; none is in force. The message names the file and the entry.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: {error}") from error
    if not isinstance(entries, list) or not entries:
        raise ConfigError(f"{path}: a list of dated entries is needed")
    starts: set[date] = set()
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict) or type(entry.get("from")) is not date or not entry.get("source"):
            raise ConfigError(f"{path}: entry {number} needs `from` (a date) and `source`")
        if entry["from"] in starts:
            raise ConfigError(f"{path}: two entries begin on {entry['from']}")
        starts.add(entry["from"])
    in_force = [entry for entry in entries if entry["from"] <= on]
    if not in_force:
        raise ConfigError(f"{path}: no entry in force on {on}")
    newest: dict[str, Any] = max(in_force, key=lambda one: one["from"])
    return newest


def load_caps(on: date, path: Path = POLICY / "caps.yml") -> Caps:
    """The limits in force on `on`.

    Raises:
        ConfigError: a number is missing, unreadable or out of its range; the message names file, entry and key.
    """
    entry = entry_in_force(path, on)

    def read(key: str, as_type: Callable[[Any], T], low: T, high: T) -> T:
        where = f"{path}: entry from {entry['from']}: {key}"
        if not isinstance(entry.get(key), (str, int)) or isinstance(entry[key], bool):
            raise ConfigError(f'{where} is missing, or no whole number or text such as "0.24"')
        try:
            value = as_type(entry[key])
            in_range = low <= value <= high  # type: ignore[operator]
        except (ValueError, InvalidOperation) as error:
            raise ConfigError(f"{where}={entry[key]!r} is not a number") from error
        if not in_range:
            raise ConfigError(f"{where}={entry[key]!r} is not between {low} and {high}")
        return value

    return Caps(
        version=f"caps {entry['from']}",
        lpr_1y=read("lpr_1y", Decimal, Decimal(0), Decimal("0.2")),
        lpr_multiple=read("lpr_multiple", Decimal, Decimal(1), Decimal(10)),
        all_in=read("all_in", Decimal, Decimal("0.01"), Decimal(1)),
        penalty_factor=read("penalty_factor", Decimal, Decimal(1), Decimal(3)),
        plan_instalments=read("plan_instalments", int, 1, 600),
    )
