"""`daihou policy`: a change shows as outcomes, an equal policy as none, a mistake with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.__main__ import main
from bot.services.policy import POLICY


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    text = (POLICY / "help.yml").read_text(encoding="utf-8")
    path = tmp_path / "new.yml"
    path.write_text(
        text.replace("{role: bot, days: 7, unused_months: 6}", "{role: bot, days: 3, unused_months: 6}"), "utf-8"
    )
    return path


def test_a_narrower_authority_is_shown(changed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "diff", str(POLICY / "help.yml"), str(changed)]) == 0
    said = capsys.readouterr().out
    assert "who agrees: grace days 7; low, 24 clean months\n  - bot\n  + agent" in said
    assert "offered: pay_day, low" in said


def test_the_same_policy_differs_in_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "diff", str(POLICY / "help.yml"), str(POLICY / "help.yml")]) == 0
    assert capsys.readouterr().out == "0 outcomes differ\n"


def test_tiers_of_the_demo_book_move(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (POLICY / "help.yml").read_text(encoding="utf-8")
    path = tmp_path / "new.yml"
    path.write_text(text.replace("high: [{kind: interest_only, months: 3}, ", "high: ["), "utf-8")
    assert main(["policy", "diff", str(POLICY / "help.yml"), str(path), "--all"]) == 0
    assert "loan LN1002" in capsys.readouterr().out


def test_a_mistake_is_named(changed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "check", str(changed)]) == 0
    changed.write_text(changed.read_text("utf-8").replace("role: bot, days: 3", "role: robot, days: 3"), "utf-8")
    assert main(["policy", "check", str(changed)]) == 1
    assert f"{changed}:" in capsys.readouterr().err
