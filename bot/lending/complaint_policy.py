"""Numbers of `policy/complaints.yml` as values: levels, legal limits, merging, authority, the catalogues of words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from bot.lending.authority import STAFF, Actor, may_approve
from bot.lending.help_policy import Role


class Level(str, Enum):
    """Urgency. P0 danger to life, violence, mass leak · P1 threats, third parties, wrong debits · P2 fees, plans · P3 attitude."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"

    def __str__(self) -> str:
        return str(self.value)


class RemedyKind(str, Enum):
    REFUND = "refund"
    WAIVER = "waiver"
    CORRECTION = "correction"  # a request to the credit bureau
    APOLOGY = "apology"
    PROCESS = "process"

    def __str__(self) -> str:
        return str(self.value)


MONEY = (RemedyKind.REFUND, RemedyKind.WAIVER)
MERITS = ("upheld", "partly", "not_upheld")
ROOT_CAUSES = (
    "policy",
    "product_terms",
    "disclosure",
    "system_defect",
    "data_error",
    "human_error",
    "conduct_breach",
    "vendor",
    "misunderstanding",
    "fraud_by_others",
    "external",
)
PREVENTABILITY = ("preventable", "partly", "not_preventable")
EVIDENCE = ("document", "ledger", "payment", "message", "call", "arrangement", "note")


@dataclass(frozen=True)
class Span:
    """A time: minutes, or calendar days, or working days; one of them."""

    minutes: int = 0
    days: int = 0
    workdays: int = 0


@dataclass(frozen=True)
class LevelRule:
    """`contact`: the first human one. `decides`: the lowest role that may decide such a case."""

    contact: Span
    resolve: Span
    decides: Role
    contain: Span | None = None
    alert: bool = False  # a supervisor hears of it at once


@dataclass(frozen=True)
class Flood:
    """So many contacts of one person in so much time are looked at as cases; what comes beyond goes to the latest of them."""

    contacts: int
    within: timedelta


@dataclass(frozen=True)
class ComplaintPolicy:
    version: str
    levels: Mapping[Level, LevelRule]
    legal_days: tuple[int, int, int]  # simple, complex, specially complex
    credit_days: int  # an objection to the credit record
    review_days: int  # to ask for a review, and to decide it
    reopen_days: int
    merge_days: int
    likeness: float  # from which two texts are the same complaint
    sure: float  # a reading with less confidence waits for a person
    warn_at: tuple[int, ...]  # percent of the level's target
    link_days: int
    code_minutes: int
    code_tries: int
    answer_days: int  # a question to the complainant is answered within, before the case goes on without
    survey_hours: int  # after closing
    flood: Flood
    authority: Mapping[RemedyKind, tuple[tuple[Role, int | None], ...]]  # role and most cents, from the lowest
    owners: tuple[str, ...]
    regulator: str  # the line, never hidden
    regulator_hours: str
    regulator_hours_en: str
    years: Mapping[int, tuple[frozenset[date], frozenset[date]]]  # holidays and worked weekend days added by the lender


def needs(policy: ComplaintPolicy, kind: RemedyKind, cents: int) -> Role:
    """The lowest role that may grant a remedy; the committee above every limit."""
    for role, most in policy.authority[kind]:
        if most is None or cents <= most:
            return role
    return Role.COMMITTEE


def may_grant(actor: Actor, role: Role, proposed_by: str, approved_by: tuple[str, ...]) -> str:
    """`approved`, `second_needed`, or why not. Four eyes: nobody approves what they proposed themselves."""
    if actor.staff_id == proposed_by:
        return "same_person"
    return may_approve(actor, role, approved_by)


def may_decide(policy: ComplaintPolicy, actor: Actor, level: Level, proposed_by: str, decided_by: str | None) -> str:
    """`""`, or why not: `inactive`, `above_limit`, `same_person`.

    Args:
        decided_by: who decided before a dispute: a review is somebody else's.
    """
    if not actor.active:
        return "inactive"
    own = STAFF.get(actor.role)
    if own is None or own.rank < policy.levels[level].decides.rank:
        return "above_limit"
    return "same_person" if actor.staff_id in (proposed_by, decided_by) else ""
