from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from bot.errors import BadInput
from bot.lending.money import parse_yuan, round_cents, yuan


@pytest.mark.parametrize(
    ("amount", "expected"), [("0.5", 1), ("1.5", 2), ("2.5", 3), ("-0.5", -1), ("-1.49", -1), ("2.4999999999", 2)]
)
def test_round_cents_takes_halves_up(amount: str, expected: int) -> None:
    assert round_cents(Decimal(amount)) == round_cents(Fraction(amount)) == expected


@pytest.mark.parametrize(
    ("cents", "written"),
    [(0, "¥0.00"), (5, "¥0.05"), (123_456, "¥1,234.56"), (-100, "-¥1.00"), (10**15, "¥10,000,000,000,000.00")],
)
def test_yuan_writes_separators_and_two_decimals(cents: int, written: str) -> None:
    assert yuan(cents) == written


@pytest.mark.parametrize(
    ("written", "cents"), [("0", 0), ("1234.5", 123_450), ("0.01", 1), ("9999999999999.99", 10**15 - 1)]
)
def test_parse_yuan_is_exact(written: str, cents: int) -> None:
    assert parse_yuan(written) == cents


@pytest.mark.parametrize(
    "written", ["", "-1", "+1", "1,000", "1.234", "1e3", "¥1", " 1", ".5", "1.", "NaN", "1" * 14, "１"]
)
def test_parse_yuan_refuses_anything_else(written: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_yuan(written)
    assert refused.value.code == "amount"
