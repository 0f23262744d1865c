"""The clock of a case: what stops it, what warns, who is told, what may be extended."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from bot.errors import Forbidden
from bot.services.complaints import board, compliance
from bot.services.complaints.limits import escalate
from bot.services.complaints.rows import THE_SYSTEM, case
from bot.services.worker import Worker
from tests.fakes import FakeClock
from tests.services.complaining import AGENT, BOSS, LEAD, OTHER, Hands, run


async def test_only_an_appraisal_stops_the_clock(hands: Hands, worker: Worker, clock: FakeClock) -> None:
    made = hands.lodge()
    hands.do(AGENT, made.ref, "investigate")
    before = hands.case(made.ref)
    with pytest.raises(Forbidden):
        hands.do(AGENT, made.ref, "ask_external", reason="笔迹鉴定")
    hands.do(LEAD, made.ref, "ask_external", reason="笔迹鉴定")
    clock.forward(days=10, hours=5)
    await run(worker)
    assert "escalate" not in hands.events(made.ref)
    hands.do(AGENT, made.ref, "external_back")
    after = hands.case(made.ref)
    assert after["target_by"] - before["target_by"] == timedelta(days=10, hours=5)
    assert after["legal_by"] - before["legal_by"] == timedelta(days=10)
    hands.do(AGENT, made.ref, "ask_customer", question="哪天打的电话？")
    again = hands.case(made.ref)
    assert (again["target_by"], again["legal_by"]) == (after["target_by"], after["legal_by"])
    hands.borrower("add", made.ref, "3月10日上午", "rest")
    assert hands.case(made.ref)["state"] == "investigating"


async def test_warnings_at_50_80_100_and_escalation(hands: Hands, worker: Worker, clock: FakeClock) -> None:
    made = hands.lodge("态度太差")
    assert hands.case(made.ref)["urgency"] == "P3"
    seen = []
    for _ in range(13):
        clock.forward(days=1)
        await run(worker)
        seen.append((hands.events(made.ref).count("warning"), hands.case(made.ref)["escalated"]))
    row = hands.case(made.ref)
    assert row["escalated"] == 2  # the level's time: a lead; 80 % of the legal one: a supervisor
    clock.forward(days=4)
    await run(worker)
    assert hands.case(made.ref)["escalated"] == 3
    kinds = hands.events(made.ref)
    assert kinds.count("warning") == 6  # contact, 50, 80, 100 of the level, 80 and 100 of the law
    assert seen[0] == (0, 0)


async def test_nobody_called_in_time_goes_up_and_to_somebody_else(
    hands: Hands, worker: Worker, clock: FakeClock
) -> None:
    made = hands.lodge()
    first = hands.case(made.ref)["handler"]
    clock.forward(hours=2, minutes=1)
    await run(worker)
    row = hands.case(made.ref)
    assert row["escalated"] == 1
    assert row["handler"] not in (None, first)


async def test_clock_warnings_end_with_the_case(hands: Hands, worker: Worker, clock: FakeClock) -> None:
    made = hands.lodge()
    hands.borrower("withdraw", made.ref)
    clock.forward(days=40)
    await run(worker)
    assert "warning" not in hands.events(made.ref)


def test_extending_the_legal_limit_needs_a_senior_and_keeps_what_was_told(hands: Hands) -> None:
    made = hands.lodge()
    limits, told = hands.services.complaints.limits, hands.case(made.ref)["told_by"]

    def extend(actor: Any, to: int) -> Any:
        version = hands.case(made.ref)["version"]
        return hands.write(lambda c, now: limits.extend(c, actor, made.ref, version, to, "需要外地核查", now))

    with pytest.raises(Forbidden):
        extend(AGENT, 30)
    assert extend(LEAD, 30)["legal_by"] == date(2026, 4, 17)
    with pytest.raises(Forbidden):
        extend(LEAD, 60)
    assert extend(BOSS, 60)["legal_by"] == date(2026, 5, 17)
    assert hands.case(made.ref)["told_by"] == told


def test_escalation_only_goes_up(hands: Hands) -> None:
    made = hands.lodge()
    basis = hands.services.complaints.basis
    hands.write(lambda c, now: escalate(c, basis, case(c, made.ref), THE_SYSTEM, 2, "x", now))
    hands.write(lambda c, now: escalate(c, basis, case(c, made.ref), THE_SYSTEM, 1, "x", now))
    assert hands.case(made.ref)["escalated"] == 2


def test_late_counts_the_day_that_was_told_and_the_first_contact(hands: Hands, clock: FakeClock) -> None:
    basis = hands.services.complaints.basis
    quick, slow = hands.lodge().ref, hands.lodge("态度太差", customer_id="C1002", sender="customer:C1002").ref

    def seen() -> tuple[set[str], set[str], int, int]:
        pages = [
            hands.write(lambda c, now, k=key: board.board(c, basis, BOSS, {"clock": k}, now))
            for key in ("late", "soon")
        ]
        for page, is_late in zip(pages, (True, False), strict=True):
            assert all(one["late"] is is_late for one in page["complaints"])
        refs = [{one["ref"] for one in page["complaints"]} for page in pages]
        return refs[0], refs[1], pages[0]["counts"]["late"], pages[0]["counts"]["soon"]

    assert seen() == (set(), set(), 0, 0)
    clock.forward(hours=2, minutes=1)  # a P1 is called within two hours
    assert seen() == ({quick}, set(), 1, 0)
    limits = hands.services.complaints.limits
    hands.write(lambda c, now: limits.contacted(c, OTHER, quick, "no_answer", "", now))
    assert seen() == ({quick}, set(), 1, 0)
    hands.write(lambda c, now: limits.contacted(c, OTHER, quick, "reached", "", now))
    assert seen() == (set(), set(), 0, 0)
    clock.moment = hands.case(quick)["told_by"] - timedelta(hours=5)
    hands.write(lambda c, now: limits.contacted(c, OTHER, slow, "reached", "", now))
    assert seen() == (set(), {quick}, 0, 1)
    clock.forward(hours=5)
    assert seen() == ({quick}, set(), 1, 0)
    page = hands.write(lambda c, now: compliance.page(c, basis, now))
    assert page["late"] == 1
