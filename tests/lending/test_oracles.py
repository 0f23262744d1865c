"""Other people's arithmetic: pyloan for schedules, pyxirr for rates. Neither is used by the engine."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import pyxirr
from hypothesis import given, settings
from hypothesis import strategies as st
from pyloan import pyloan

from bot.lending.apr import apr, monthly_irr
from bot.lending.loan import Method
from tests.lending.loans import lend
from tests.lending.test_schedule import rows


@pytest.mark.parametrize(
    ("principal", "percent", "months"),
    [("120000", "7.2", 12), ("50000", "14.95", 24), ("80000", "9", 12), ("120000", "7.2", 24), ("30000", "10.8", 60)],
)
def test_annuity_equals_pyloan_line_by_line(principal: str, percent: str, months: int) -> None:
    """pyloan is told the instalment: by itself it adds a whole unit where the last line comes out larger."""
    ours = lend(principal, str(Decimal(percent) / 100), months, on=date(2026, 1, 10)).plan
    other = pyloan.Loan(
        loan_amount=float(principal),
        interest_rate=float(percent),
        loan_term=months,
        loan_term_period="M",
        start_date="2026-01-10",
        payment_amount=ours[0].total / 100,
        payment_end_of_month=False,
    )
    expected = [
        [int(100 * cell) for cell in (line.principal_amount, line.interest_amount, line.loan_balance_amount)]
        for line in other.get_payment_schedule()[1:]
    ]
    assert [row[1:] for row in rows(ours)][:-1] == expected[: months - 1]


@settings(max_examples=60, deadline=None)
@given(
    principal=st.integers(100_00, 10**9),
    kept_back=st.integers(0, 10),
    months=st.integers(1, 60),
    rate=st.integers(0, 36),
    method=st.sampled_from([Method.ANNUITY, Method.EQUAL_PRINCIPAL]),
)
def test_apr_equals_pyxirr(principal: int, kept_back: int, months: int, rate: int, method: Method) -> None:
    plan = lend(f"{principal / 100:.2f}", str(Decimal(rate) / 100), months, method=method).plan
    flows = [-(principal - principal * kept_back // 100), *(line.total for line in plan)]
    expected = pyxirr.irr([float(flow) for flow in flows])
    assert expected is not None
    assert float(monthly_irr(flows)) == pytest.approx(expected, abs=1e-8)
    simple, compound = apr(flows)
    assert compound >= simple or simple == pytest.approx(0, abs=Decimal("1e-12"))
