"""What may be arranged about a running loan, as plain values: the kinds of section 4 and their parameters."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import Enum
from typing import Any


class Kind(str, Enum):
    """Every kind of arrangement. The first seven change the schedule."""

    DUE_DAY = "due_day"  # another day of the month
    GRACE = "grace"  # a few days more for the next instalment
    DEFERRAL = "deferral"  # 1-3 months without principal
    EXTENSION = "extension"  # more instalments, smaller ones
    INTEREST_ONLY = "interest_only"  # only interest for some months, same end
    OVERDUE_SPLIT = "overdue_split"  # what is overdue in instalments, on top of the plan
    PERSONAL_PLAN = "personal_plan"  # everything owed in up to 60 instalments
    PENALTY_STOP = "penalty_stop"
    WAIVER = "waiver"  # of fees or penalty
    PROMISE = "promise"  # to pay an amount by a day; changes nothing in the ledger
    SETTLEMENT = "settlement"  # an order valid for one day
    PREPAYMENT = "prepayment"  # likewise

    def __str__(self) -> str:
        return str(self.value)


class Deferring(str, Enum):
    """What becomes of the interest of the months deferred."""

    INTEREST_ONLY = "interest_only"  # paid each month
    CAPITALISED = "capitalised"  # added to the balance each month
    COLLECTED_LATER = "collected_later"  # simple, with the first instalment afterwards
    WAIVED = "waived"


RESCHEDULING = (
    Kind.DUE_DAY,
    Kind.GRACE,
    Kind.DEFERRAL,
    Kind.EXTENSION,
    Kind.INTEREST_ONLY,
    Kind.OVERDUE_SPLIT,
    Kind.PERSONAL_PLAN,
)
ORDERS = (Kind.SETTLEMENT, Kind.PREPAYMENT)


@dataclass(frozen=True)
class Wish:
    """One arrangement asked for or offered. Only what its kind needs is set; amounts in cents."""

    kind: Kind
    day: int = 0  # DUE_DAY: of the month
    days: int = 0  # GRACE
    months: int = 0  # DEFERRAL, INTEREST_ONLY; PENALTY_STOP: how long, 0 = until everything overdue is paid
    count: int = 0  # EXTENSION: instalments added; OVERDUE_SPLIT, PERSONAL_PLAN: instalments in all
    how: Deferring | None = None  # DEFERRAL
    cents: int = 0  # WAIVER, PROMISE, PREPAYMENT
    on: date | None = None  # PROMISE: by when; SETTLEMENT, PREPAYMENT: the one day
    variant: str = ""  # PREPAYMENT: "shorter" | "lower"
    stops_penalty: bool = False  # with a new schedule: late instalments of it bear no penalty while it is kept

    def as_json(self) -> dict[str, Any]:
        """Only what is set, for a row or a slot."""
        plain = asdict(self)
        plain["kind"] = self.kind.value
        plain["how"] = self.how.value if self.how else None
        plain["on"] = self.on.isoformat() if self.on else None
        return {key: value for key, value in plain.items() if value}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Wish:
        """What `as_json` gave. Raises ValueError, TypeError or KeyError for anything else."""
        made = cls(**{**stored, "kind": Kind(stored["kind"])})
        return replace(
            made,
            how=Deferring(stored["how"]) if stored.get("how") else None,
            on=date.fromisoformat(stored["on"]) if stored.get("on") else None,
        )
