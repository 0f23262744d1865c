"""`daihou evaluate`, `nlu` and `classifiers` as a trainer runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.__main__ import main

pytestmark = pytest.mark.slow
CASES = "intent\ttext\nquery_due\t这个月要还多少\ncredit_report\t会影响征信吗\nrefund\t这个月要还多少\n"


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "cases.tsv"
    path.write_text(CASES, encoding="utf-8")
    return path


def test_evaluate_prints_and_writes_figures(cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, picture = tmp_path / "figures.json", tmp_path / "figures.png"
    assert main(["evaluate", str(cases), "--json", str(out), "--picture", str(picture)]) == 0
    printed = capsys.readouterr().out
    assert "first reading right  0.667" in printed
    assert "refund taken for query_due" in printed
    assert json.loads(out.read_text(encoding="utf-8"))["accuracy"]["of"] == 3
    assert picture.stat().st_size > 1000


def test_evaluate_in_the_other_script_and_with_slips(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(cases), "--traditional", "--slips", "3", "--blind"]) == 0
    printed = capsys.readouterr().out
    assert "of 3" in printed
    assert "征信" not in printed


def test_the_same_model_changes_no_answer(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from bot.dialogue.registry import ensure_model
    from bot.settings import Settings

    model = str(ensure_model(Settings()))
    assert main(["evaluate", str(cases), "--compare", model, model]) == 0
    assert "0 of 3 answers changed" in capsys.readouterr().out


def test_a_model_that_is_not_there_is_named(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(cases), "--model", "models/none.tar.gz"]) == 1
    assert "models/none.tar.gz: no model there" in capsys.readouterr().err


def test_nlu_explains_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nlu", "我想提钱还宽三千，会影响征信吗"]) == 0
    printed = capsys.readouterr().out
    assert "normalised  我想提前还款三千,会影响征信吗" in printed
    assert "entity      amount = 300000" in printed
    assert "nearest examples" in printed
    assert printed.count("early_repayment") >= 2
