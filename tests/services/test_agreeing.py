"""Agreeing at the same moment, crashing in between, staff and borrower at once: one arrangement results, or none. Both engines."""

from __future__ import annotations

import threading
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.app import Services
from bot.dialogue.turn import Speaker, Turn, Understanding
from bot.errors import Changed
from bot.lending.authority import Actor
from bot.lending.intake import Answers
from bot.lending.wishes import Kind, Wish
from bot.services.arrangement_rows import IN_FORCE, SIGNING, Arrangement
from bot.store.clock import business_date
from bot.store.help_schema import arrangements

LOAN = "LN1001"
AGENT, LEAD = Actor("a1", "agent"), Actor("l1", "lead")
FIRST, SECOND = Actor("s1", "supervisor"), Actor("s2", "supervisor")


def turn(services: Services, customer: str = "C1001", session: str = "s1") -> Turn:
    now = services.clock.now()
    return Turn(
        conversation_id="c" * 32,
        turn_id=uuid.uuid4().hex,
        speaker=Speaker(session, "rest", session, 2, customer),
        text="",
        understanding=Understanding("", "inform", 1.0),
        now=now,
        today=business_date(now, services.settings.timezone),
        language="zh-Hans",
        services=services,
    )


def carry_out(services: Services, done: Turn) -> None:
    """What the committer does: every write of the turn in one transaction."""
    with services.database.write() as connection:
        for write in done.writes:
            write(connection)


def filed(services: Services, wish: Wish, loan_id: str = LOAN) -> Arrangement:
    loan = services.loans.loan(loan_id)
    one = turn(services, loan.customer_id)
    answers = Answers(income=2_000_000, essentials=100_000)
    assessed = services.arrangements.assess(loan, (loan,), answers, one.today)
    drawn = services.arrangements.draw(loan, wish, one.today)
    made = services.arrangements.file(one, loan, drawn, assessed, answers, one.now + timedelta(hours=12))
    carry_out(services, one)
    return made


def ready(services: Services, made: Arrangement, session: str = "s1") -> tuple[Arrangement, Any]:
    """Disclosed, agreed to and signed by code; only the last step is missing."""
    loan = services.loans.loan(made.loan_id)
    one = turn(services, made.customer_id, session)
    drawn = services.arrangements.draw(loan, made.wish, one.today)
    services.agreeing.disclose(one, made, drawn, loan, {"title": "t"})
    carry_out(services, one)
    with services.database.write() as connection:
        connection.execute(
            arrangements.update().where(arrangements.c.ref == made.ref).values(status=SIGNING, signed_at=one.now)
        )
    found = services.arrangements.find(made.ref, made.customer_id)
    assert found is not None
    return found, drawn


def status(services: Services, ref: str) -> str:
    with services.database.read() as connection:
        return str(connection.execute(sa.select(arrangements.c.status).where(arrangements.c.ref == ref)).scalar_one())


def at_once(*jobs: Any) -> list[Exception | None]:
    """Run the jobs in threads of their own, begun together; what each raised."""
    barrier = threading.Barrier(len(jobs))
    outcomes: list[Exception | None] = [None] * len(jobs)

    def run(index: int) -> None:
        barrier.wait()
        try:
            jobs[index]()
        except Exception as error:  # noqa: BLE001 - looked at by the test
            outcomes[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_two_channels_sign_the_same_offer_at_once(services: Services) -> None:
    made, drawn = ready(services, filed(services, Wish(Kind.DUE_DAY, day=20)))

    def sign(session: str) -> None:
        one = turn(services, session=session)
        services.agreeing.put_in_force(one, made, drawn)
        carry_out(services, one)

    outcomes = at_once(lambda: sign("s1"), lambda: sign("s2"))
    assert sorted(type(one).__name__ for one in outcomes) == ["Changed", "NoneType"]
    loan = services.loans.loan(LOAN)
    assert loan.plan_version == 2
    assert sum(1 for entry in loan.entries if entry.kind.value == "replan") == 1


def test_two_offers_of_one_loan_signed_at_once(services: Services) -> None:
    """The second offer was filed before the first came into force: its figures are another ledger's."""
    first = filed(services, Wish(Kind.DUE_DAY, day=20))
    one, drawn_one = ready(services, first)
    two, drawn_two = replace(one, ref="HX-20261123-9999"), drawn_one
    with services.database.write() as connection:
        row = dict(connection.execute(sa.select(arrangements).where(arrangements.c.ref == one.ref)).mappings().one())
        connection.execute(arrangements.insert().values(**{**row, "ref": two.ref}))

    def sign(made: Arrangement, drawn: Any) -> None:
        mine = turn(services)
        services.agreeing.put_in_force(mine, made, drawn)
        carry_out(services, mine)

    outcomes = at_once(lambda: sign(one, drawn_one), lambda: sign(two, drawn_two))
    assert sorted(type(one).__name__ for one in outcomes) == ["Changed", "NoneType"]
    assert services.loans.loan(LOAN).plan_version == 2


def test_a_payment_arrives_at_the_same_moment(services: Services) -> None:
    made, drawn = ready(services, filed(services, Wish(Kind.DUE_DAY, day=20)))
    one = turn(services)
    services.agreeing.put_in_force(one, made, drawn)
    services.loans.record_payment("now", LOAN, 100_000, services.clock.now())
    with pytest.raises(Changed):
        carry_out(services, one)
    assert services.loans.loan(LOAN).plan_version == 1
    assert status(services, made.ref) == SIGNING


@pytest.mark.parametrize("stage", [1, 2, 3])
def test_a_crash_between_consent_and_ledger_leaves_nothing(
    services: Services, monkeypatch: pytest.MonkeyPatch, stage: int
) -> None:
    """Fails at the n-th statement that writes; then the same turn is run again and everything is there once."""
    made, drawn = ready(services, filed(services, Wish(Kind.DUE_DAY, day=20)))
    before = services.loans.loan(LOAN)
    one = turn(services)
    services.agreeing.put_in_force(one, made, drawn)
    seen = 0

    def fail(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        nonlocal seen
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE")):
            seen += 1
            if seen == stage:
                raise RuntimeError("the process dies here")

    sa.event.listen(services.database.engine, "before_cursor_execute", fail)
    with pytest.raises(RuntimeError):
        carry_out(services, one)
    sa.event.remove(services.database.engine, "before_cursor_execute", fail)
    assert services.loans.loan(LOAN) == before
    assert status(services, made.ref) == SIGNING
    again = turn(services)
    services.agreeing.put_in_force(again, made, drawn)
    carry_out(services, again)
    assert status(services, made.ref) == IN_FORCE
    assert services.loans.loan(LOAN).plan_version == 2


def test_unsigned_or_changed_offers_never_come_into_force(services: Services) -> None:
    made = filed(services, Wish(Kind.DUE_DAY, day=20))
    loan = services.loans.loan(LOAN)
    drawn = services.arrangements.draw(loan, made.wish, turn(services).today)
    for other in (drawn, replace(drawn, owed=drawn.owed + 1)):
        one = turn(services)
        services.agreeing.put_in_force(one, made, other)
        with pytest.raises(Changed):
            carry_out(services, one)
    assert services.loans.loan(LOAN).plan_version == 1


def test_withdrawn_twice_at_once_counts_once(services: Services) -> None:
    made, drawn = ready(services, filed(services, Wish(Kind.DUE_DAY, day=20)))
    before = services.loans.loan(LOAN)
    one = turn(services)
    services.agreeing.put_in_force(one, made, drawn)
    carry_out(services, one)
    found = services.arrangements.find(made.ref, "C1001")
    assert found is not None

    def back() -> None:
        mine = turn(services)
        services.agreeing.withdraw(mine, found)
        carry_out(services, mine)

    outcomes = at_once(back, back)
    assert sorted(type(one).__name__ for one in outcomes) == ["Changed", "NoneType"]
    after = services.loans.loan(LOAN)
    assert (after.plan, after.plan_version) == (before.plan, 1)
