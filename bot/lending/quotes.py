"""What ending a loan early, in whole or in part, costs on a day: the answers of `settlement` and `prepayment`. In cents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.lending.loan import NOTHING, Amount, Instalment


@dataclass(frozen=True)
class SettlementQuote:
    """What settles the loan in full on `on`."""

    on: date
    overdue: Amount  # overdue items and what falls due on `on`: paid first
    principal_not_due: int
    interest: int  # broken period, on principal not yet due (FLAT: the full fee of the running period)
    interest_from: date
    interest_days: int
    fee: int
    fee_rate: Decimal
    unapplied: int  # credit that lowers the total
    total: int
    interest_saved: int  # planned interest not yet due minus `interest`
    assumed_paid: tuple[int, ...] = ()  # instalments between today and `on`, taken as paid on their due days
    interest_rate: Decimal = Decimal(0)  # a year; 0 for FLAT
    carried: Amount = NOTHING  # brought over by an arrangement into instalments not yet due: part of the total


@dataclass(frozen=True)
class PrepaymentVariant:
    """How the loan goes on after a partial prepayment."""

    kind: str  # "shorter" (same instalment, fewer) | "lower" (same number, smaller)
    plan: tuple[Instalment, ...]  # the instalments still to come, original numbering continued
    instalment: int  # cents of the next one
    last: int
    count: int
    interest: int  # all planned interest still to come
    interest_saved: int  # against today's plan, interest paid with the prepayment counted, fee not deducted


@dataclass(frozen=True)
class PrepaymentQuote:
    """Prepay `principal` on `on`: what to pay that day, and both ways the loan can go on."""

    on: date
    overdue: Amount  # overdue items and what falls due on `on`: must be paid first
    principal: int
    interest: int  # on that part to that day
    interest_days: int
    fee: int
    fee_rate: Decimal
    total: int
    variants: tuple[PrepaymentVariant, ...]
    assumed_paid: tuple[int, ...] = ()  # as in SettlementQuote
    interest_rate: Decimal = Decimal(0)  # a year
    interest_from: date | None = None  # the last due day, or disbursement
