"""What a borrower can pay each month (requirements section 4, golden H01). Cents and fractions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from bot.lending.help_policy import Band, HelpPolicy


@dataclass(frozen=True)
class Budget:
    """A month of the borrower's own figures, in cents."""

    income: int
    essentials: int
    other_debts: int = 0


def affordable(budget: Budget, buffer: Decimal) -> int:
    """max(0, income - essentials - other minimum debts) x (1 - buffer), cut to the cent."""
    left = max(0, budget.income - budget.essentials - budget.other_debts)
    return int((left * (1 - buffer)).quantize(Decimal(1), ROUND_DOWN))


def ratio(can_pay: int, instalment: int) -> Decimal:
    """What can be paid as a share of the instalment."""
    return Decimal(can_pay) / instalment if instalment else Decimal(1)


def band(share: Decimal, policy: HelpPolicy) -> Band:
    """The band of a share: full, reduced, small, none."""
    if share >= policy.full_from:
        return Band.FULL
    if share >= policy.reduced_from:
        return Band.REDUCED
    return Band.SMALL if share > 0 else Band.NONE
