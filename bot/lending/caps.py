"""Legal limits on rates and plans. The numbers are dated policy (`policy/caps.yml`), read by `bot.services.policy`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

SHOWN = Decimal("0.0001")  # an annual rate is disclosed, and compared, at two decimals of a percent


@dataclass(frozen=True)
class Caps:
    """The limits in force on a day; rates are annual fractions (0.24 = 24 %)."""

    version: str
    lpr_1y: Decimal  # loan prime rate, one year
    lpr_multiple: Decimal  # private lending: at most so many times the LPR
    all_in: Decimal  # financial loans: interest, fees and default items together
    penalty_factor: Decimal  # penalty rate at most so many times the contract rate
    plan_instalments: int  # a personal instalment plan at most so long

    @property
    def private_lending(self) -> Decimal:
        return self.lpr_1y * self.lpr_multiple


def within(annual: Decimal, cap: Decimal) -> bool:
    """Whether an annual rate keeps to a cap, both as disclosed: 24.004 % counts as 24.00 %."""
    return annual.quantize(SHOWN, ROUND_HALF_UP) <= cap.quantize(SHOWN, ROUND_HALF_UP)


def capped_penalty_rate(contract: Decimal, factor: Decimal, cap: Decimal) -> Decimal:
    """The annual penalty rate `contract` × `factor`, cut at the cap."""
    return min(contract * factor, cap)
