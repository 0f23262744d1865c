"""The state machine as data: every verb leads only where the table says, whatever is tried in whatever order."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Conflict, Forbidden
from bot.lending.complaint_states import (
    BORROWER,
    FINISHED,
    HANDLERS,
    OPEN,
    SYSTEM,
    TRANSITIONS,
    WORKING,
    State,
    Verb,
    after,
    verbs_of,
)

ROLES = (SYSTEM, BORROWER, *sorted(HANDLERS), "trainer", "compliance")


def test_every_verb_and_state_is_in_the_table() -> None:
    assert set(TRANSITIONS) == set(Verb)
    reached = {row.to for row in TRANSITIONS.values()} | {State.RECEIVED}
    assert reached - {None} == set(State)
    assert set(State) == OPEN | FINISHED
    assert WORKING < OPEN


def test_every_open_state_leads_to_an_end() -> None:
    def ends(state: State, seen: frozenset[State]) -> bool:
        if state in FINISHED:
            return True
        steps = {row.to for row in TRANSITIONS.values() if state in row.sources and row.verb is not Verb.WITHDRAW}
        return any(ends(step, seen | {step}) for step in steps - seen if step is not None)

    for state in OPEN:
        assert ends(state, frozenset({state})), state


def test_only_whoever_complained_accepts_disputes_and_withdraws() -> None:
    for verb in (Verb.ACCEPT, Verb.DISPUTE, Verb.WITHDRAW):
        assert TRANSITIONS[verb].who == {BORROWER}
    for state in State:
        assert not {Verb.ACCEPT, Verb.DISPUTE} & set(verbs_of(state, "supervisor"))


@pytest.mark.parametrize("verb", list(Verb))
def test_nothing_outside_the_table_is_possible(verb: Verb) -> None:
    row = TRANSITIONS[verb]
    for state in State:
        for role in ROLES:
            if state in row.sources and role in row.who:
                assert after(state, verb, role, State.TRIAGED) == (row.to or State.TRIAGED)
            else:
                with pytest.raises((Conflict, Forbidden)):
                    after(state, verb, role, State.TRIAGED)


@given(st.lists(st.tuples(st.sampled_from(list(Verb)), st.sampled_from(ROLES)), max_size=60))
def test_no_sequence_reaches_what_the_table_does_not_allow(calls: list[tuple[Verb, str]]) -> None:
    state, before, history = State.RECEIVED, None, []
    for verb, role in calls:
        try:
            to = after(state, verb, role, before)
        except (Conflict, Forbidden):
            assert verb not in verbs_of(state, role) or (verb is Verb.UNMERGE and before is None)
            continue
        assert verb in verbs_of(state, role)
        before = state if verb is Verb.MERGE else before
        history.append((state, verb, to))
        state = to
    for (_, _, to), (source, _, _) in pairwise(history):
        assert to is source
