"""What is granted, by whom, and the letter that says so."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from bot.errors import BadInput, Conflict, Forbidden
from bot.lending.position import position
from bot.services.complaints import letters, remedies
from bot.services.complaints.rows import case
from bot.store.complaint_schema import (
    complaint_remedies,
    payment_instructions,
)
from bot.store.schema import ledger
from tests.fakes import FakeClock
from tests.services.complaining import (
    AGENT,
    BOSS,
    BOSS2,
    CUSTOMER,
    LEAD,
    LOAN,
    OTHER,
    Hands,
)


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


def test_a_letter_is_in_one_script_with_the_words_of_whoever_wrote_them(hands: Hands) -> None:
    made = hands.lodge(demand="停止拨打，书面道歉")
    hands.do(AGENT, made.ref, "investigate")
    hands.remedy(made.ref, "process", granted_by=(LEAD,))
    hands.do(
        AGENT,
        made.ref,
        "propose",
        findings="录音证实三次致电单位，项目组支持更正。",
        merit="upheld",
        grounds="违反《互联网金融逾期债务催收自律公约》第七条。",
    )
    basis = hands.services.complaints.basis
    drawn = {
        one: hands.write(lambda c, now, k=one: letters.draft(c, basis, case(c, made.ref), k, now))
        for one in letters.LANGUAGES
    }
    assert drawn["zh-Hant"]["findings"] == "錄音證實三次致電單位，項目組支持更正。"
    assert "《互聯網金融逾期債務催收自律公約》" in drawn["zh-Hant"]["grounds"]
    assert drawn["zh-Hant"]["remedy"] == ["改進措施：停止撥打並道歉"]
    assert "停止拨打，书面道歉" in drawn["zh-Hant"]["complaint"]  # as they said it
    assert drawn["zh-Hans"]["findings"] == "录音证实三次致电单位，项目组支持更正。"
    assert "working days 9:00" in drawn["en"]["regulator"]
    assert "工作日" in drawn["zh-Hant"]["regulator"]
