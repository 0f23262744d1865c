"""Money is integer cents. Rounding and the one written form, ¥1,234.56."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from bot.errors import BadInput

_WRITTEN = re.compile(r"[0-9]{1,13}(\.[0-9]{1,2})?")


def round_cents(amount: Decimal | Fraction) -> int:
    """Round an amount of cents HALF_UP to a whole cent (halves away from zero)."""
    if isinstance(amount, Fraction):
        size = (2 * abs(amount.numerator) + amount.denominator) // (2 * amount.denominator)
        return size if amount >= 0 else -size
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def yuan(cents: int) -> str:
    """Written form of an amount: 123456 -> ¥1,234.56, -100 -> -¥1.00."""
    sign = "-" if cents < 0 else ""
    whole, part = divmod(abs(cents), 100)
    return f"{sign}¥{whole:,}.{part:02d}"


def parse_yuan(written: str) -> int:
    """Cents of a strictly written amount ("1234.5"); no sign, no separators, at most two decimals.

    Raises:
        BadInput: anything else, code `amount`.
    """
    if not _WRITTEN.fullmatch(written):
        raise BadInput(f"not an amount: {written!r}", code="amount")
    return int((Decimal(written) * 100).to_integral_exact())
