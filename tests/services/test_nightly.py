"""What the night finds of arrangements: late, broken, completed; and that nothing is collected meanwhile. Both engines."""

from __future__ import annotations

from bot.app import Services
from bot.lending.contact import ContactType
from bot.lending.wishes import Kind, Wish
from bot.services import nightly
from bot.services.worker import Worker
from tests.fakes import NOON, FakeClock
from tests.services.test_agreeing import carry_out, filed, ready, turn
from tests.services.test_jobs import known, on, run_all, told


def in_force(services: Services, wish: Wish) -> str:
    made, drawn = ready(services, filed(services, wish))
    one = turn(services)
    services.agreeing.put_in_force(one, made, drawn)
    carry_out(services, one)
    return made.ref


async def night(services: Services, worker: Worker, clock: FakeClock) -> None:
    with services.database.write() as connection:
        today = clock.now().astimezone(services.settings.timezone).date()
        nightly.run(services, connection, today, clock.now())
    await run_all(worker)


async def test_a_late_arrangement_is_asked_about_once_then_broken(
    services: Services, worker: Worker, clock: FakeClock
) -> None:
    known(services, "C1001")
    ref = in_force(services, Wish(Kind.DUE_DAY, day=20))
    due = next(line for line in services.loans.loan("LN1001").plan if line.due_on > NOON.date())
    clock.moment = on(services, (due.due_on - NOON.date()).days + 2, 12)
    await night(services, worker, clock)
    assert told(services) == []
    for _ in range(3):
        clock.forward(days=1)
        await night(services, worker, clock)
    assert len(told(services, "utter_help_late")) == 1
    clock.forward(days=26)
    await night(services, worker, clock)
    assert len(told(services, "utter_help_broken")) == 1
    assert [one.ref for one in services.arrangements.of_customer("C1001", ("broken",))] == [ref]


async def test_an_arrangement_ends_with_its_loan(services: Services, worker: Worker, clock: FakeClock) -> None:
    ref = in_force(services, Wish(Kind.DUE_DAY, day=20))
    services.loans.record_payment("all", "LN1001", 100_000_000, clock.now())
    end = services.loans.loan("LN1001").plan[-1].due_on
    clock.moment = on(services, (end - NOON.date()).days + 1, 12)
    await night(services, worker, clock)
    assert [one.ref for one in services.arrangements.of_customer("C1001", ("completed",))] == [ref]


async def test_while_it_runs_nothing_is_collected(services: Services) -> None:
    in_force(services, Wish(Kind.DUE_DAY, day=20))
    with services.database.write() as connection:
        at = on(services, 0, 12)
        collecting = services.contact.allow(connection, "C1001", ContactType.COLLECTION, "call", at)
        serving = services.contact.allow(connection, "C1001", ContactType.SERVICE_NOTICE, "conversation", at)
        other = services.contact.allow(connection, "C1002", ContactType.COLLECTION, "call", at)
    assert (str(collecting), str(serving), str(other)) == ("deny:agreement_active", "allow", "allow")
