"""What a loan is: its terms, its plan, its ledger. Frozen values, shared by the engine and the stores.

Money is integer cents (分), rates are `Decimal` fractions a year (0.072 = 7.2 %), dates are the
lender's business dates. Nothing here reads a clock, a file or a database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum


class Method(str, Enum):
    """How a loan is repaid. The Chinese terms are the contract's own."""

    ANNUITY = "annuity"  # 等额本息
    EQUAL_PRINCIPAL = "equal_principal"  # 等额本金
    INTEREST_ONLY = "interest_only"  # 先息后本
    BULLET = "bullet"  # 一次性还本付息
    FLAT = "flat"  # 等本等息


class DayCount(str, Enum):
    ACT_360 = "ACT/360"
    ACT_365 = "ACT/365"
    E30_360 = "30E/360"


class Component(str, Enum):
    """What a cent is owed for, in the default order of allocation (民法典 561)."""

    FEE = "fee"
    PENALTY = "penalty"  # 罚息
    COMPOUND = "compound"  # 复利
    INTEREST = "interest"
    PRINCIPAL = "principal"


class EntryKind(str, Enum):
    DISBURSE = "disburse"  # principal lent: +principal
    CHARGE = "charge"  # a fee, penalty, compound or broken-period interest booked: +component
    PAY = "pay"  # part of a payment applied: -component, payment_id set
    HOLD = "hold"  # part of a payment not applied to anything: unapplied credit, component None, negative
    REPLAN = "replan"  # a new plan version takes effect: cents 0, plan_version set
    REVERSE = "reverse"  # undoes an earlier entry, same component, opposite sign
    WAIVE = "waive"  # part of what is owed given up by the lender: -component
    STOP = "stop"  # penalty and compound interest stop growing from this day: cents 0
    RESUME = "resume"  # and grow again from this day


@dataclass(frozen=True)
class FeeStep:
    """Prepayment fee `rate` on principal not yet due, before `months` after disbursement."""

    months: int
    rate: Decimal


@dataclass(frozen=True)
class Product:
    """Rules that a lender sets for all loans of one product."""

    product_id: str
    name: str  # Chinese, shown to borrowers
    penalty_factor: Decimal = Decimal("1.5")
    penalty_day_count: DayCount = DayCount.ACT_360
    prepay_fee: tuple[FeeStep, ...] = (FeeStep(12, Decimal("0.01")),)
    principal_first_from_dpd: int | None = None  # 91: from that day past due, principal is paid first
    grace_days: int = 0  # paid within them, an instalment bears no penalty; days past due count all the same
    penalty_after_grace: bool = False  # True: penalty counts from the end of the grace days, not from the due day


@dataclass(frozen=True)
class Terms:
    """What borrower and lender signed. `annual_rate` is None for FLAT, `flat_monthly_rate` for all others."""

    principal: int
    method: Method
    periods: int
    disbursed_on: date
    first_due_on: date
    annual_rate: Decimal | None = None
    flat_monthly_rate: Decimal | None = None
    day_count: DayCount = DayCount.ACT_360


@dataclass(frozen=True)
class Amount:
    """A sum of money with its parts, in cents."""

    fee: int = 0
    penalty: int = 0
    compound: int = 0
    interest: int = 0
    principal: int = 0

    @property
    def total(self) -> int:
        return self.fee + self.penalty + self.compound + self.interest + self.principal

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            self.fee + other.fee,
            self.penalty + other.penalty,
            self.compound + other.compound,
            self.interest + other.interest,
            self.principal + other.principal,
        )

    def __sub__(self, other: Amount) -> Amount:
        return Amount(
            self.fee - other.fee,
            self.penalty - other.penalty,
            self.compound - other.compound,
            self.interest - other.interest,
            self.principal - other.principal,
        )

    def part(self, component: Component) -> int:
        cents: int = getattr(self, component.value)
        return cents


NOTHING = Amount()


@dataclass(frozen=True)
class Instalment:
    """One line of a plan. `balance` is the principal left after it, `days` where interest is by days.

    A number below zero is a prepayment made between instalments. `carried` is what an arrangement brought over from
    before it (fees, penalty, compound and overdue or put-off interest; never principal): it bears nothing until late.
    """

    number: int
    due_on: date
    principal: int
    interest: int
    balance: int
    days: int | None = None
    carried: Amount = NOTHING

    @property
    def total(self) -> int:
        return self.principal + self.interest + self.carried.total

    @property
    def all_interest(self) -> int:
        return self.interest + self.carried.interest


@dataclass(frozen=True)
class Entry:
    """One row of the append-only ledger. `cents` is what it adds to what is owed (payments are negative).

    `on` is the business date that counts for interest, `at` the moment it was booked.
    Instalment 0 or None means: not of one instalment.
    """

    seq: int
    kind: EntryKind
    on: date
    at: datetime
    cents: int
    component: Component | None = None
    instalment: int | None = None
    payment_id: str | None = None
    plan_version: int | None = None
    reverses: int | None = None  # seq of the entry undone
    note: str = ""


@dataclass(frozen=True)
class Loan:
    """A loan as the engine sees it: everything needed to compute any figure on any date."""

    loan_id: str
    customer_id: str
    product: Product
    terms: Terms
    plan: tuple[Instalment, ...]  # the version in force
    entries: tuple[Entry, ...]  # the whole ledger, by seq
    autopay_card: str | None = None  # last four digits, None = no automatic debit
    plan_version: int = 1
    earlier: tuple[tuple[int, tuple[Instalment, ...]], ...] = ()  # (version, plan): all others ever agreed

    @property
    def last_seq(self) -> int:
        return max((entry.seq for entry in self.entries), default=0)

    def plan_of(self, version: int) -> tuple[Instalment, ...]:
        """The plan of a version. Raises KeyError."""
        return self.plan if version == self.plan_version else dict(self.earlier)[version]


@dataclass(frozen=True)
class Accrual:
    """Why a penalty or compound interest is what it is: `cents` = round(base · rate · days / basis)."""

    component: Component  # PENALTY on overdue principal, COMPOUND on overdue interest
    base: int
    since: date
    until: date
    days: int
    rate: Decimal  # a year
    cents: int


@dataclass(frozen=True)
class InstalmentState:
    """One instalment on one day: what was planned, what is still owed on it and why."""

    number: int
    due_on: date
    planned: Amount  # principal and interest of the plan, with what an arrangement carried over
    owed: Amount  # still open, with penalty and compound interest to that day
    paid: Amount  # applied or waived so far
    paid_on: date | None  # the day it became fully paid
    days_overdue: int  # 0 when not overdue
    accruals: tuple[Accrual, ...] = ()  # all since the due day, paid or not

    @property
    def is_paid(self) -> bool:
        return self.paid_on is not None


class Status(str, Enum):
    CURRENT = "current"
    DUE_TODAY = "due_today"
    OVERDUE = "overdue"
    SETTLED = "settled"


@dataclass(frozen=True)
class Position:
    """A loan on one day. Every figure a reply shows about a running loan comes from here."""

    on: date
    status: Status
    instalments: tuple[InstalmentState, ...]
    overdue: Amount  # all overdue items, with penalty and compound interest to `on`
    overdue_since: date | None  # first day overdue (the day after the oldest unpaid due day)
    days_overdue: int  # on - oldest unpaid due day, 0 if none
    penalty_per_day: int  # what one more day adds now (penalty + compound), rounded once
    due: InstalmentState | None  # due today or the next one to come; None when none is left
    principal: int  # all principal still owed, due or not
    interest_to_come: int  # planned interest of instalments not yet due
    unapplied: int  # credit held for the borrower, >= 0

    @property
    def left(self) -> tuple[InstalmentState, ...]:
        """Instalments not fully paid."""
        return tuple(i for i in self.instalments if not i.is_paid)

    @property
    def pay_now(self) -> Amount:
        """What must be paid today: overdue items and what falls due today."""
        if self.due is not None and self.due.due_on == self.on:
            return self.overdue + self.due.owed
        return self.overdue
