"""What comes in: what repeats joins its case, what is other does not, and a wrong join is undone with nothing lost."""

from __future__ import annotations

import pytest

from bot.errors import Conflict, Forbidden
from bot.services.complaints.rows import case, staff
from tests.fakes import FakeClock
from tests.services.complaining import (
    BOSS2,
    CLOSING,
    LEAD,
    LOAN,
    PHONED,
    Hands,
    allowed,
)


def test_what_repeats_joins_and_what_is_other_does_not(hands: Hands) -> None:
    first = hands.lodge("催收每天打我单位电话", loan_id=LOAN)
    assert hands.lodge("催收又打我妈妈电话了，第三次", loan_id=LOAN).kind == "attached"
    assert hands.lodge("催收每天打我单位电话", loan_id=LOAN).kind == "repeated"
    other = hands.lodge("你们的罚息算错了", loan_id=LOAN)
    assert other.kind == "new"
    assert other.ref != first.ref
    kept = hands.contacts(first.ref)
    assert sorted(one["kind"] for one in kept) == ["again", "lodged"]
    assert sum(one["times"] for one in kept) == 3


def test_somebody_else_s_same_words_are_a_case_of_their_own(hands: Hands) -> None:
    first = hands.lodge()
    second = hands.lodge(customer_id="C1002", sender="customer:C1002")
    assert second.kind == "new"
    assert second.ref != first.ref


def test_one_word_is_a_complaint_and_the_story_makes_it_clear(hands: Hands) -> None:
    made = hands.lodge("投诉")
    row = hands.case(made.ref)
    assert (row["state"], row["l1"]) == ("acknowledged", "OTHER")  # too little to be sure: a person looks
    story = hands.lodge("催收打我单位电话，骂我")
    assert (story.kind, story.ref) == ("attached", made.ref)
    row = hands.case(made.ref)
    assert (row["state"], row["l1"], row["urgency"]) == ("triaged", "COLL", "P1")
    assert row["received_at"] == row["clock_from"]


def test_a_hundred_in_a_minute_are_recorded_once_and_nothing_is_lost(hands: Hands, clock: FakeClock) -> None:
    subjects = ("催收骂人", "罚息不对", "扣了两次", "态度很差", "征信错了")
    for number in range(100):
        hands.lodge(f"{subjects[number % 5]}，第{number}次说")
        clock.forward(seconds=0.5)
    assert len(hands.cases()) <= 5
    kept = sum(len(hands.contacts(one["ref"])) for one in hands.cases())
    assert kept == 100
    for _ in range(100):
        hands.lodge("催收骂人，第0次说")
    assert sum(len(hands.contacts(one["ref"])) for one in hands.cases()) == 100


def test_wrong_merge_is_undone_with_nothing_lost(hands: Hands, clock: FakeClock) -> None:
    first = hands.lodge("催收骂人")
    clock.forward(hours=1)
    second = hands.lodge("罚息算错了，请重新核对")
    before = hands.case(second.ref)
    with pytest.raises(Conflict, match="later case joins"):
        hands.do(LEAD, first.ref, "merge", into=second.ref)
    hands.do(LEAD, second.ref, "merge", into=first.ref, reason="同一件事")
    assert hands.case(second.ref)["state"] == "merged"
    hands.do(LEAD, second.ref, "unmerge", reason="不是同一件事")
    after = hands.case(second.ref)
    changed = {key for key in before if before[key] != after[key]}
    assert changed <= {"version", "clock", "state_at"}
    assert len(hands.contacts(second.ref)) == 1
    assert hands.events(first.ref)[-2:] == ["joined", "left"]


def test_cases_of_two_people_are_never_joined(hands: Hands) -> None:
    first = hands.lodge()
    second = hands.lodge(customer_id="C1002", sender="customer:C1002")
    with pytest.raises(Forbidden, match="same person"):
        hands.do(LEAD, second.ref, "merge", into=first.ref)


def test_a_contact_attached_by_mistake_becomes_a_case(hands: Hands, clock: FakeClock) -> None:
    first = hands.lodge("催收骂人", loan_id=LOAN)
    clock.forward(hours=2)
    attached = hands.lodge("催收把我的通讯录都打了一遍", loan_id=LOAN)
    assert attached.kind == "attached"
    contact = next(one for one in hands.contacts(first.ref) if one["kind"] == "again")
    splitting = hands.services.complaints.splitting
    ref = hands.write(
        lambda c, now: splitting.split(c, case(c, first.ref), staff(LEAD), contact["contact_id"], "另一件事", now)
    )
    assert hands.case(ref)["received_at"] == contact["at"]
    assert hands.contacts(ref)[0]["first_ref"] == first.ref
    assert len(hands.contacts(first.ref)) == 1


def test_closed_and_said_again_is_opened_again_later_it_is_a_new_one_with_a_link(
    hands: Hands, clock: FakeClock
) -> None:
    made = hands.lodge()
    hands.notified(made.ref)
    hands.borrower("accept", made.ref)
    hands.do(LEAD, made.ref, "close", **CLOSING)
    clock.forward(days=10)
    again = hands.lodge(PHONED + "。")
    assert (again.kind, again.ref) == ("reopened", made.ref)
    row = hands.case(made.ref)
    assert (row["state"], row["reopened"], row["resume_on"]) == ("investigating", 1, None)
    assert not allowed(hands)
    hands.notified(made.ref, decider=BOSS2)
    hands.borrower("accept", made.ref)
    hands.do(LEAD, made.ref, "close", **CLOSING)
    clock.forward(days=31)
    later = hands.lodge(PHONED + "！")
    assert later.kind == "new"
    assert hands.case(later.ref)["follows"] == made.ref
