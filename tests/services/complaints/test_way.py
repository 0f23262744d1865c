"""A complaint's whole way, on both engines: handled, decided by four eyes, told, disputed, reviewed, closed, learned from."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from bot.errors import BadInput, Conflict, Forbidden
from bot.lending.authority import Actor
from bot.services.complaints import evidence, file, improving
from bot.services.complaints.rows import Who, case, staff
from bot.services.worker import Worker
from bot.store.complaint_schema import (
    complaint_actions,
    complaint_remedies,
)
from bot.store.conversation_schema import requests
from tests.fakes import FakeClock
from tests.services.complaining import (
    AGENT,
    BOSS,
    CLOSING,
    CUSTOMER,
    LEAD,
    LEAD2,
    OTHER,
    PHONED,
    Hands,
    allowed,
    run,
)


async def test_the_common_path_with_everything_written_down(hands: Hands, worker: Worker, clock: FakeClock) -> None:
    assert allowed(hands)
    made = hands.lodge()
    row = hands.case(made.ref)
    assert (row["state"], row["l1"], row["urgency"]) == ("triaged", "COLL", "P1")
    assert made.ref == "TS-20260318-0001"
    assert row["told_by"].astimezone(hands.services.settings.timezone).date() == date(2026, 3, 21)
    assert row["legal_by"] == date(2026, 4, 2)
    assert row["handler"] in {"chen", "zhao", "wang", "li"}  # a P1 goes to a lead or supervisor
    assert any("P1" in text for text in hands.sent())
    assert not allowed(hands)
    remedy = None
    hands.do(AGENT, made.ref, "investigate")
    remedy = hands.remedy(made.ref, "apology")
    hands.proposed(made.ref)
    hands.do(BOSS, made.ref, "decide")
    letter = hands.letter(made.ref)
    assert letter["faults"] == []
    hands.do(AGENT, made.ref, "notify", letter_id=letter["letter_id"])
    await run(worker)
    hands.borrower("accept", made.ref)
    action = hands.action(made.ref)
    hands.do(LEAD, made.ref, "close", systemic=True, **CLOSING)
    assert hands.case(made.ref)["resume_on"] == date(2026, 4, 18)  # a day after the 30 days to ask for a review
    assert not allowed(hands)
    assert hands.events(made.ref) == [
        "received",
        "acknowledge",
        "triage",
        "investigate",
        "remedy",
        "remedy_approved",
        "propose",
        "decide",
        "remedy_done",
        "letter",
        "notify",
        "accept",
        "action",
        "close",
    ]
    assert hands.read(sa.select(complaint_remedies))[0]["remedy_id"] == remedy
    clock.forward(days=29, hours=23)  # 10:00 of 17 April has passed
    await run(worker)
    assert hands.case(made.ref)["resume_told_at"] is not None
    assert not allowed(hands)
    clock.forward(days=1)
    assert allowed(hands)
    hands.write(lambda c, now: improving.done(c, case(c, made.ref), LEAD, action, now))
    basis = hands.services.complaints.basis
    with pytest.raises(Forbidden, match="somebody else"):
        hands.write(lambda c, now: improving.verify(c, basis, case(c, made.ref), LEAD, action, True, now))
    told = hands.write(lambda c, now: improving.verify(c, basis, case(c, made.ref), BOSS, action, True, now))
    assert told == 1
    assert hands.read(sa.select(complaint_actions))[0]["told_at"] is not None


def test_the_decision_needs_four_eyes_and_the_level_s_role(hands: Hands) -> None:
    made = hands.lodge()
    hands.proposed(made.ref, LEAD)
    for actor, why in ((OTHER, "above_limit"), (LEAD, "same_person")):
        with pytest.raises(Forbidden) as refused:
            hands.do(actor, made.ref, "decide")
        assert refused.value.code == why
    hands.do(LEAD2, made.ref, "decide")


async def test_dispute_review_and_a_second_decision_by_others(hands: Hands, worker: Worker, clock: FakeClock) -> None:
    made = hands.lodge()
    hands.notified(made.ref, AGENT, BOSS, "not_upheld")
    with pytest.raises(Conflict) as refused:
        hands.do(LEAD, made.ref, "close", **CLOSING)
    assert refused.value.code == "review_period"
    hands.borrower("dispute", made.ref, "录音不完整")
    row = hands.case(made.ref)
    assert (row["state"], row["legal_by"]) == ("disputed", date(2026, 4, 17))
    with pytest.raises(Forbidden) as same:
        hands.do(BOSS, made.ref, "review")
    assert same.value.code == "same_person"
    hands.do(LEAD, made.ref, "review")
    hands.do(LEAD, made.ref, "propose", findings="复听录音，属实。", merit="upheld", grounds="规范第七条。")
    with pytest.raises(Forbidden):
        hands.do(BOSS, made.ref, "decide")  # who decided first
    hands.do(LEAD2, made.ref, "decide")
    hands.do(LEAD, made.ref, "notify", letter_id=hands.letter(made.ref)["letter_id"])
    with pytest.raises(Conflict) as once:
        hands.borrower("dispute", made.ref, "还是不同意")
    assert once.value.code == "reviewed"
    hands.do(LEAD, made.ref, "close", **CLOSING)
    await run(worker)


def test_a_closed_case_can_be_disputed_while_the_time_runs(hands: Hands, clock: FakeClock) -> None:
    made = hands.lodge()
    hands.notified(made.ref)
    hands.borrower("accept", made.ref)
    hands.do(LEAD, made.ref, "close", **CLOSING)
    clock.forward(days=20)
    assert hands.borrower("dispute", made.ref, "又打来了")["state"] == "disputed"
    assert not allowed(hands)


def test_too_late_for_a_review(hands: Hands, clock: FakeClock) -> None:
    made = hands.lodge()
    hands.notified(made.ref)
    clock.forward(days=31)
    with pytest.raises(Conflict) as refused:
        hands.borrower("dispute", made.ref, "不同意")
    assert refused.value.code == "too_late"
    hands.do(LEAD, made.ref, "close", **CLOSING)


def test_closing_needs_what_it_teaches(hands: Hands) -> None:
    made = hands.lodge()
    hands.notified(made.ref)
    hands.borrower("accept", made.ref)
    for missing in CLOSING:
        body = {key: value for key, value in CLOSING.items() if key != missing}
        with pytest.raises(BadInput) as refused:
            hands.do(LEAD, made.ref, "close", **body)
        assert refused.value.code == missing
    with pytest.raises(Conflict) as systemic:
        hands.do(LEAD, made.ref, "close", systemic=True, **CLOSING)
    assert systemic.value.code == "action"


def test_withdrawn_ends_today_and_contact_waits_until_tomorrow(hands: Hands, clock: FakeClock) -> None:
    made = hands.lodge()
    hands.borrower("withdraw", made.ref)
    assert hands.case(made.ref)["state"] == "withdrawn"
    assert not allowed(hands)
    clock.forward(days=1)
    assert allowed(hands)
    assert hands.lodge(PHONED).kind == "new"  # what was withdrawn is never opened again


def test_two_of_staff_at_once_and_one_is_told_that_it_changed(hands: Hands) -> None:
    made = hands.lodge()
    version = hands.case(made.ref)["version"]
    handling = hands.services.complaints.handling
    hands.write(lambda c, now: handling.do(c, AGENT, made.ref, "investigate", version, {}, now))
    with pytest.raises(Conflict) as refused:
        hands.write(lambda c, now: handling.do(c, OTHER, made.ref, "investigate", version, {}, now))
    assert refused.value.code == "changed"


def test_events_cannot_be_changed(hands: Hands) -> None:
    made = hands.lodge()
    for statement in ("UPDATE complaint_events SET reason = 'x'", "DELETE FROM complaint_events"):
        with pytest.raises(sa.exc.IntegrityError):
            hands.write(lambda c, now, one=statement: c.execute(sa.text(one)))
    assert hands.events(made.ref)


def test_the_conversation_s_record_ends_with_the_case(hands: Hands) -> None:
    made = hands.lodge()
    row = {
        "ref": made.ref,
        "kind": "complaint",
        "customer_id": CUSTOMER,
        "session_id": "s",
        "conversation_id": "c",
        "channel": "rest",
        "words": "x",
        "answer_by": hands.clock.now(),
        "recorded_at": hands.clock.now(),
    }
    hands.write(lambda c, now: c.execute(requests.insert().values(**row)))
    hands.borrower("withdraw", made.ref)
    assert hands.read(sa.select(requests).where(requests.c.ref == made.ref))[0]["status"] == "withdrawn"


def test_a_borrower_s_role_cannot_do_what_staff_do(hands: Hands) -> None:
    made = hands.lodge()
    with pytest.raises(BadInput):
        hands.do(AGENT, made.ref, "accept")
    assert Who("x", "trainer").role == "trainer"
    with pytest.raises(Forbidden):
        hands.do(Actor("t", "trainer"), made.ref, "investigate")


def test_a_withdrawal_is_offered_to_staff_while_it_is_possible_and_needs_writing(hands: Hands) -> None:
    made = hands.lodge()
    basis = hands.services.complaints.basis

    def may(actor: Actor) -> list[str]:
        return list(hands.write(lambda c, now: file.opened(c, basis, actor, made.ref, now))["may"])

    def add(kind: str, label: str) -> str:
        pointer = kept if kind == "document" else ""
        added = hands.write(lambda c, now: evidence.add(c, case(c, made.ref), staff(AGENT), kind, pointer, label, now))
        return str(added["evidence_id"])

    kept = hands.write(lambda c, now: hands.services.uploads.keep(c, made.ref, CUSTOMER, "png", b"a picture", now))
    assert "withdraw" in may(AGENT)
    assert "withdraw" in may(BOSS)
    assert "withdraw" not in may(Actor("nobody", "compliance"))
    for evidence_id in ("", "no such", add("note", "客户来电说不投诉了")):
        with pytest.raises(BadInput) as refused:
            hands.do(AGENT, made.ref, "withdraw", evidence_id=evidence_id)
        assert refused.value.code == "evidence_id"
    paper = add("document", "客户手写的撤回")
    with pytest.raises(Forbidden):
        hands.do(Actor("nobody", "compliance"), made.ref, "withdraw", evidence_id=paper)
    assert hands.do(AGENT, made.ref, "withdraw", evidence_id=paper)["state"] == "withdrawn"
    assert "withdraw" not in may(AGENT)
