"""The demo book, whatever the day. Expected figures are worked out here from the issue's table, not by the engine."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.lending.loan import Status
from bot.lending.position import position
from bot.store.clock import SystemClock
from bot.store.database import Database
from bot.store.demo import borrowers, seed_demo
from bot.store.loans import SqlLoanStore
from bot.store.schema import customers, ledger, loans, payments
from tests.fakes import FakeClock

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = [date.fromisoformat(day) for day in (
    "2026-03-01", "2026-03-04", "2026-03-05", "2026-03-06", "2026-02-28", "2028-02-29", "2026-12-31", "2027-01-01",
    "2026-11-23", "2026-05-31",
)]  # fmt: skip


def seeded(database: Database, today: date) -> SqlLoanStore:
    assert seed_demo(database, today, ZONE)
    return SqlLoanStore(database, SystemClock(), ZONE)


def fifth(today: date, ago: int) -> date:
    month = today.year * 12 + today.month - 1 - ago
    return date(month // 12, month % 12 + 1, 5)


def dues_before(today: date, ago: int, periods: int) -> list[date]:
    """Due days of a loan paid out `ago` months ago that lie before today."""
    dues = [fifth(today, ago - k) for k in range(1, periods + 1)]
    return [due for due in dues if due < today]


def cents(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def annuity_after(principal: int, annual: str, periods: int, paid: int) -> tuple[int, int]:
    """(instalment, principal left after `paid` of them), in cents."""
    rate = Decimal(annual) / 12
    growth = (1 + rate) ** periods
    each, balance = cents(principal * rate * growth / (growth - 1)), principal
    for _ in range(paid):
        balance -= each - cents(balance * rate)
    return each, balance


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_every_borrower_is_as_the_issue_says(sqlite: Database, today: date) -> None:
    store = seeded(sqlite, today)

    def at(loan_id: str):  # type: ignore[no-untyped-def]
        return position(store.loan(loan_id), today)

    due_today = today.day == 5
    on_time = Status.DUE_TODAY if due_today else Status.CURRENT

    for loan_id, ago, principal, annual, periods in (
        ("LN1001", 10, 12_000_000, "0.072", 24),
        ("LN1004A", 4, 8_000_000, "0.09", 12),
    ):
        paid = len(dues_before(today, ago, periods))
        each, left = annuity_after(principal, annual, periods, paid)
        assert store.loan(loan_id).terms.disbursed_on == fifth(today, ago)
        assert (at(loan_id).status, at(loan_id).principal, at(loan_id).overdue.total) == (on_time, left, 0)
        assert at(loan_id).due.owed.total == each
        assert len(store.payments(loan_id)) == paid

    paid = len(dues_before(today, 8, 24)) - 2
    each, left = annuity_after(5_000_000, "0.1495", 24, paid)
    late = at("LN1002")
    assert (late.status, late.principal) == (Status.OVERDUE, left)
    assert late.overdue.principal + late.overdue.interest == 2 * each
    assert late.days_overdue == (today - dues_before(today, 8, 24)[-2]).days
    assert late.overdue.penalty > 0
    assert store.loan("LN1002").autopay_card is None

    paid = len(dues_before(today, 12, 36))
    assert at("LN1003").principal == 10_000_000 - paid * (10_000_000 // 36)
    assert at("LN1003").status is on_time

    bullet = at("LN1004B")
    days = (fifth(today, -2) - fifth(today, 1)).days
    assert (bullet.status, bullet.principal) == (Status.CURRENT, 3_000_000)
    assert bullet.due.owed.interest == cents(Decimal(3_000_000) * Decimal("0.144") * days / 360)
    assert bullet.due.due_on == fifth(today, -2)

    assert (at("LN1005").status, at("LN1005").principal) == (on_time, 5_000_000)
    assert at("LN1005").overdue.total == 0

    assert (at("LN1006").status, at("LN1006").principal, at("LN1006").unapplied) == (Status.SETTLED, 0, 0)
    assert len(store.payments("LN1006")) == 12

    _, left = annuity_after(12_000_000, "0.072", 12, 2)
    assert (at("LN1007").status, at("LN1007").principal) == (Status.OVERDUE, left)
    assert at("LN1007").days_overdue == (today - fifth(today, 3)).days
    assert len(store.payments("LN1007")) == 2
    assert store.loans("C1008") == ()


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_payments_were_credited_at_noon_of_their_due_day(sqlite: Database, today: date) -> None:
    store = seeded(sqlite, today)
    for loan_id, ago, periods in (("LN1001", 10, 24), ("LN1005", 3, 6), ("LN1006", 14, 12)):
        noons = [datetime(due.year, due.month, due.day, 12, tzinfo=ZONE) for due in dues_before(today, ago, periods)]
        assert [one.at for one in store.payments(loan_id)] == noons[::-1]
        assert all(one.held == 0 for one in store.payments(loan_id))


def test_people_are_those_of_the_issue(sqlite: Database) -> None:
    store = seeded(sqlite, date(2026, 3, 18))
    people = [store.customer(f"C100{number}") for number in range(1, 9)]
    assert [one.name for one in people] == ["王小明", "李静", "陳大文", "赵强", "孙丽", "周杰", "吴芳", "郑伟"]
    assert [one.phone for one in people] == [f"1380000000{number}" for number in range(1, 9)]
    assert [one.id_number for one in people] == [
        "000000199001010011", "000000199102020022", "000000198803030033", "000000198504040044",
        "000000199305050055", "000000199206060066", "000000198707070077", "000000199908080088",
    ]  # fmt: skip
    assert [(one.customer_id, one.name, one.id_number, one.phone) for one in borrowers()] == [
        (one.customer_id, one.name, one.id_number, one.phone) for one in people
    ]


def test_only_ln1007_pays_principal_first_from_day_91(sqlite: Database) -> None:
    store = seeded(sqlite, date(2026, 3, 18))
    switches = {
        loan.loan_id: loan.product.principal_first_from_dpd
        for one in borrowers()
        for loan in store.loans(one.customer_id)
    }
    assert {loan_id: switch for loan_id, switch in switches.items() if switch is not None} == {"LN1007": 91}
    assert len(switches) == 8
    assert store.loan("LN1001").autopay_card == "0001"


def test_ln1007_meets_the_switch(sqlite: Database) -> None:
    """Its oldest unpaid instalment fell due on 5 September 2026: 76 days on 20 November, 117 on 31 December."""
    store = seeded(sqlite, date(2026, 12, 31))
    store._clock = FakeClock(datetime(2027, 1, 1, tzinfo=ZONE))
    last = store.record_payment("after", "LN1007", 100_000, datetime(2026, 12, 31, tzinfo=ZONE))
    assert (last.parts.principal, last.parts.total) == (100_000, 100_000)
    first = store.record_payment("before", "LN1007", 100_000, datetime(2026, 11, 20, tzinfo=ZONE))
    assert first.parts.penalty > 0
    assert first.parts.interest > 0


def test_seeding_again_does_nothing(database: Database) -> None:
    today = date(2026, 3, 18)
    seeded(database, today)

    def counts() -> list[int]:
        with database.read() as connection:
            return [
                connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for table in (customers, loans, payments, ledger)
            ]

    before = counts()
    assert not seed_demo(database, today + timedelta(days=40), ZONE)
    assert counts() == before
    assert before[:2] == [8, 8]
