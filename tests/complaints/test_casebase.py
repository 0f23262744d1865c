"""Anonymising, searching, suggesting and packs."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta, timezone

import pytest

from bot.complaints.anonymise import anonymise, doubtful
from bot.complaints.casebase import Lesson, drawn, pack, search, suggestions, unpack
from bot.errors import BadInput

TODAY = date(2026, 6, 1)
ONE = Lesson(
    "a1", "PAY", "double", "P2", product="cash", facts="同一期账单重复扣了两次，客户要求退款", lesson="对账任务漏了一批"
)
TWO = Lesson("b2", "COLL", "third_party", "P1", facts="催收把电话打到单位前台，同事都知道了", do="立即停止联系")
OLD = Lesson("c3", "PAY", "double", "P2", facts="重复扣款两次", valid_until="2026-01-01")


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("我叫王建国，电话13812345678", ["王建国", "13812345678"]),
        ("催收员李女士打到我妈张太太手机 138-1234-5678", ["李女士", "张太太", "5678"]),
        ("我住在浙江省杭州市西湖区文三路 88 号 3 栋", ["杭州", "西湖区", "文三路", "88"]),
        ("我在深圳华星科技有限公司上班", ["华星科技"]),
        ("身份证110101199003078515，卡号6222021234567890123", ["110101199003078515", "6222021234567890123"]),
        ("我叫陳大文，住台北市大安區和平東路", ["陳大文", "台北市", "大安區"]),
        ("My name is John Carter, mail john.carter@example.com", ["John", "Carter", "example.com"]),
        ("Mr. Smith of Acme called", ["Smith"]),
        ("微信号 wang_1988abc，合同号 HT-20250101-77", ["wang_1988abc", "20250101"]),
        ("2026年3月15日被扣了12,345.67元", ["2026年3月15日", "12,345.67"]),
    ],
)
def test_anonymise_masks_who_and_where(text: str, gone: list[str]) -> None:
    made = anonymise(text)
    for word in gone:
        assert word not in made
    assert doubtful(made) == []


def test_anonymise_masks_what_is_known_and_keeps_the_story() -> None:
    made = anonymise("欧阳一一说催收一天打了20次，罚息多收88元", ["欧阳一一", "LN1001"])
    assert "欧阳" not in made
    assert "一天打了20次" in made
    assert "88元" in made


def test_search_by_words_and_taxonomy() -> None:
    base = [ONE, TWO, OLD]
    assert next(one.lesson_id for _, one in search(base, TODAY, "重复扣款退款")) == "a1"
    assert next(one.lesson_id for _, one in search(base, TODAY, "單位前台接到催收電話")) == "b2"
    assert [one.lesson_id for _, one in search(base, TODAY, l1="COLL")] == ["b2"]
    assert search(base, TODAY, "zzzz qqqq") == []


def test_suggestions_put_the_alike_first_and_leave_the_outdated_out() -> None:
    found = suggestions([TWO, ONE, OLD], TODAY, "这个月扣了我两次款", "PAY", "double", likeness=lambda a, b: 0.5)
    assert [one.lesson_id for _, one in found] == ["a1", "b2"]


def case(**more: object) -> dict[str, object]:
    now = datetime(2026, 5, 1, tzinfo=timezone.utc)
    return {
        "ref": "TS-20260501-0001", "state": "closed", "l1": "PAY", "l2": "double", "urgency": "P2", "product": "cash",
        "channel": "web", "words": "我叫王建国，扣了两次", "findings": "", "demand": "退款", "grounds": "", "merit": "upheld",
        "decided_at": now + timedelta(days=3), "received_at": now, "root_cause": "system_defect",
        "preventability": "preventable", "lesson": "王建国的账已平", **more,
    }  # fmt: skip


def test_a_closed_case_becomes_an_anonymous_lesson() -> None:
    made = drawn(case(), lesson_id="x1", known=["王建国"], evidence=["ledger", "ledger"], remedies=[{"kind": "refund", "cents": 500}], satisfaction=5)  # fmt: skip
    assert "王建国" not in json.dumps(asdict(made), ensure_ascii=False)
    assert (made.days, made.cents, made.evidence, made.remedy) == (3.0, 500, ("ledger",), ("refund",))
    with pytest.raises(BadInput, match="not closed"):
        drawn(case(state="decided"), lesson_id="x", known=[], evidence=[], remedies=[], satisfaction=None)


def test_a_pack_comes_back_as_it_was() -> None:
    assert unpack(pack([ONE, TWO], TODAY)) == [ONE, TWO]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"l2": "nothing"}, "lesson"),
        ({"urgency": "P9"}, "lesson"),
        ({"cents": 1.5}, "lesson"),
        ({"satisfaction": 7}, "lesson"),
        ({"valid_until": "soon"}, "lesson"),
        ({"facts": "我叫王建国，扣了两次"}, "personal"),
        ({"facts": "打13812345678"}, "personal"),
        ({"unknown": 1}, "lesson"),
        ({"tags": [1]}, "lesson"),
    ],
)
def test_a_pack_with_a_mistake_is_refused(change: dict[str, object], code: str) -> None:
    from bot.complaints.casebase import checked

    with pytest.raises(BadInput) as refused:
        checked({**json.loads(json.dumps(asdict(ONE))), **change}, "lessons[0]")
    assert refused.value.code == code
    assert "lessons[0]" in str(refused.value)


def test_a_changed_pack_is_refused() -> None:
    text = pack([ONE], TODAY).replace("两次", "三次")
    with pytest.raises(BadInput) as refused:
        unpack(text)
    assert refused.value.code == "hash"
    with pytest.raises(BadInput, match="JSON"):
        unpack("{")
    with pytest.raises(BadInput, match="twice"):
        unpack(pack([ONE, replace(TWO, lesson_id="a1")], TODAY))
