"""What goes wrong half-way: a write that fails, two at once, calls in any order. Nothing is lost, nothing is there twice."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import Changed, DaihouError
from bot.lending.complaint_states import State, Verb, verbs_of
from bot.services.complaints.rows import case
from bot.store.complaint_schema import TABLES, complaint_contacts, complaint_events, complaints
from bot.store.help_schema import jobs
from tests.fakes import FakeClock
from tests.services.complaining import AGENT, BOSS, BOSS2, CLOSING, LEAD, LEAD2, PHONED, Hands


def counted(hands: Hands) -> dict[str, int]:
    return {
        table.name: hands.read(sa.select(sa.func.count().label("n")).select_from(table))[0]["n"]
        for table in (*TABLES, jobs)
    }


@pytest.mark.parametrize("at", range(1, 14))
def test_a_write_that_fails_anywhere_leaves_nothing_and_the_next_try_all(
    hands: Hands, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Between acknowledgement and case there is nothing: every statement of the lodging fails once."""
    before = counted(hands)
    number = 0

    def failing(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        nonlocal number
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE")):
            number += 1
            if number == at:
                raise RuntimeError("the power went out")

    engine = hands.services.database.engine
    sa.event.listen(engine, "before_cursor_execute", failing)
    try:
        with pytest.raises(RuntimeError, match="power"):
            hands.lodge()
    finally:
        sa.event.remove(engine, "before_cursor_execute", failing)
    assert counted(hands) == before
    made = hands.lodge()
    assert hands.case(made.ref)["state"] == "triaged"
    assert len(hands.cases()) == 1


def test_a_turn_decided_on_what_has_changed_is_run_again(hands: Hands) -> None:
    intake, lodging = hands.services.complaints.intake, hands.lodging()
    first, second = intake.decide(lodging, hands.clock.now()), intake.decide(lodging, hands.clock.now())
    assert first.ref != second.ref
    hands.write(lambda c, now: intake.record(c, lodging, first, now))
    with pytest.raises(Changed):
        hands.write(lambda c, now: intake.record(c, lodging, second, now))
    assert len(hands.cases()) == 1


def test_the_same_person_on_two_channels_at_once_has_one_case(hands: Hands) -> None:
    hands.services.complaints.intake.read(hands.lodging(), hands.clock.now())  # the model is there
    failed: list[BaseException] = []

    def say(channel: str) -> None:
        try:
            hands.lodge(channel=channel)
        except BaseException as error:  # noqa: BLE001 - shown below
            failed.append(error)

    threads = [threading.Thread(target=say, args=(f"channel{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    rows = hands.cases()
    assert len(rows) == 1
    assert sum(one["times"] for one in hands.contacts(rows[0]["ref"])) == 4


STAFF = (AGENT, LEAD, LEAD2, BOSS, BOSS2)
CALLS = st.one_of(
    st.tuples(st.sampled_from([verb.value for verb in Verb]), st.sampled_from(STAFF)),
    st.tuples(st.sampled_from(["accept", "dispute", "withdraw", "add"]), st.none()),
    st.tuples(st.just("again"), st.none()),
    st.tuples(st.just("wait"), st.none()),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CALLS, min_size=5, max_size=30))
def test_no_sequence_of_calls_reaches_an_illegal_state_or_loses_an_event(
    hands: Hands, calls: list[tuple[str, Any]]
) -> None:
    """Anything by anybody in any order: the events, read again from the first, always lead to the state that the case has."""
    customer = f"X{hands.clock.now().timestamp():.0f}"
    ref = hands.lodge(sender=f"customer:{customer}", customer_id=None).ref
    for what, actor in calls:
        before = hands.case(ref)
        try:
            _call(hands, ref, what, actor, customer)
        except DaihouError:
            after = hands.case(ref)
            assert {key: after[key] for key in ("state", "version")} == {
                key: before[key] for key in ("state", "version")
            }
    _check(hands, ref)
    hands.clock.forward(days=200)


def _call(hands: Hands, ref: str, what: str, actor: Any, customer: str) -> None:
    if what == "wait":
        hands.clock.forward(days=8)
    elif what == "again":
        hands.lodge(sender=f"customer:{customer}", customer_id=None)
    elif actor is None:
        words = {"dispute": ["不同意"], "add": ["补充", "rest"]}.get(what, [])
        hands.borrower(what, ref, *words)
    else:
        body = {
            "reason": "x",
            "question": "哪天？",
            "findings": "x",
            "merit": "upheld",
            "grounds": "x",
            "into": "TS-20200101-0001",
            **CLOSING,
        }
        if what == "notify" and hands.case(ref)["state"] == "decided":
            body["letter_id"] = hands.letter(ref)["letter_id"]
        hands.do(actor, ref, what, **body)


def _check(hands: Hands, ref: str) -> None:
    events = hands.read(
        sa.select(complaint_events).where(complaint_events.c.ref == ref).order_by(complaint_events.c.seq)
    )
    assert [one["seq"] for one in events] == list(range(1, len(events) + 1))
    row = hands.case(ref)
    assert row["version"] == len(events)
    state = State.RECEIVED
    for one in events:
        assert one["from_state"] == state.value
        if one["to_state"] != one["from_state"]:
            assert Verb(one["kind"]) in verbs_of(state, one["role"])
        state = State(one["to_state"])
    assert row["state"] == state.value
    assert all(one["actor"] and one["at"] for one in events)
    assert row["received_at"] <= row["clock_from"]
    kept = hands.read(sa.select(complaint_contacts).where(complaint_contacts.c.first_ref == ref))
    assert kept[0]["kind"] == "lodged" or any(one["kind"] == "lodged" for one in kept)
    assert hands.read(sa.select(complaints).where(complaints.c.ref == ref))


def test_the_clock_counts_from_the_first_receipt_whatever_happened_since(hands: Hands, clock: FakeClock) -> None:
    received = clock.now()
    clock.forward(hours=5)  # it waited, as in an outage
    made = hands.lodge(PHONED, received_at=received)
    row = hands.case(made.ref)
    assert row["received_at"] == row["clock_from"] == received
    assert row["contact_by"] == received + timedelta(hours=2)
    with hands.services.database.read() as connection:
        assert case(connection, made.ref)["ref"] == made.ref
