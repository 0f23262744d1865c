"""Policy of repayment help as values (`policy/help.yml`, read by `bot.services.help_policy`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import Enum

from bot.lending.wishes import Deferring, Kind


class Tier(str, Enum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    def __str__(self) -> str:
        return str(self.value)


class Role(str, Enum):
    """Who must agree, in rising order. The committee is two different supervisors."""

    BOT = "bot"
    AGENT = "agent"
    LEAD = "lead"
    COMMITTEE = "committee"

    def __str__(self) -> str:
        return str(self.value)

    @property
    def rank(self) -> int:
        return list(Role).index(self)


class Situation(str, Enum):
    PAY_DAY = "pay_day"  # the salary comes after the due day
    SHOCK = "shock"  # up to three months
    MEDIUM_TERM = "medium_term"
    LASTING = "lasting"
    RELIEF = "relief"  # illness, death, disaster

    def __str__(self) -> str:
        return str(self.value)


class Band(str, Enum):
    """How what can be paid compares with the instalment (golden H01)."""

    FULL = "full"
    REDUCED = "reduced"
    SMALL = "small"
    NONE = "none"

    def __str__(self) -> str:
        return str(self.value)


class Lasting(str, Enum):
    UPTO_1 = "upto_1"
    FROM_1_TO_3 = "from_1_to_3"
    FROM_3_TO_6 = "from_3_to_6"
    OVER_6 = "over_6"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"

    def __str__(self) -> str:
        return str(self.value)

    @property
    def months(self) -> int | None:
        """The months to plan for; None when nobody knows."""
        return {"upto_1": 1, "from_1_to_3": 3, "from_3_to_6": 6, "over_6": 12, "permanent": 60}.get(self.value)


@dataclass(frozen=True)
class Limit:
    """One rule of authority: `role` suffices where all its limits hold. None = no such limit."""

    role: Role
    days: int | None = None
    months: int | None = None
    added: int | None = None  # instalments more than today's plan still has
    count: int | None = None
    cents: int | None = None
    open: int | None = None  # open promises of the loan, at most
    clean_months: int | None = None  # nothing late in so many months
    unused_months: int | None = None  # no arrangement of this kind in so many months
    tiers: tuple[Tier, ...] = ()
    how: tuple[Deferring, ...] = ()


@dataclass(frozen=True)
class MenuItem:
    """One thing that is worked out for a borrower; numbers are the most that is offered."""

    kind: Kind
    days: int = 0
    months: int = 0
    count: int = 0
    cents: int = 0
    how: Deferring | None = None
    stops_penalty: bool = False
    papers: bool = False


@dataclass(frozen=True)
class PromiseRules:
    days: int
    days_agent: int
    grace_days: int
    partial_from: Decimal
    broken_within_days: int
    agent_from_broken: int
    intake_from_broken: int


@dataclass(frozen=True)
class HelpPolicy:
    """Everything `help.yml` says on a day."""

    version: str
    buffer: Decimal
    full_from: Decimal
    reduced_from: Decimal
    answers_live: timedelta  # what a borrower told of income and costs counts for so long
    high_from_days_late: int
    tier_months: int
    low_max_dti: Decimal
    reading: timedelta
    code_lives: timedelta
    withdrawal_days: int
    wording: str  # id of the disclosure's wording
    promises: PromiseRules
    authority: Mapping[Kind, tuple[Limit, ...]]
    reasons: Mapping[str, Situation]
    lasting: Mapping[Lasting, Situation]
    vulnerable: frozenset[str]
    menu: Mapping[tuple[Situation, Tier], tuple[MenuItem, ...]]
    bands: Mapping[Band, tuple[MenuItem, ...]]

    def situation(self, reason: str | None, lasting: Lasting) -> Situation:
        """What kind of trouble it is."""
        return self.reasons.get(reason or "") or self.lasting[lasting]
