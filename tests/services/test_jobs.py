"""Due work: once over any number of workers, late after a restart, never against the contact policy. Both engines."""

from __future__ import annotations

import threading
from datetime import datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.app import Services
from bot.lending.position import position
from bot.lending.wishes import Kind, Wish
from bot.services import due_work, nightly
from bot.services.promises import REMINDER
from bot.services.worker import Worker
from bot.store import conversation_rows as rows
from bot.store import jobs
from bot.store.conversation_schema import contact_preferences, conversations, messages
from bot.store.help_schema import contact_denials, promises
from bot.store.help_schema import jobs as table
from tests.fakes import NOON, FakeClock
from tests.services.test_agreeing import carry_out, filed, status, turn


def known(services: Services, customer: str) -> str:
    """The customer has a conversation and a session to be told in."""
    with services.database.write() as connection:
        made = rows.create_conversation(connection, NOON, "zh-Hans")
        connection.execute(
            conversations.update().where(conversations.c.conversation_id == made).values(customer_id=customer)
        )
    return made


def told(services: Services, response: str | None = None) -> list[str]:
    with services.database.read() as connection:
        query = sa.select(messages.c.text).where(messages.c.session_id.is_(None))
        return list(connection.execute(query.where(messages.c.response == response) if response else query).scalars())


def promise(services: Services, days: int = 3, cents: int = 100_000, loan_id: str = "LN1002") -> str:
    loan = services.loans.loan(loan_id)
    one = turn(services, loan.customer_id)
    wish = Wish(Kind.PROMISE, cents=cents, on=one.today + timedelta(days=days))
    ref = services.promises.make(one, loan, wish, services.promises.open_of(loan_id))
    carry_out(services, one)
    return ref


def on(services: Services, days: int, hour: int, minute: int = 0) -> datetime:
    """A moment so many days after the first, at the lender's time."""
    zone = services.settings.timezone
    return datetime.combine(NOON.astimezone(zone).date() + timedelta(days=days), time(hour, minute), zone)


async def run_all(worker: Worker) -> None:
    while await worker.once():
        pass


def queue(services: Services, kind: str, key: str, facts: dict[str, Any]) -> None:
    with services.database.write() as connection:
        assert jobs.put(connection, kind, key, services.clock.now(), facts)


def test_the_same_thing_is_queued_once(services: Services) -> None:
    queue(services, "notice", "x", {})
    with services.database.write() as connection:
        assert not jobs.put(connection, "notice", "x", NOON, {})


def test_forty_jobs_and_eight_workers(services: Services) -> None:
    """Each is leased once, whoever looks."""
    for number in range(40):
        queue(services, "notice", str(number), {})
    taken: list[str] = []
    barrier = threading.Barrier(8)

    def work() -> None:
        barrier.wait()
        with services.database.read() as connection:
            due = jobs.due(connection, NOON, NOON, 100)
        for job_id in due:
            with services.database.write() as connection:
                job = jobs.lease(connection, job_id, NOON)
            if job is not None:
                taken.append(job.job_id)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 40


def test_a_dead_workers_job_is_taken_again_and_its_late_mark_does_not_count(services: Services) -> None:
    queue(services, "notice", "x", {})
    with services.database.write() as connection:
        (job_id,) = jobs.due(connection, NOON, NOON)
        dead = jobs.lease(connection, job_id, NOON)
        assert dead is not None
        assert jobs.due(connection, NOON, NOON) == []
        later = NOON + jobs.LEASE + timedelta(seconds=1)
        alive = jobs.lease(connection, job_id, later)
        assert alive is not None
        assert not jobs.finish(connection, dead, later, "late")
        assert jobs.finish(connection, alive, later, "done")
        assert jobs.due(connection, later, later) == []


async def test_reminders_the_day_before_and_on_the_day(services: Services, worker: Worker, clock: FakeClock) -> None:
    known(services, "C1002")
    promise(services)
    await run_all(worker)
    assert told(services) == []
    clock.moment = on(services, 2, 10)  # the day before
    await run_all(worker)
    await run_all(worker)
    assert len(told(services, "utter_promise_reminder")) == 1
    clock.forward(days=1)
    await run_all(worker)
    assert len(told(services, "utter_promise_reminder")) == 2


async def test_late_after_a_restart_but_not_after_the_day(services: Services, worker: Worker, clock: FakeClock) -> None:
    known(services, "C1002")
    promise(services)
    clock.moment = on(services, 3, 21)  # the evening of the day itself
    await run_all(worker)
    assert len(told(services, "utter_promise_reminder")) == 2
    promise(services)
    clock.forward(days=5)
    await run_all(worker)
    assert len(told(services, "utter_promise_reminder")) == 2


async def test_quiet_hours_postpone_and_a_stop_denies(services: Services, worker: Worker, clock: FakeClock) -> None:
    known(services, "C1002")
    ref = promise(services)
    clock.moment = on(services, 2, 22, 30)
    await run_all(worker)
    assert told(services) == []
    with services.database.write() as connection:
        connection.execute(
            contact_preferences.insert().values(subject="customer:C1002", contact_stopped_at=NOON, updated_at=NOON)
        )
    clock.moment = on(services, 3, 8, 30)
    await run_all(worker)
    assert told(services) == []
    with services.database.read() as connection:
        denied = list(connection.execute(sa.select(contact_denials.c.reason)).scalars())
        done = (
            connection.execute(sa.select(table.c.outcome).where(table.c.kind == REMINDER, table.c.done_at.is_not(None)))
            .scalars()
            .all()
        )
    assert denied == ["quiet_hours", "stop_contact"]
    assert done == ["denied: stop_contact"]
    assert services.promises.open_of("LN1002") is not None
    assert ref


@pytest.mark.parametrize(
    ("paid", "status", "asked"), [(100_000, "kept", 0), (60_000, "partial", 1), (10_000, "broken", 1), (0, "broken", 1)]
)
async def test_a_promise_is_judged_and_followed_up_once(
    services: Services, worker: Worker, clock: FakeClock, paid: int, status: str, asked: int
) -> None:
    known(services, "C1002")
    ref = promise(services)
    if paid:
        clock.forward(hours=1)
        services.loans.record_payment("p", "LN1002", paid, clock.now())
    for _ in range(6):
        clock.forward(days=1)
        with services.database.write() as connection:
            today = clock.now().astimezone(services.settings.timezone).date()
            nightly.run(services, connection, today, clock.now())
        await run_all(worker)
    with services.database.read() as connection:
        found = connection.execute(sa.select(promises.c.status).where(promises.c.ref == ref)).scalar_one()
    assert found == status
    assert len(told(services, "utter_promise_broken")) == asked
    assert len(told(services, "utter_promise_kept")) == (1 if status == "kept" else 0)


async def test_the_night_is_queued_once_and_runs_once(services: Services, worker: Worker, clock: FakeClock) -> None:
    for _ in range(3):
        with services.database.write() as connection:
            due_work.queue_night(services, connection, clock.now())
    clock.forward(days=1)
    await run_all(worker)
    with services.database.read() as connection:
        nights = connection.execute(sa.select(table).where(table.c.kind == due_work.NIGHTLY)).mappings().all()
    assert len([one for one in nights if one["done_at"] is not None]) == 1
    assert len([one for one in nights if one["done_at"] is None]) == 1


async def test_accrual_changes_no_figure_and_is_idempotent(services: Services, clock: FakeClock) -> None:
    today = clock.now().astimezone(services.settings.timezone).date()
    before = {loan: position(services.loans.loan(loan), today) for loan in ("LN1002", "LN1007", "LN1001")}
    with services.database.write() as connection:
        late = nightly.overdue_loans(connection, today)
        assert {"LN1002", "LN1007"} <= set(late)
        assert "LN1001" not in late
        assert nightly.accrue_loans(connection, late, today, clock.now()) >= 2
    with services.database.write() as connection:
        assert nightly.accrue_loans(connection, late, today, clock.now()) == 0
    for loan_id, then in before.items():
        assert position(services.loans.loan(loan_id), today) == then


async def test_an_offer_lapses_on_the_next_day(services: Services, clock: FakeClock) -> None:
    made = filed(services, Wish(Kind.DUE_DAY, day=20))
    with services.database.write() as connection:
        done = nightly.run(services, connection, made.drawn_on + timedelta(days=1), clock.now() + timedelta(days=1))
    assert done.lapsed == 1
    assert status(services, made.ref) == "lapsed"


async def test_one_bad_job_does_not_stop_the_others(services: Services, worker: Worker) -> None:
    known(services, "C1002")
    queue(services, "notice", "bad", {"customer_id": "C1002", "response": "utter_no_such_thing", "values": {}})
    facts = {"customer_id": "C1002", "response": "utter_help_late", "values": {"ref": "HX-1"}}
    queue(services, "notice", "good", facts)
    await worker.once()
    assert len(told(services, "utter_help_late")) == 1


async def test_an_unknown_kind_is_marked(services: Services, worker: Worker) -> None:
    queue(services, "of_a_later_version", "x", {})
    await worker.once()
    with services.database.read() as connection:
        assert connection.execute(sa.select(table.c.outcome)).scalar_one() == "unknown kind"
