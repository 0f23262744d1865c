"""Golden E02, E04, E05 (figures copied with their ids), the worked example of the brief, and edges."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from bot.complaints import effects, reports
from bot.complaints.reports import Case
from bot.errors import BadInput

NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)


def test_satisfaction_golden_e02() -> None:
    found = effects.shares("satisfied", (85, 95), (100, 100))
    assert found.difference == pytest.approx(0.1)
    assert found.relative == pytest.approx(0.117647, abs=1e-6)
    assert found.p == pytest.approx(0.0184221, abs=1e-7)
    assert (found.low, found.high) == (pytest.approx(0.018, abs=5e-4), pytest.approx(0.182, abs=5e-4))
    assert found.test == "z"
    assert effects.arm_size(0.85, 0.95) == 141


def test_complaint_rate_golden_e04() -> None:
    a = effects.rates("a", (100, 80), (50_000, 50_000))
    b = effects.rates("b", (500, 400), (250_000, 250_000))
    assert a.relative == pytest.approx(-0.2)
    assert (a.low, a.high) == (pytest.approx(0.5962, abs=1e-4), pytest.approx(1.0734, abs=1e-4))
    assert a.p == pytest.approx(0.156531, abs=1e-6)
    assert (b.low, b.high) == (pytest.approx(0.7014, abs=1e-4), pytest.approx(0.9124, abs=1e-4))
    assert b.p == pytest.approx(0.000956444, abs=1e-8)


def test_days_golden_e05() -> None:
    before, after = [3, 4, 4, 5, 5, 5, 6, 6, 7, 5], [1, 1, 2, 2, 2, 3, 2, 2, 3, 2]
    found = effects.times("days", before, after)
    assert (found.before, found.after) == (5.0, 2.0)
    assert found.p == pytest.approx(4.44988e-6, abs=1e-10)
    assert effects.ranks(before, after) == (99.0, pytest.approx(0.000183948, abs=1e-8))


def test_holm_stops_at_the_first_that_falls() -> None:
    assert effects.holm({"a": 0.01, "b": 0.04, "c": 0.03}) == {"a": True, "c": False, "b": False}


def test_small_cells_use_the_exact_test_and_bad_input_is_named() -> None:
    assert effects.shares("s", (1, 4), (5, 5)).test == "fisher"
    with pytest.raises(BadInput):
        effects.shares("s", (6, 1), (5, 5))
    with pytest.raises(BadInput):
        effects.times("t", [1.0], [2.0, 3.0])
    assert effects.rates("r", (0, 0), (10, 10)).p == 1.0


def case(number: int, **more: object) -> Case:
    received = NOW - timedelta(days=20)
    base = Case(
        f"TS-{number}", "FEE", "rate", "P2", "cash", "web", "A1", received, received + timedelta(days=5),
        contacted_at=received + timedelta(hours=3), decided_at=received + timedelta(days=4), state="closed",
        root_cause="disclosure",
    )  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]


def month(chance: random.Random, n: int, days: float, satisfied: float) -> list[Case]:
    made = []
    for at in range(n):
        received = NOW - timedelta(days=20)
        took = max(0.1, chance.gauss(days, 1.1))
        made.append(case(at, decided_at=received + timedelta(days=took), score=5 if chance.random() < satisfied else 2))
    return made


def test_worked_example_of_two_months() -> None:
    """5 -> 2 days, 85 -> 95 % satisfied, 20 % fewer complaints, on generated data: the first two stand, and so does the third."""
    chance = random.Random(20260301)
    told = reports.compare(month(chance, 500, 5, 0.85), month(chance, 400, 2, 0.95), (250_000, 250_000))["effects"]
    assert told["days_to_decide"]["before"] == pytest.approx(5, abs=0.2)
    assert told["days_to_decide"]["after"] == pytest.approx(2, abs=0.2)
    assert told["per_active_loan"]["relative"] == pytest.approx(-0.2)
    assert told["days_to_decide"]["significant"]
    assert told["satisfied"]["significant"]
    assert told["per_active_loan"]["significant"]


def test_the_same_fall_in_a_small_book_is_no_proof() -> None:
    chance = random.Random(7)
    told = reports.compare(month(chance, 100, 5, 0.9), month(chance, 80, 5, 0.9), (50_000, 50_000))["effects"]
    assert told["per_active_loan"]["relative"] == pytest.approx(-0.2)
    assert not told["per_active_loan"]["significant"]
    assert not told["days_to_decide"]["significant"]


def test_compare_names_what_cannot_be_tested() -> None:
    told = reports.compare([case(1)], [case(2)], (1000, 1000))
    assert set(told["untested"]) == {"days_to_decide", "satisfied"}


def test_report_counts() -> None:
    received = NOW - timedelta(days=20)
    cases = [
        case(1, contacts=3, reopened=1, score=5),
        case(2, decided_at=received + timedelta(days=9), disputed=True, root_cause="conduct_breach", handler="A2"),
        case(3, decided_at=None, state="investigating", urgency="P1", target_by=received + timedelta(days=2)),
        case(4, decided_at=None, state="investigating", target_by=NOW + timedelta(days=1), contacted_at=None),
        case(5, paused_seconds=2 * 86400, root_cause="disclosure"),
    ]
    told = reports.report(cases, NOW, {"cash": 1000})
    assert told["received"] == 5
    assert told["open"] == 2
    assert told["per_1000"] == 5.0
    assert told["on_time"]["level"]["P2"]["good"] == 2
    assert told["on_time"]["level"]["P2"]["n"] == 3
    assert told["on_time"]["level"]["P1"]["share"] == 0.0
    assert told["on_time"]["handler"]["A2"]["share"] == 0.0
    assert told["repeat"]["good"] == 1
    assert told["accepted"]["good"] == 2
    assert told["days_to_decide"]["p50"] == 4.0
    assert told["hours_to_contact"]["n"] == 4
    assert told["causes"]["names"] == ["disclosure", "conduct_breach"]
    assert told["causes"]["running"][-1] == 1.0
    assert told["hot_spots"][0] == {
        "product": "cash", "channel": "web", "step": "", "n": 5, "share": 1.0, "per_1000": 5.0,
    }  # fmt: skip


def test_nothing_received_is_a_report_too() -> None:
    told = reports.report([], NOW, {})
    assert told["received"] == 0
    assert told["repeat"]["share"] is None
    assert told["causes"]["names"] == []
