"""What staff decide: limits, two different persons, reasons, counter offers, recorded calls, tokens. Both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.app import Services
from bot.errors import BadInput, Conflict, Forbidden, NotAllowed
from bot.lending.wishes import Kind, Wish
from bot.services.arrangement_rows import APPROVED, DISCLOSED, IN_FORCE, PENDING, Arrangement
from bot.store.help_schema import case_decisions
from tests.fakes import NOON, FakeClock
from tests.services.test_agreeing import (
    AGENT,
    FIRST,
    LEAD,
    LOAN,
    SECOND,
    at_once,
    carry_out,
    filed,
    ready,
    status,
    turn,
)


def pending(services: Services, count: int = 6) -> Arrangement:
    made = filed(services, Wish(Kind.EXTENSION, count=count))
    assert made.status == PENDING
    return made


def test_agent_and_lead_within_their_limits(services: Services) -> None:
    small, cases = pending(services), services.cases
    assert cases.approve(AGENT, small.ref) == "approved"
    assert status(services, small.ref) == APPROVED
    with pytest.raises(Conflict):
        cases.decline(LEAD, small.ref, "too_often")
    large = pending(services, 20)
    with pytest.raises(Forbidden, match="above_limit"):
        cases.approve(AGENT, large.ref)
    assert cases.approve(LEAD, large.ref) == "approved"


def test_committee_is_two_different_persons(services: Services) -> None:
    made, cases = pending(services, 30), services.cases
    with pytest.raises(Forbidden, match="above_limit"):
        cases.approve(LEAD, made.ref)
    assert cases.approve(FIRST, made.ref) == "second_needed"
    assert status(services, made.ref) == PENDING
    with pytest.raises(Forbidden, match="same_person"):
        cases.approve(FIRST, made.ref)
    assert cases.approve(SECOND, made.ref) == "approved"


def test_two_of_staff_decide_at_once(services: Services) -> None:
    made = pending(services)
    outcomes = at_once(
        lambda: services.cases.approve(AGENT, made.ref), lambda: services.cases.decline(LEAD, made.ref, "too_often")
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["Conflict", "NoneType"]
    with services.database.read() as connection:
        made_by_staff = connection.execute(
            sa.select(case_decisions).where(case_decisions.c.ref == made.ref, case_decisions.c.role != "borrower")
        ).all()
    assert len(made_by_staff) == 1
    assert made_by_staff[0].figures["before"]["plan"]
    assert made_by_staff[0].policy_version == "help 2026-01-01"


def test_borrower_chooses_anew_while_staff_approves(services: Services) -> None:
    """Either the old choice is approved and then superseded, or it lapsed before: never two open ones."""
    made = pending(services)
    at_once(lambda: services.cases.approve(AGENT, made.ref), lambda: filed(services, Wish(Kind.DUE_DAY, day=20)))
    open_now = services.arrangements.of_customer("C1001")
    assert len(open_now) == 1
    assert open_now[0].status == DISCLOSED


def disclosed(services: Services) -> Arrangement:
    made = filed(services, Wish(Kind.DUE_DAY, day=20))
    loan = services.loans.loan(made.loan_id)
    one = turn(services)
    drawn = services.arrangements.draw(loan, made.wish, one.today)
    services.agreeing.disclose(one, made, drawn, loan, {"title": "t"})
    carry_out(services, one)
    return made


def test_a_recorded_call_takes_the_place_of_the_code(services: Services, clock: FakeClock) -> None:
    made = disclosed(services)
    with pytest.raises(Conflict, match="time to read"):
        services.cases.confirm(AGENT, made.ref)
    clock.forward(seconds=11)
    until = services.cases.confirm(AGENT, made.ref)
    assert (until - made.drawn_on).days == 3
    assert status(services, made.ref) == IN_FORCE
    assert services.loans.loan(LOAN).plan_version == 2
    with pytest.raises(Conflict):
        services.cases.confirm(AGENT, made.ref)
    assert services.cases.case(made.ref)["decisions"][-1]["reason"] == "recorded_call"


def test_a_recorded_call_about_other_figures_confirms_nothing(services: Services, clock: FakeClock) -> None:
    made = disclosed(services)
    clock.forward(seconds=11)
    services.loans.record_payment("between", LOAN, 100_000, clock.now())
    with pytest.raises(Conflict, match="not those disclosed"):
        services.cases.confirm(AGENT, made.ref)
    assert services.loans.loan(LOAN).plan_version == 1


def test_a_call_and_a_code_at_the_same_moment(services: Services, clock: FakeClock) -> None:
    made, drawn = ready(services, filed(services, Wish(Kind.DUE_DAY, day=20)))
    clock.forward(seconds=11)

    def sign() -> None:
        mine = turn(services)
        services.agreeing.put_in_force(mine, made, drawn)
        carry_out(services, mine)

    outcomes = at_once(sign, lambda: services.cases.confirm(AGENT, made.ref))
    assert sum(1 for one in outcomes if one is None) == 1
    assert services.loans.loan(LOAN).plan_version == 2


def test_reasons_are_a_closed_list(services: Services) -> None:
    made = pending(services)
    with pytest.raises(BadInput):
        services.cases.decline(AGENT, made.ref, "because I say so")


def test_counter_offer_needs_its_own_authority(services: Services) -> None:
    made = pending(services)
    with pytest.raises(Forbidden, match="above_limit"):
        services.cases.counter(AGENT, made.ref, Wish(Kind.EXTENSION, count=20))
    other = services.cases.counter(AGENT, made.ref, Wish(Kind.EXTENSION, count=3))
    assert status(services, other) == APPROVED
    assert services.cases.case(other)["counter_to"] == made.ref
    assert services.cases.case(made.ref)["decisions"][-1]["decision"] == "counter"


def test_decisions_cannot_be_changed(services: Services) -> None:
    made = pending(services)
    with pytest.raises(sa.exc.IntegrityError), services.database.write() as connection:
        connection.execute(case_decisions.update().where(case_decisions.c.ref == made.ref).values(actor="x"))


def test_staff_tokens(services: Services, clock: FakeClock) -> None:
    staff = replace(services, staff=type(services.staff)(services.database, "k" * 40)).staff
    staff.put("a1", "agent")
    token = staff.token("a1", NOON)
    assert staff.read(token, NOON) == AGENT
    for bad in ("", "x", token + "x", token[:-4]):
        with pytest.raises(NotAllowed):
            staff.read(bad, NOON)
    with pytest.raises(NotAllowed):
        staff.read(token, NOON + timedelta(hours=9))
    staff.put("a1", "lead")  # another role than the token says
    with pytest.raises(NotAllowed):
        staff.read(token, NOON)
    staff.put("a1", "agent", active=False)
    with pytest.raises(NotAllowed):
        staff.read(token, NOON)
    with pytest.raises(NotAllowed):
        staff.token("nobody", NOON)
