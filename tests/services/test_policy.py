"""Dated policy files: every one of ours can be read, and a bad one says where."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.services.policy import POLICY, entry_in_force, load_caps

TODAY = date(2026, 11, 23)
GOOD = """
- {from: 2020-08-20, source: a, lpr_1y: "0.03", lpr_multiple: "4", all_in: "0.24", penalty_factor: "1.5", plan_instalments: 60}
- {from: 2026-12-01, source: b, lpr_1y: "0.031", lpr_multiple: "4", all_in: "0.24", penalty_factor: "1.5", plan_instalments: 60}
"""


@pytest.mark.parametrize("path", sorted(POLICY.glob("*.yml")), ids=lambda path: path.stem)
def test_every_policy_file_has_an_entry_in_force(path: Path) -> None:
    assert entry_in_force(path, TODAY)["source"]


def test_caps_in_force() -> None:
    caps = load_caps(TODAY)
    assert (caps.private_lending, caps.all_in) == (Decimal("0.12"), Decimal("0.24"))
    assert (caps.penalty_factor, caps.plan_instalments, caps.version) == (Decimal("1.5"), 60, "caps 2020-08-20")


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "caps.yml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("on", "lpr"),
    [
        (date(2020, 8, 20), "0.03"),
        (date(2026, 11, 30), "0.03"),
        (date(2026, 12, 1), "0.031"),
        (date(2030, 1, 1), "0.031"),
    ],
)
def test_newest_entry_that_has_begun_counts(tmp_path: Path, on: date, lpr: str) -> None:
    assert load_caps(on, written(tmp_path, GOOD)).lpr_1y == Decimal(lpr)


def test_day_before_any_entry_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no entry in force on 2020-08-19"):
        load_caps(date(2020, 8, 19), written(tmp_path, GOOD))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (GOOD, "", "a list of dated entries"),
        (GOOD, "from: 2020-01-01", "a list of dated entries"),
        (GOOD, "- [", "caps.yml"),
        ("from: 2020-08-20", "from: soon", "entry 1 needs"),
        ("source: b", "source: ''", "entry 2 needs"),
        ("2026-12-01", "2020-08-20", "two entries begin on 2020-08-20"),
        ('lpr_1y: "0.03",', "", "lpr_1y is missing"),
        ('"0.03"', "0.03", "lpr_1y is missing, or no whole number or text"),  # a float is no rate
        ('"0.03"', '"3 %"', "is not a number"),
        ('"0.03"', '"NaN"', "is not a number"),
        ('"0.24"', '"24"', "is not between"),
        ("plan_instalments: 60", "plan_instalments: 0", "is not between"),
        ("plan_instalments: 60", "plan_instalments: yes", "plan_instalments is missing"),
    ],
)
def test_bad_policy_names_file_entry_and_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as refused:
        load_caps(TODAY, written(tmp_path, GOOD.replace(old, new)))
    assert "caps.yml" in str(refused.value)


def test_missing_policy_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load_caps(TODAY, tmp_path / "none.yml")
