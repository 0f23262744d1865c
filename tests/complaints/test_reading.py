"""Reading a complaint: rules that only raise, flags, odd input, mistakes in the files, and the frozen proof set in figures."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.complaints import taxonomy
from bot.complaints.classify import Facts, classify
from bot.complaints.examples import examples
from bot.complaints.similarity import alike
from bot.errors import ConfigError
from bot.lending.complaint_policy import Level
from tests.complaints import measure

CODES = {
    "COLL": ["frequency", "hours", "third_party", "threat", "impersonation", "privacy", "paid_still"],
    "FEE": ["rate", "penalty", "undisclosed", "early_repay", "tying"],
    "PAY": ["failed", "double", "not_credited", "wrong_debit", "after_settled"],
    "PLAN": ["refused", "unreasonable", "promise_broken", "materials"],
    "CREDIT": ["wrong_report", "not_updated", "objection"],
    "IDFRAUD": ["not_mine", "stolen"],
    "PRIV": ["personal_data"],
    "CONTRACT": ["disclosure", "misleading"],
    "SERVICE": ["attitude", "waiting", "transfer", "no_human"],
    "SYSTEM": ["app"],
    "SETTLE": ["certificate", "release"],
    "MARKETING": ["marketing"],
    "OTHER": ["other"],
}


def test_codes_are_those_of_the_requirements() -> None:
    assert list(taxonomy.subjects()) == [f"{l1}/{l2}" for l1, codes in CODES.items() for l2 in codes]
    assert {one.code for one in examples()} == set(taxonomy.subjects())


@pytest.mark.parametrize(
    ("text", "level", "flag"),
    [
        ("逾期以后我真的不想活了", "P0", "life_danger"),
        ("我想輕生，你們別再打了", "P0", "life_danger"),
        ("your collector beat my husband at our door", "P0", "violence"),
        ("记者已经来采访我了", "P0", "media"),
        ("几千个客户的身份证在网上被公开叫卖", "P0", "mass_leak"),
        ("催收把我欠款的事告诉了我同事", "P1", None),
        ("12378已经受理，请你们回复", "P1", "regulator"),
        ("我是残疾人，扣款失败没人管", "P1", "vulnerable"),
    ],
)
def test_grave_words_raise(text: str, level: str, flag: str | None) -> None:
    read = classify(text)
    assert str(read.urgency) <= level
    assert flag is None or flag in read.flags


@pytest.mark.parametrize(
    "text", ["气死我了，App又打不开", "等死了，客服电话打不通", "利息高得要死", "sick of waiting for your hotline"]
)
def test_idioms_are_no_danger_to_life(text: str) -> None:
    assert classify(text).urgency is not Level.P0


@pytest.mark.parametrize("text", ["", "   ", "。。。！！", "😡😡", "\u200b"])
def test_nothing_said_is_other_without_confidence(text: str) -> None:
    read = classify(text)
    assert (read.l1, read.l2, read.confidence) == ("OTHER", "other", 0.0)


def test_one_word_is_kept_with_a_person_to_look() -> None:
    assert classify("投诉").l1 == "OTHER"


def test_twenty_pages_are_read_to_the_end() -> None:
    story = "我想说说这几年还款的经过。账单每个月都按时看，利息也按时付。" * 700
    assert classify(story).urgency is not Level.P0
    middle = story[: len(story) // 2] + "催收把我打伤住院了。" + story[len(story) // 2 :]
    assert classify(middle).urgency is Level.P0


def test_facts_raise_and_never_lower() -> None:
    text = "客服态度不好"
    assert classify(text).urgency is Level.P3
    assert classify(text, facts=Facts(from_regulator=True)).urgency is Level.P1
    assert "vulnerable" in classify(text, facts=Facts(vulnerable=True)).flags
    assert classify("多扣了我一笔钱", facts=Facts(settled=True)).l1 == "PAY"


def test_a_flag_shortens_no_right() -> None:
    """What looks driven by an agent is as urgent, and about the same, as without the sign."""
    plain = classify("催收威胁要上门打我")
    driven = classify("受托代理投诉：催收威胁要上门打我，要求全额退息")
    assert "agent_driven" in driven.flags
    assert driven.urgency == plain.urgency


def test_why_holds_no_words_of_the_complaint() -> None:
    assert all(one.isascii() for one in classify("催收威胁我妈妈").why)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"urgency": {"P9": {"x": ["a"]}}}, "urgency.P9"),
        ({"subjects": {"COLL/none": ["a"]}}, "COLL/none"),
        ({"idioms": ["("]}, "idioms"),
        ({"idioms": ["a*"]}, "matches everything"),
    ],
)
def test_mistakes_in_the_rules_name_file_and_key(tmp_path: Path, change: dict[str, object], told: str) -> None:
    contents = yaml.safe_load(taxonomy.RULES.read_text(encoding="utf-8"))
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump({**contents, **change}, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ConfigError, match=told) as refused:
        taxonomy.rules(path)
    assert str(path) in str(refused.value)


def test_mistakes_in_the_taxonomy_name_file_and_key(tmp_path: Path) -> None:
    path = tmp_path / "taxonomy.yml"
    path.write_text(
        "COLL: {zh: a, zh-Hant: b, en: c, l2: {x: {zh: a, zh-Hant: b, en: c, urgency: P7}}}", encoding="utf-8"
    )
    with pytest.raises(ConfigError, match=r"COLL\.l2\.x\.urgency"):
        taxonomy.subjects(path)


def test_likeness_is_symmetric_and_neutral_to_script() -> None:
    a, b = "催收把电话打到我公司前台，全单位都知道我欠钱了", "催收把電話打到我公司前台，全單位都知道我欠錢了"
    assert alike(a, b) == 1.0
    other = "车贷还清了一直不给解押"
    assert alike(a, other) == alike(other, a) < 0.5
    assert alike("3月的账单罚息算错了", "5月的账单罚息算错了") < 0.85
    assert alike("", a) == 0.0


def test_the_proof_set_is_as_it_was_frozen() -> None:
    assert measure.broken_hashes() == []


@pytest.mark.slow
def test_the_proof_set_in_figures() -> None:
    """Figures of the day and how they came about: docs/complaints-learning.md. The issue wants 98 % of P0 and P1 caught."""
    found = measure.readings()
    print("\n".join(found.lines()))
    assert found.grave_recall >= 0.98
    assert found.p0_as_grave >= 0.96
    assert found.l1 >= 0.81
    assert found.l2 >= 0.75


@pytest.mark.slow
def test_duplicates_in_figures() -> None:
    """Pairs that tell the same matter in other words against pairs that differ in one fact: hard, and read only fairly."""
    precision, recall, pairs = measure.duplicates()
    print(f"duplicates: precision {precision:.3f}, recall {recall:.3f} of {pairs} pairs")
    assert precision >= 0.58
    assert recall >= 0.40
