"""Who deals with a case and never whom it is about; a person corrects what the model read."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.errors import BadInput, Forbidden, NotFound
from bot.services.complaints import assigning, board, file, readings
from bot.services.complaints.rows import case, staff
from bot.store.complaint_schema import complaint_readings
from tests.services.complaining import AGENT, BOSS, EVERYBODY, LEAD, Hands


def test_never_to_whom_it_is_about(hands: Hands) -> None:
    made = hands.lodge("mei-name 态度太差，骂我")
    row = hands.case(made.ref)
    assert row["accused"] == ["mei"]
    assert row["handler"] != "mei"
    with pytest.raises(NotFound):
        hands.do(AGENT, made.ref, "investigate")
    with pytest.raises(Forbidden) as refused:
        hands.write(lambda c, now: assigning.assign(c, case(c, made.ref), staff(LEAD), "mei", now))
    assert refused.value.code == "conflict_of_interest"
    basis = hands.services.complaints.basis
    shown = hands.write(lambda c, now: board.board(c, basis, AGENT, {}, now))
    assert (shown["total"], shown["counts"]["state"]) == (0, {})
    with pytest.raises(NotFound):
        hands.write(lambda c, now: file.opened(c, basis, AGENT, made.ref, now))


def test_a_handler_who_turns_out_to_be_meant_loses_the_case(hands: Hands) -> None:
    made = hands.lodge("态度太差")
    handler = hands.case(made.ref)["handler"]
    hands.write(lambda c, now: assigning.accuse(c, case(c, made.ref), staff(BOSS), [handler], now))
    assert hands.case(made.ref)["handler"] not in (None, handler)


def test_a_person_corrects_the_reading_and_both_are_kept(hands: Hands) -> None:
    made = hands.lodge("态度太差")
    basis, before = hands.services.complaints.basis, hands.case(made.ref)
    correct = lambda c, now: readings.correct(  # noqa: E731
        c, basis, case(c, made.ref), staff(LEAD), "COLL", "threat", "P1", "录音里有威胁", now
    )
    hands.write(correct)
    row = hands.case(made.ref)
    assert (row["l1"], row["urgency"], row["confidence"]) == ("COLL", "P1", None)
    assert row["target_by"] < before["target_by"]
    kept = hands.read(sa.select(complaint_readings).order_by(complaint_readings.c.at))
    assert {one["by"] for one in kept} == {"model", "chen"}
    with pytest.raises(BadInput):
        hands.write(
            lambda c, now: readings.correct(c, basis, case(c, made.ref), staff(LEAD), "COLL", "nope", "P1", "", now)
        )


def test_a_complaint_can_be_about_everybody_active_also_who_is_not_there(hands: Hands) -> None:
    hands.services.staff.put("gone", "agent", name="gone-name", active=False)
    found = hands.write(lambda c, now: assigning.everybody(c))
    assert {one["staff_id"] for one in found} == {one.staff_id for one in EVERYBODY}
    assert all(one["name"] and one["role"] for one in found)
