"""A complaint's whole way, on both engines: lodged, merged, decided by four eyes, told, disputed, reviewed, closed, learned from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.app import Services
from bot.errors import BadInput, Conflict, Forbidden, NotFound
from bot.lending.contact import ContactType
from bot.lending.position import position
from bot.services.complaints import assigning, board, file, following, improving, readings, remedies
from bot.services.complaints.limits import escalate
from bot.services.complaints.rows import THE_SYSTEM, Who, case, staff
from bot.services.worker import Worker
from bot.store.complaint_schema import (
    complaint_actions,
    complaint_readings,
    complaint_remedies,
    payment_instructions,
)
from bot.store.conversation_schema import requests
from bot.store.schema import ledger
from tests.fakes import FakeClock
from tests.services.complaining import (
    AGENT,
    BOSS,
    BOSS2,
    CLOSING,
    CUSTOMER,
    LEAD,
    LEAD2,
    LOAN,
    OTHER,
    PHONED,
    Hands,
)

ALLOW = ContactType.COLLECTION


@pytest.fixture
def hands(services: Services, clock: FakeClock) -> Hands:
    made = Hands(services, clock)
    made.staff()
    return made


async def run(worker: Worker) -> None:
    while await worker.once():
        pass


def allowed(hands: Hands) -> bool:
    contact = hands.services.contact
    return bool(hands.write(lambda c, now: contact.allow(c, CUSTOMER, ALLOW, "phone", now)).allowed)


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


def test_the_decision_needs_four_eyes_and_the_level_s_role(hands: Hands) -> None:
    made = hands.lodge()
    hands.proposed(made.ref, LEAD)
    for actor, why in ((OTHER, "above_limit"), (LEAD, "same_person")):
        with pytest.raises(Forbidden) as refused:
            hands.do(actor, made.ref, "decide")
        assert refused.value.code == why
    hands.do(LEAD2, made.ref, "decide")


def test_no_decision_while_a_remedy_waits_and_none_after_it(hands: Hands) -> None:
    made = hands.lodge()
    hands.do(AGENT, made.ref, "investigate")
    hands.remedy(made.ref, "process", granted_by=())
    hands.proposed(made.ref)
    with pytest.raises(Conflict) as refused:
        hands.do(BOSS, made.ref, "decide")
    assert refused.value.code == "remedies"


def test_a_refund_is_entries_and_one_instruction_and_leaves_the_debt_alone(hands: Hands) -> None:
    made = hands.lodge("重复扣款两次，要求退款", loan_id=LOAN)
    hands.do(AGENT, made.ref, "investigate")
    today = hands.services.complaints.basis.today(hands.clock.now())
    before = position(hands.services.loans.loan(LOAN), today)
    for cents, source, code in ((10**9, "charge", "too_much"), (100, "credit", "too_much"), (0, "charge", "cents")):
        with pytest.raises(BadInput) as refused:
            hands.remedy(made.ref, "refund", loan_id=LOAN, cents=cents, source=source)
        assert refused.value.code == code
    with pytest.raises(BadInput):
        hands.remedy(made.ref, "refund", loan_id="LN1002", cents=100, source="charge")
    with pytest.raises(Forbidden) as refused_by:
        hands.remedy(made.ref, "refund", granted_by=(OTHER,), loan_id=LOAN, cents=100_000, source="charge")
    assert refused_by.value.code == "above_limit"
    waiting = hands.read(sa.select(complaint_remedies))[0]["remedy_id"]
    hands.write(
        lambda c, now: remedies.approve(c, hands.services.complaints.basis, case(c, made.ref), LEAD, waiting, now)
    )
    hands.proposed(made.ref)
    hands.do(BOSS, made.ref, "decide")
    remedy = hands.read(sa.select(complaint_remedies))[0]
    assert (remedy["status"], remedy["needs"]) == ("instructed", "lead")
    booked = hands.read(sa.select(ledger).where(ledger.c.note == f"refund {made.ref}").order_by(ledger.c.seq))
    assert [row["cents"] for row in booked] == [-100_000, 100_000]
    told = hands.read(sa.select(payment_instructions))
    assert [(one["cents"], one["status"], one["customer_id"]) for one in told] == [(100_000, "instructed", CUSTOMER)]
    assert position(hands.services.loans.loan(LOAN), today) == before
    letter = hands.letter(made.ref)
    assert letter["faults"] == []
    wrong = hands.letter(made.ref, remedy=["退还 ¥999.00"])
    assert {one["rule"] for one in wrong["faults"]} == {"amount"}


def test_a_waiver_is_booked_in_the_ledger_and_a_large_one_needs_two_supervisors(hands: Hands) -> None:
    loan, customer = "LN1002", "C1002"  # overdue, with penalty
    made = hands.lodge("罚息不合理", customer_id=customer, sender=f"customer:{customer}", loan_id=loan)
    hands.do(AGENT, made.ref, "investigate")
    with pytest.raises(BadInput):
        hands.remedy(made.ref, "waiver", loan_id=loan, cents=10**8)
    today = hands.services.complaints.basis.today(hands.clock.now())
    open_now = position(hands.services.loans.loan(loan), today).overdue
    cents = min(open_now.penalty, 500)
    assert cents > 0
    hands.remedy(made.ref, "waiver", granted_by=(OTHER,), loan_id=loan, cents=cents)
    hands.proposed(made.ref)
    hands.do(LEAD, made.ref, "decide")
    after = position(hands.services.loans.loan(loan), today).overdue
    assert open_now.total - after.total == cents
    policy = hands.services.complaints.basis.policy(hands.clock.now())
    assert remedies.needs(policy, remedies.RemedyKind.WAIVER, 500_001).value == "committee"


def test_a_committee_s_remedy_is_approved_by_two_supervisors(hands: Hands) -> None:
    made = hands.lodge("重复扣款", loan_id=LOAN)
    hands.do(AGENT, made.ref, "investigate")
    paid = hands.services.loans.payments(LOAN)
    most = sum(one.cents for one in paid)
    assert most > 500_000
    remedy = hands.remedy(made.ref, "refund", granted_by=(BOSS,), loan_id=LOAN, cents=500_001, source="charge")
    assert hands.read(sa.select(complaint_remedies))[0]["status"] == "second_needed"
    basis = hands.services.complaints.basis
    with pytest.raises(Forbidden, match="same_person"):
        hands.write(lambda c, now: remedies.approve(c, basis, case(c, made.ref), BOSS, remedy, now))
    assert hands.write(lambda c, now: remedies.approve(c, basis, case(c, made.ref), BOSS2, remedy, now)) == "approved"


def test_a_letter_with_faults_is_never_sent(hands: Hands) -> None:
    made = hands.lodge()
    hands.proposed(made.ref)
    hands.do(BOSS, made.ref, "decide")
    cases: list[tuple[dict[str, Any], str]] = [
        ({"findings": ""}, "missing"),
        ({"regulator": "有事请找我们"}, "regulator"),
        ({"mediation": "无"}, "mediation"),
        ({"court": "无"}, "court"),
        ({"received": "您的投诉已经收到"}, "number"),
        ({"merit": "我们不支持"}, "merit"),
        ({"review": "无"}, "review"),
        ({"grounds": "再不还就起诉你，后果自负"}, "threat"),
        ({"grounds": "让您感到不便，我们深表歉意"}, "feel"),
        ({"closing": "We are sorry you feel this way"}, "feel"),
        ({"grounds": "这是您自己的责任"}, "blame"),
        ({"findings": "电话 13812345678 打给了您"}, "card_number"),
        ({"findings": "太好了！！"}, "hurry"),
    ]
    for changed, rule in cases:
        kept = hands.letter(made.ref, **changed)
        assert rule in {one["rule"] for one in kept["faults"]}, changed
        with pytest.raises(Conflict) as refused:
            hands.do(AGENT, made.ref, "notify", letter_id=kept["letter_id"])
        assert refused.value.code == "letter_faults"
    assert hands.letter(made.ref, findings="录音里说「再不还就坐牢」，这不符合规定。")["faults"] == []
    for language in ("zh-Hant", "en"):
        assert hands.letter(made.ref, language)["faults"] == []


def test_a_letter_written_before_the_decision_is_not_sent(hands: Hands, clock: FakeClock) -> None:
    made = hands.lodge()
    hands.proposed(made.ref)
    early = hands.letter(made.ref)
    clock.forward(minutes=1)
    hands.do(BOSS, made.ref, "decide")
    with pytest.raises(Conflict, match="before the decision"):
        hands.do(AGENT, made.ref, "notify", letter_id=early["letter_id"])


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


def test_two_of_staff_at_once_and_one_is_told_that_it_changed(hands: Hands) -> None:
    made = hands.lodge()
    version = hands.case(made.ref)["version"]
    handling = hands.services.complaints.handling
    hands.write(lambda c, now: handling.do(c, AGENT, made.ref, "investigate", version, {}, now))
    with pytest.raises(Conflict) as refused:
        hands.write(lambda c, now: handling.do(c, OTHER, made.ref, "investigate", version, {}, now))
    assert refused.value.code == "changed"


def test_a_link_shows_little_and_can_be_revoked(hands: Hands, clock: FakeClock) -> None:
    made = hands.lodge()
    basis = hands.services.complaints.basis
    key = following.address(basis, made.ref, made.link_id).partition("k=")[2]
    row = hands.write(lambda c, now: following.read(c, basis, key))
    seen = hands.write(lambda c, now: following.seen(c, basis, row, now))
    assert (seen.ref, seen.state, seen.by) == (made.ref, "triaged", "2026-03-20")
    assert PHONED not in repr(seen)
    for bad in ("", "x", key[:-2] + "zz", key + "a"):
        with pytest.raises(Exception, match="not valid") as refused:
            hands.write(lambda c, now, one=bad: following.read(c, basis, one))
        assert getattr(refused.value, "code", "") == "link"
    clock.forward(days=30)
    with pytest.raises(Exception, match="not valid"):
        hands.write(lambda c, now: following.read(c, basis, key))


def test_revoked_links_do_not_open(hands: Hands) -> None:
    made = hands.lodge()
    basis = hands.services.complaints.basis
    key = following.address(basis, made.ref, made.link_id).partition("k=")[2]
    assert hands.write(lambda c, now: following.revoke(c, basis, made.ref)) == 1
    with pytest.raises(Exception, match="not valid"):
        hands.write(lambda c, now: following.read(c, basis, key))


def test_a_third_party_s_code_opens_once_and_guessing_ends(hands: Hands, clock: FakeClock) -> None:
    stranger = {"sender": "phone:x", "customer_id": None, "complainant": "third_party", "phone": "13900001111"}
    made = hands.lodge("我不是借款人，催收天天打我电话", **stranger)
    basis = hands.services.complaints.basis

    def code() -> str:
        hands.write(lambda c, now: following.send_code(c, basis, case(c, made.ref), now))
        return hands.sent()[-1].split("验证码 ")[1][:6]

    def enter(tried: str) -> str | None:
        key: str | None = hands.write(lambda c, now: following.open_visit(c, basis, case(c, made.ref), tried, now))
        return key

    right = code()
    assert enter("000000" if right != "000000" else "111111") is None
    key = enter(right)
    assert key is not None
    assert following.visited(basis, key) == made.ref
    assert enter(right) is None  # once
    right = code()
    for _ in range(5):
        assert enter("999999" if right != "999999" else "888888") is None
    assert enter(right) is None
    assert "欠" not in " ".join(hands.sent())


def test_a_borrower_s_case_never_opens_by_a_code(hands: Hands) -> None:
    made = hands.lodge(phone="13900001111")
    basis = hands.services.complaints.basis
    with pytest.raises(Exception, match="conversation"):
        hands.write(lambda c, now: following.send_code(c, basis, case(c, made.ref), now))


def test_escalation_only_goes_up(hands: Hands) -> None:
    made = hands.lodge()
    basis = hands.services.complaints.basis
    hands.write(lambda c, now: escalate(c, basis, case(c, made.ref), THE_SYSTEM, 2, "x", now))
    hands.write(lambda c, now: escalate(c, basis, case(c, made.ref), THE_SYSTEM, 1, "x", now))
    assert hands.case(made.ref)["escalated"] == 2


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
    from bot.lending.authority import Actor

    with pytest.raises(Forbidden):
        hands.do(Actor("t", "trainer"), made.ref, "investigate")
