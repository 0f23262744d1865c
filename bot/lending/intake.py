"""What a borrower in difficulty is asked, and what follows from the answers. Money in cents a month.

Eight questions at most, each may be skipped; the answers are kept for another day and another channel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from bot.lending.affordability import Budget, affordable, band, ratio
from bot.lending.authority import Standing
from bot.lending.help_policy import Band, HelpPolicy, Lasting, Situation, Tier
from bot.lending.loan import Loan, Position
from bot.lending.options import Ground
from bot.lending.tiers import Behaviour, behaviour, clean_months, tier
from bot.lending.wishes import Kind

QUESTIONS = ("reason", "since", "lasting", "household", "income", "essentials", "other_debts", "can_pay")
# Where the salary comes after the due day, its day matters and the household does not.
PAY_DAY_QUESTIONS = ("reason", "day", "lasting", "income", "essentials", "other_debts", "can_pay")
PAY_DAY_REASON = "ADMIN_ERROR_CASHFLOW"
MONEY = ("income", "essentials", "other_debts", "can_pay")
LARGEST = 100_000_000  # a million yuan a month is a typing error here


@dataclass(frozen=True)
class Answers:
    """What was said so far. None = not asked or skipped."""

    reason: str | None = None  # a code of hardship practice
    since: str | None = None  # the borrower's words, redacted
    lasting: str | None = None  # a value of `Lasting`
    household: int | None = None
    income: int | None = None
    essentials: int | None = None
    other_debts: int | None = None
    can_pay: int | None = None
    day: int | None = None  # of the month, when money comes
    by: str | None = None  # ISO date by when something can be paid
    skipped: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        plain = {key: value for key, value in asdict(self).items() if value is not None}
        plain["skipped"] = list(self.skipped)
        return plain

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Answers:
        known = {key: value for key, value in stored.items() if key in cls.__dataclass_fields__}
        return cls(**{**known, "skipped": tuple(known.get("skipped", ()))})

    def with_answer(self, question: str, value: Any) -> Answers:
        left = tuple(one for one in self.skipped if one != question)
        return replace(self, **{question: value}, skipped=left)

    def skip(self, question: str) -> Answers:
        return replace(self, skipped=(*self.skipped, question)) if question not in self.skipped else self

    @property
    def next_question(self) -> str | None:
        """The next one neither answered nor skipped."""
        asked = PAY_DAY_QUESTIONS if self.reason == PAY_DAY_REASON else QUESTIONS
        open_ones = (one for one in asked if getattr(self, one) is None and one not in self.skipped)
        return next(open_ones, None)

    @property
    def budget(self) -> Budget | None:
        """The borrower's month; unknown until income and essentials were said."""
        if self.income is None or self.essentials is None:
            return None
        return Budget(self.income, self.essentials, self.other_debts or 0)


@dataclass(frozen=True)
class Assessment:
    """What follows for one loan. Only loan behaviour and the budget count, nothing about the person."""

    ground: Ground
    tier: Tier
    situation: Situation
    instalment: int  # what a month asks for under today's plan
    affordable: int | None  # computed from the budget
    share: Decimal | None
    band: Band | None
    seen: Behaviour


def assess(
    loan: Loan,
    positions: Sequence[Position],
    answers: Answers,
    used: Mapping[Kind, date],
    promises: tuple[int, int],
    policy: HelpPolicy,
    on: date,
) -> Assessment:
    """The ground on which options are searched.

    Args:
        positions: of all the customer's loans on `on`.
        used: the last day each kind came into force for `loan`.
        promises: open ones of `loan`, broken ones of the customer in the policy's time.
    """
    instalment = monthly_instalment(loan, on)
    seen = behaviour(positions, on, policy.tier_months)
    load = None
    if answers.income:
        load = Decimal(instalment + (answers.other_debts or 0)) / answers.income
    level = tier(seen, load, policy)
    lasting = Lasting(answers.lasting) if answers.lasting else Lasting.UNKNOWN
    situation = policy.situation(answers.reason, lasting)
    computed = affordable(answers.budget, policy.buffer) if answers.budget is not None else None
    known = [cents for cents in (answers.can_pay, computed) if cents is not None]
    can_pay = min(known) if known else None  # nobody is talked into more than income and costs allow
    share = ratio(can_pay, instalment) if can_pay is not None else None
    found = band(share, policy) if share is not None else None
    ground = Ground(
        situation=situation,
        standing=Standing(level, clean_months(seen, on), used, *promises),
        lasting=lasting,
        can_pay=can_pay,
        band=found,
        due_day=min(28, answers.day + 1) if answers.day is not None else None,  # the day after the money comes
        by=date.fromisoformat(answers.by) if answers.by else None,
    )
    return Assessment(ground, level, situation, instalment, computed, share, found, seen)


def monthly_instalment(loan: Loan, on: date) -> int:
    """What the next line that asks for something asks for; the last one's when none is to come."""
    coming = [line for line in loan.plan if line.due_on >= on and line.total]
    lines = coming or [line for line in loan.plan if line.total]
    return lines[0].total if coming else lines[-1].total if lines else 0
