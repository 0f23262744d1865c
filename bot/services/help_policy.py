"""Reads `bot/lending/policy/help.yml`: every value checked, every mistake named with file and line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import yaml

from bot.errors import ConfigError
from bot.lending.help_policy import (
    Band,
    HelpPolicy,
    Lasting,
    Limit,
    MenuItem,
    PromiseRules,
    Role,
    Situation,
    Tier,
)
from bot.lending.wishes import Deferring, Kind
from bot.services.policy import POLICY, entry_in_force

E = TypeVar("E", bound=Enum)
LIMITS = ("days", "months", "added", "count", "open", "clean_months", "unused_months")
SECTIONS = {
    "affordability": {"buffer", "full_from", "reduced_from", "answers_days"},
    "tiers": {"high_from_days_late", "months", "low_max_dti"},
    "consent": {"reading_seconds", "code_minutes", "withdrawal_days", "wording"},
    "promises": set(PromiseRules.__dataclass_fields__),
    "situations": {"reasons", "lasting"},
}
REASONS = frozenset(
    [
        "JOB_LOSS",
        "INCOME_CUT",
        "BUSINESS_DOWN",
        "ILLNESS_INJURY",
        "CARE_FAMILY",
        "BEREAVEMENT",
        "DIVORCE_VIOLENCE",
        "DISASTER",
        "MATERNITY",
        "EDUCATION_MILITARY",
        "OVERINDEBTED",
        "FRAUD_VICTIM",
        "ADMIN_ERROR_CASHFLOW",
        "GAMBLING",
        "OTHER",
    ]
)


def load_help(on: date, path: Path = POLICY / "help.yml") -> HelpPolicy:
    """The policy in force on `on`.

    Raises:
        ConfigError: a value is missing, unknown, out of range or contradicts another; with file and line.
    """
    entry = entry_in_force(path, on)
    return _Reader(path, entry).policy()


class _Reader:
    """Walks one entry. Places are tuples of keys, so that an error can name its line."""

    def __init__(self, path: Path, entry: dict[str, Any]) -> None:
        self._path, self._entry = path, entry
        self._lines = _lines(path, entry["from"])

    def policy(self) -> HelpPolicy:
        self._known((), {"from", "source", "authority", "vulnerable", "menu", "bands", *SECTIONS})
        for section, keys in SECTIONS.items():
            self._known((section,), keys)
        full, reduced = self._decimal("affordability", "full_from"), self._decimal("affordability", "reduced_from")
        if not 0 < reduced < full:
            raise self._error(("affordability", "reduced_from"), "must lie between 0 and full_from")
        return HelpPolicy(
            version=f"help {self._entry['from']}",
            buffer=self._decimal("affordability", "buffer", most=Decimal("0.9")),
            full_from=full,
            reduced_from=reduced,
            answers_live=timedelta(days=self._whole("affordability", "answers_days", least=1)),
            high_from_days_late=self._whole("tiers", "high_from_days_late", least=1),
            tier_months=self._whole("tiers", "months", least=1),
            low_max_dti=self._decimal("tiers", "low_max_dti"),
            reading=timedelta(seconds=self._whole("consent", "reading_seconds", most=600)),
            code_lives=timedelta(minutes=self._whole("consent", "code_minutes", least=1, most=30)),
            withdrawal_days=self._whole("consent", "withdrawal_days", most=30),
            wording=self._word("consent", "wording"),
            promises=self._promises(),
            authority={kind: self._limits(kind) for kind in Kind},
            reasons={reason: self._reason(reason) for reason in self._get("situations", "reasons")},
            lasting={one: self._enum(Situation, "situations", "lasting", one.value) for one in Lasting},
            vulnerable=self._vulnerable(),
            menu={
                (situation, tier): self._items("menu", situation.value, tier.value)
                for situation in Situation
                for tier in Tier
            },
            bands={band: self._items("bands", band.value) for band in Band},
        )

    def _promises(self) -> PromiseRules:
        return PromiseRules(
            days=self._whole("promises", "days", least=1),
            days_agent=self._whole("promises", "days_agent", least=1),
            grace_days=self._whole("promises", "grace_days"),
            partial_from=self._decimal("promises", "partial_from"),
            broken_within_days=self._whole("promises", "broken_within_days", least=1),
            agent_from_broken=self._whole("promises", "agent_from_broken", least=1),
            intake_from_broken=self._whole("promises", "intake_from_broken", least=1),
        )

    def _limits(self, kind: Kind) -> tuple[Limit, ...]:
        """The rules of a kind: roles must rise, and only the last may be without limits."""
        place: tuple[Any, ...] = ("authority", kind.value)
        found = []
        for index, rule in enumerate(self._list(*place)):
            here = (*place, index)
            self._known(here, {"role", "yuan", "tiers", "how", *LIMITS})
            numbers = {key: self._whole(*here, key) for key in LIMITS if key in rule}
            found.append(
                Limit(
                    role=self._enum(Role, *here, "role"),
                    cents=self._whole(*here, "yuan") * 100 if "yuan" in rule else None,
                    tiers=tuple(self._enum(Tier, *here, "tiers", i) for i in range(len(rule.get("tiers", ())))),
                    how=tuple(self._enum(Deferring, *here, "how", i) for i in range(len(rule.get("how", ())))),
                    **numbers,
                )
            )
        ranks = [limit.role.rank for limit in found]
        if ranks != sorted(set(ranks)):
            raise self._error(place, "each role once, from the lowest to the highest")
        for index, limit in enumerate(found[:-1]):
            if limit == Limit(limit.role):
                raise self._error((*place, index), f"{limit.role} has no limit, so the rules after it never count")
        for lower, higher in pairwise(found):
            for key in ("days", "months", "added", "count", "cents"):
                below, above = getattr(lower, key), getattr(higher, key)
                if below is not None and above is not None and above < below:
                    raise self._error(place, f"{higher.role} may less than {lower.role}: {key}")
        return tuple(found)

    def _items(self, *place: Any) -> tuple[MenuItem, ...]:
        found = []
        for index, item in enumerate(self._list(*place)):
            here = (*place, index)
            self._known(here, {"kind", "days", "months", "count", "yuan", "how", "stops_penalty", "papers"})
            kind = self._enum(Kind, *here, "kind")
            if kind is Kind.DEFERRAL and "how" not in item:
                raise self._error(here, "a deferral needs `how`")
            needed = {Kind.GRACE: "days", Kind.PROMISE: "days", Kind.DEFERRAL: "months", Kind.INTEREST_ONLY: "months"}
            needed |= {Kind.EXTENSION: "count", Kind.PERSONAL_PLAN: "count", Kind.OVERDUE_SPLIT: "count"}
            needed |= {Kind.WAIVER: "yuan"}
            if kind in needed and needed[kind] not in item:
                raise self._error(here, f"{kind} needs `{needed[kind]}`")
            found.append(
                MenuItem(
                    kind,
                    days=self._whole(*here, "days", least=1) if "days" in item else 0,
                    months=self._whole(*here, "months", least=1) if "months" in item else 0,
                    count=self._whole(*here, "count", least=1) if "count" in item else 0,
                    cents=self._whole(*here, "yuan", least=1) * 100 if "yuan" in item else 0,
                    how=self._enum(Deferring, *here, "how") if "how" in item else None,
                    stops_penalty=self._flag(*here, "stops_penalty"),
                    papers=self._flag(*here, "papers"),
                )
            )
        if not found:
            raise self._error(place, "a cell without any help: name at least one")
        if len({(item.kind, item.how) for item in found}) < len(found):
            raise self._error(place, "the same help twice")
        return tuple(found)

    def _reason(self, reason: str) -> Situation:
        if reason not in REASONS:
            raise self._error(("situations", "reasons", reason), "no such reason of hardship")
        return self._enum(Situation, "situations", "reasons", reason)

    def _vulnerable(self) -> frozenset[str]:
        for index, reason in enumerate(self._list("vulnerable")):
            if reason not in REASONS:
                raise self._error(("vulnerable", index), f"{reason!r}: no such reason of hardship")
        return frozenset(self._entry["vulnerable"])

    # -- values

    def _get(self, *place: Any) -> Any:
        value: Any = self._entry
        for depth, key in enumerate(place):
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                raise self._error(place[:depth], f"`{key}` is missing") from None
        return value

    def _list(self, *place: Any) -> list[Any]:
        value = self._get(*place)
        if not isinstance(value, list):
            raise self._error(place, "a list is needed")
        return value

    def _whole(self, *place: Any, least: int = 0, most: int = 10**9) -> int:
        value = self._get(*place)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self._error(place, f"{value!r} is not a whole number from {least} to {most}")
        return value

    def _decimal(self, *place: Any, most: Decimal = Decimal(10)) -> Decimal:
        value = self._get(*place)
        try:
            number = Decimal(value) if isinstance(value, str) else Decimal("NaN")
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_nan() or not 0 <= number <= most:
            raise self._error(place, f'{value!r} is not a number in quotes from 0 to {most}, such as "0.10"')
        return number

    def _word(self, *place: Any) -> str:
        value = self._get(*place)
        if not isinstance(value, str) or not value or len(value) > 40:
            raise self._error(place, "a short id is needed")
        return value

    def _flag(self, *place: Any) -> bool:
        value = self._get(*place[:-1]).get(place[-1], False)
        if not isinstance(value, bool):
            raise self._error(place, "true or false")
        return value

    def _enum(self, kind: Callable[[Any], E], *place: Any) -> E:
        value = self._get(*place)
        try:
            return kind(value)
        except ValueError:
            raise self._error(place, f"{value!r} is not known") from None

    def _known(self, place: tuple[Any, ...], allowed: set[str]) -> None:
        """A misspelt key must not be a rule that silently does not count."""
        value = self._get(*place) if place else self._entry
        if not isinstance(value, dict):
            raise self._error(place, "keys and values are needed")
        for key in value:
            if key not in allowed:
                raise self._error((*place, key), f"`{key}` is not known here")

    def _error(self, place: tuple[Any, ...], why: str) -> ConfigError:
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
