"""Evaluation without a model: files read, figures reckoned by hand, two readers compared."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import BadInput
from bot.evaluation.cases import Case, read_cases
from bot.evaluation.figures import Share, figures
from bot.evaluation.report import as_json, changed, draw, in_words
from bot.evaluation.verdicts import Verdict, judge
from bot.nlu.meaning import Understanding


class Scripted:
    """Says for each text what it was told to."""

    def __init__(self, said: dict[str, Understanding]) -> None:
        self.said = said

    def understand(self, text: str) -> Understanding:
        return self.said[text]


def sure(intent: str, confidence: float = 0.9) -> Understanding:
    return Understanding("", intent, confidence, ranking=((intent, confidence),))


def unsure(intent: str, confidence: float) -> Understanding:
    return Understanding("", "nlu_fallback", 1 - confidence, ranking=((intent, confidence), ("greet", 0.1)))


CASES = [Case("query_due", "一"), Case("query_due", "二"), Case("refund", "三"), Case("refund", "四")]
READER = Scripted(
    {"一": sure("query_due"), "二": unsure("query_due", 0.4), "三": sure("query_due", 0.8), "四": sure("refund")}
)


def test_figures_are_those_reckoned_by_hand() -> None:
    found = figures(judge(READER, CASES))
    assert (found.accuracy.right, found.accuracy.of) == (3, 4)  # the one asked back is right at first reading
    assert (found.answered.right, found.answered.of) == (3, 4)
    assert (found.accuracy_of_answered.right, found.accuracy_of_answered.of) == (2, 3)
    by_name = {one.intent: one for one in found.intents}
    assert (by_name["query_due"].precision, by_name["query_due"].recall) == (pytest.approx(2 / 3), 1.0)
    assert (by_name["refund"].precision, by_name["refund"].recall) == (1.0, 0.5)
    assert found.macro_f1 == pytest.approx((0.8 + 2 / 3) / 2)
    assert found.calibration_error == pytest.approx((2 * 0.1 + 0.6 + 0.8) / 4)
    assert [(one.truth, one.taken_for, one.count) for one in found.confusions] == [("refund", "query_due", 1)]
    assert found.risk_coverage == ((0.25, 0.0), (0.5, 0.0), (0.75, pytest.approx(1 / 3)), (1.0, 0.25))
    assert [one.case.text for one in found.worst] == ["三"]


def test_wilson_interval_is_the_published_one() -> None:
    low, high = Share(8, 10).interval  # Newcombe 1998: 0.4902 to 0.9433
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)


def test_the_rules_before_the_model_are_part_of_the_reading() -> None:
    (verdict,) = judge(Scripted({"转人工": sure("greet")}), [Case("talk_to_human", "转人工")])
    assert verdict.right
    assert verdict.decided_by == "edge"


def test_report_shows_messages_unless_blind(tmp_path: Path) -> None:
    found = figures(judge(READER, CASES))
    assert "refund taken for query_due" in in_words(found)
    assert "三" in in_words(found)
    assert "三" not in in_words(found, messages=False)
    assert "三" not in json.dumps(as_json(found, messages=False), ensure_ascii=False)
    draw(found, tmp_path / "figures.png")
    assert (tmp_path / "figures.png").read_bytes().startswith(b"\x89PNG")


def test_every_changed_answer_is_listed() -> None:
    other = Scripted({**READER.said, "一": sure("refund"), "三": sure("refund")})
    told = changed(judge(READER, CASES), judge(other, CASES))
    assert "2 of 4 answers changed" in told
    assert "mended (1)\n  refund: query_due -> refund: 三" in told
    assert "broken (1)\n  query_due: query_due -> refund: 一" in told


@pytest.mark.parametrize(
    ("content", "told"),
    [("intent\ttext\nquery_due 几号还\n", ":2: expected intent<TAB>text"), ("query_dew\t几号还\n", ":1: 'query_dew' is no intent"), ("\n\n", "no messages in")],
)  # fmt: skip
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "cases.tsv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput) as error:
        read_cases([path])
    assert told in str(error.value)


def test_items_stand_inside_their_intent(tmp_path: Path) -> None:
    path = tmp_path / "cases.tsv"
    path.write_text("\ufeffintent\ttext\ncredit_report/how_long\t记录留几年\n", encoding="utf-8")
    assert read_cases([path]) == [Case("credit_report", "记录留几年", "how_long")]


def test_verdict_knows_whether_it_is_right() -> None:
    assert not Verdict(Case("refund", "x"), "query_due", 0.9, True, "model", (), 0.0).right


def test_items_are_found_only_under_their_intent() -> None:
    asked = [
        Case("refund", "一", "how_long"),
        Case("refund", "二", "how_long"),
        Case("refund", "三", "how_long"),
        Case("refund", "四"),
    ]
    given = {
        "一": ("refund", "how_long"),
        "二": ("refund", "where"),
        "三": ("query_due", "how_long"),
        "四": ("refund", "where"),
    }
    reader = Scripted({text: replace(sure(intent), item=item) for text, (intent, item) in given.items()})
    found = figures(judge(reader, asked))
    assert found.items is not None
    assert (found.items.found.right, found.items.found.of) == (1, 3)
    assert (found.items.wrong.right, found.items.wrong.of) == (2, 3)
    assert (found.items.kept_plain.right, found.items.kept_plain.of) == (0, 1)
    assert "FAQ item found       0.333" in in_words(found)
    assert as_json(found)["items"]["found"]["right"] == 1
    assert figures(judge(READER, CASES)).items is None
