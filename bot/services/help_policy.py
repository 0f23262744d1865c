"""Reads `bot/lending/policy/help.yml`: every value checked, every mistake named with file and line."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

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
from bot.services.policy_reader import PolicyReader

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


class _Reader(PolicyReader):
    """Walks one entry of help.yml."""

    def policy(self) -> HelpPolicy:
        self.known((), {"from", "source", "authority", "vulnerable", "menu", "bands", *SECTIONS})
        for section, keys in SECTIONS.items():
            self.known((section,), keys)
        full, reduced = self.decimal("affordability", "full_from"), self.decimal("affordability", "reduced_from")
        if not 0 < reduced < full:
            raise self.error(("affordability", "reduced_from"), "must lie between 0 and full_from")
        return HelpPolicy(
            version=f"help {self.entry['from']}",
            buffer=self.decimal("affordability", "buffer", most=Decimal("0.9")),
            full_from=full,
            reduced_from=reduced,
            answers_live=timedelta(days=self.whole("affordability", "answers_days", least=1)),
            high_from_days_late=self.whole("tiers", "high_from_days_late", least=1),
            tier_months=self.whole("tiers", "months", least=1),
            low_max_dti=self.decimal("tiers", "low_max_dti"),
            reading=timedelta(seconds=self.whole("consent", "reading_seconds", most=600)),
            code_lives=timedelta(minutes=self.whole("consent", "code_minutes", least=1, most=30)),
            withdrawal_days=self.whole("consent", "withdrawal_days", most=30),
            wording=self.word("consent", "wording"),
            promises=self._promises(),
            authority={kind: self._limits(kind) for kind in Kind},
            reasons={reason: self._reason(reason) for reason in self.get("situations", "reasons")},
            lasting={one: self.enum(Situation, "situations", "lasting", one.value) for one in Lasting},
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
            days=self.whole("promises", "days", least=1),
            days_agent=self.whole("promises", "days_agent", least=1),
            grace_days=self.whole("promises", "grace_days"),
            partial_from=self.decimal("promises", "partial_from"),
            broken_within_days=self.whole("promises", "broken_within_days", least=1),
            agent_from_broken=self.whole("promises", "agent_from_broken", least=1),
            intake_from_broken=self.whole("promises", "intake_from_broken", least=1),
        )

    def _limits(self, kind: Kind) -> tuple[Limit, ...]:
        """The rules of a kind: roles must rise, and only the last may be without limits."""
        place: tuple[Any, ...] = ("authority", kind.value)
        found = []
        for index, rule in enumerate(self.list(*place)):
            here = (*place, index)
            self.known(here, {"role", "yuan", "tiers", "how", *LIMITS})
            numbers = {key: self.whole(*here, key) for key in LIMITS if key in rule}
            found.append(
                Limit(
                    role=self.enum(Role, *here, "role"),
                    cents=self.whole(*here, "yuan") * 100 if "yuan" in rule else None,
                    tiers=tuple(self.enum(Tier, *here, "tiers", i) for i in range(len(rule.get("tiers", ())))),
                    how=tuple(self.enum(Deferring, *here, "how", i) for i in range(len(rule.get("how", ())))),
                    **numbers,
                )
            )
        ranks = [limit.role.rank for limit in found]
        if ranks != sorted(set(ranks)):
            raise self.error(place, "each role once, from the lowest to the highest")
        for index, limit in enumerate(found[:-1]):
            if limit == Limit(limit.role):
                raise self.error((*place, index), f"{limit.role} has no limit, so the rules after it never count")
        for lower, higher in pairwise(found):
            for key in ("days", "months", "added", "count", "cents"):
                below, above = getattr(lower, key), getattr(higher, key)
                if below is not None and above is not None and above < below:
                    raise self.error(place, f"{higher.role} may less than {lower.role}: {key}")
        return tuple(found)

    def _items(self, *place: Any) -> tuple[MenuItem, ...]:
        found = []
        for index, item in enumerate(self.list(*place)):
            here = (*place, index)
            self.known(here, {"kind", "days", "months", "count", "yuan", "how", "stops_penalty", "papers"})
            kind = self.enum(Kind, *here, "kind")
            if kind is Kind.DEFERRAL and "how" not in item:
                raise self.error(here, "a deferral needs `how`")
            needed = {Kind.GRACE: "days", Kind.PROMISE: "days", Kind.DEFERRAL: "months", Kind.INTEREST_ONLY: "months"}
            needed |= {Kind.EXTENSION: "count", Kind.PERSONAL_PLAN: "count", Kind.OVERDUE_SPLIT: "count"}
            needed |= {Kind.WAIVER: "yuan"}
            if kind in needed and needed[kind] not in item:
                raise self.error(here, f"{kind} needs `{needed[kind]}`")
            found.append(
                MenuItem(
                    kind,
                    days=self.whole(*here, "days", least=1) if "days" in item else 0,
                    months=self.whole(*here, "months", least=1) if "months" in item else 0,
                    count=self.whole(*here, "count", least=1) if "count" in item else 0,
                    cents=self.whole(*here, "yuan", least=1) * 100 if "yuan" in item else 0,
                    how=self.enum(Deferring, *here, "how") if "how" in item else None,
                    stops_penalty=self.flag(*here, "stops_penalty"),
                    papers=self.flag(*here, "papers"),
                )
            )
        if not found:
            raise self.error(place, "a cell without any help: name at least one")
        if len({(item.kind, item.how) for item in found}) < len(found):
            raise self.error(place, "the same help twice")
        return tuple(found)

    def _reason(self, reason: str) -> Situation:
        if reason not in REASONS:
            raise self.error(("situations", "reasons", reason), "no such reason of hardship")
        return self.enum(Situation, "situations", "reasons", reason)

    def _vulnerable(self) -> frozenset[str]:
        for index, reason in enumerate(self.list("vulnerable")):
            if reason not in REASONS:
                raise self.error(("vulnerable", index), f"{reason!r}: no such reason of hardship")
        return frozenset(self.entry["vulnerable"])
