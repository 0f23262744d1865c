"""All-in annual rates (L05, L06, L16)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.errors import BadInput
from bot.lending.apr import annual_of_daily, apr, monthly_irr
from bot.lending.loan import Method
from tests.lending.loans import cents, lend


def percent(rate: Decimal) -> str:
    return f"{100 * rate:.4f}"


def test_apr_of_a_flat_fee_is_far_above_its_nominal_rate() -> None:
    plan = lend("12000", None, 12, method=Method.FLAT, flat="0.006").plan
    flows = [-cents("12000"), *(line.total for line in plan)]
    assert f"{100 * monthly_irr(flows):.6f}" == "1.086185"
    assert tuple(map(percent, apr(flows))) == ("13.0342", "13.8418")


@pytest.mark.parametrize(
    ("paid_out", "simple", "compound"), [("100000", "6.0000", "6.1678"), ("98000", "9.8000", "10.2524")]
)
def test_apr_counts_a_fee_kept_back(paid_out: str, simple: str, compound: str) -> None:
    plan = lend("100000", "0.06", 12).plan
    assert (plan[0].total, plan[-1].total) == (cents("8606.64"), cents("8606.69"))
    assert tuple(map(percent, apr([-cents(paid_out), *(line.total for line in plan)]))) == (simple, compound)


def test_apr_without_interest_is_nothing() -> None:
    assert tuple(map(percent, apr([-300, 100, 100, 100]))) == ("0.0000", "0.0000")


@pytest.mark.parametrize(("basis", "simple", "compound"), [(360, "18.00", "19.72"), (365, "18.25", "20.02")])
def test_annual_rate_of_a_daily_one(basis: int, simple: str, compound: str) -> None:
    assert tuple(f"{100 * rate:.2f}" for rate in annual_of_daily(Decimal("0.0005"), basis)) == (simple, compound)


@pytest.mark.parametrize("flows", [[], [1, 2], [-1, -2], [0, 0], [-1, 10**9]])
def test_apr_needs_money_out_and_back(flows: list[int]) -> None:
    with pytest.raises(BadInput) as refused:
        apr(flows)
    assert refused.value.code == "flows"
