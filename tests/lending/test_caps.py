"""Legal limits (L17). The numbers of the policy file itself: tests/services/test_policy.py."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.lending.caps import Caps, capped_penalty_rate, within

CAPS = Caps("test", Decimal("0.03"), Decimal(4), Decimal("0.24"), Decimal("1.5"), 60)


@pytest.mark.parametrize(
    ("percent", "cap", "expected"),
    [
        ("12.00", CAPS.private_lending, True),
        ("12.01", CAPS.private_lending, False),
        ("24.00", CAPS.all_in, True),
        ("24.004", CAPS.all_in, True),  # shown as 24.00
        ("24.005", CAPS.all_in, False),  # shown as 24.01
        ("24.01", CAPS.all_in, False),
        ("36.00", Decimal("0.36"), True),
        ("36.01", Decimal("0.36"), False),
    ],
)
def test_cap_is_compared_as_disclosed(percent: str, cap: Decimal, expected: bool) -> None:
    assert within(Decimal(percent) / 100, cap) is expected


@pytest.mark.parametrize(("contract", "rate"), [("0.072", "0.108"), ("0.16", "0.24"), ("0.24", "0.24")])
def test_penalty_rate_is_cut_at_the_cap(contract: str, rate: str) -> None:
    assert capped_penalty_rate(Decimal(contract), CAPS.penalty_factor, CAPS.all_in) == Decimal(rate)
