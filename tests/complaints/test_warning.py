"""Golden A01-A03 (figures copied with their ids) and the rules beside the charts."""

from __future__ import annotations

import random

import pytest

from bot.complaints.warning.charts import cusum, ewma, u_chart
from bot.complaints.warning.periods import Limits, Period, baseline_of, deseasoned
from bot.complaints.warning.rules import new_topics, poisson_tail, repeating, slow, spikes
from bot.complaints.warning.watch import watch
from bot.errors import BadInput

COMPLAINTS = [41, 38, 44, 40, 43, 39, 42, 45, 61, 58, 66, 72]
ACTIVE = [52000, 52400, 52800, 53100, 53500, 53900, 54200, 54600, 55000, 55400, 55800, 56200]
A01 = [
    (0.000788, 0.000411, 0.001145, False),
    (0.000725, 0.000413, 0.001144, False),
    (0.000833, 0.000414, 0.001143, False),
    (0.000753, 0.000415, 0.001142, False),
    (0.000804, 0.000417, 0.00114, False),
    (0.000724, 0.000418, 0.001139, False),
    (0.000775, 0.000419, 0.001138, False),
    (0.000824, 0.00042, 0.001137, False),
    (0.001109, 0.000422, 0.001135, False),
    (0.001047, 0.000423, 0.001134, False),
    (0.001183, 0.000424, 0.001133, True),
    (0.001281, 0.000425, 0.001132, True),
]
A02 = [
    (0.7804, 0.8437),
    (0.7694, 0.862),
    (0.7822, 0.8719),
    (0.7764, 0.8777),
    (0.7819, 0.8812),
    (0.7702, 0.8834),
    (0.7711, 0.8848),
    (0.7818, 0.8857),
    (0.8472, 0.8862),
    (0.8872, 0.8866),
    (0.9463, 0.8868),
    (1.0133, 0.8869),
]
A03 = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.2362, 3.958, 6.8041, 10.464]


def weeks(counts: list[int], active: list[int] | None = None) -> list[Period]:
    active = active or [1000] * len(counts)
    return [Period(f"W{at:03}", n, m) for at, (n, m) in enumerate(zip(counts, active, strict=True), start=1)]


GOLDEN = weeks(COMPLAINTS, ACTIVE)
BASE = baseline_of(GOLDEN, 8, Limits())


def test_u_chart_golden_a01() -> None:
    chart = u_chart(GOLDEN, BASE, Limits())
    assert BASE.rate == pytest.approx(0.00077843, abs=5e-9)
    assert chart.alarms == tuple(at for at, row in enumerate(A01) if row[3])
    for at, (rate, lower, upper, _) in enumerate(A01):
        assert chart.points[at] / 1000 == pytest.approx(rate, abs=1e-6)
        assert chart.lower[at] / 1000 == pytest.approx(lower, abs=1e-6)
        assert chart.upper[at] / 1000 == pytest.approx(upper, abs=1e-6)


def test_ewma_golden_a02() -> None:
    chart = ewma(GOLDEN, BASE, Limits(width=2.7))
    assert chart.centre[0] == pytest.approx(0.7784, abs=1e-4)
    assert BASE.sigma * 1000 == pytest.approx(0.1208, abs=1e-4)
    assert chart.alarms == (9, 10, 11)
    for at, (point, limit) in enumerate(A02):
        assert chart.points[at] == pytest.approx(point, abs=1e-4)
        assert chart.upper[at] == pytest.approx(limit, abs=1e-4)


def test_cusum_golden_a03() -> None:
    chart = cusum(GOLDEN, BASE, Limits())
    assert chart.points == pytest.approx(A03, abs=2e-3)
    assert chart.alarms == (10, 11)


def test_wider_limit_of_production_alarms_later() -> None:
    assert ewma(GOLDEN, BASE, Limits()).alarms == (10, 11)


def test_watch_freezes_the_baseline_after_an_alarm() -> None:
    more = [*GOLDEN, *weeks(COMPLAINTS[-4:] * 5, ACTIVE[-4:] * 5)]
    more = [Period(f"W{at:03}", one.count, one.active) for at, one in enumerate(more, start=1)]
    seen = watch("COLL", more, Limits(width=2.7))
    assert seen.frozen
    assert seen.baseline == 8
    assert {alarm.rule for alarm in seen.alarms} >= {"u", "ewma", "cusum"}
    assert min(alarm.since for alarm in seen.alarms if alarm.rule == "ewma") == "W010"


def test_watch_grows_the_baseline_while_calm_and_starts_anew() -> None:
    calm = weeks([40, 42, 39, 41, 40, 43, 38, 41] * 4, [52000] * 32)
    seen = watch("COLL", calm)
    assert not seen.alarms
    assert not seen.frozen
    assert seen.baseline == 28
    assert watch("COLL", calm, since="W020").baseline == 9


def test_too_few_periods_make_no_chart() -> None:
    seen = watch("COLL", weeks([40, 40, 90], [50000] * 3))
    assert not seen.enough
    assert seen.charts == ()


def test_false_alarms_are_rare_in_control() -> None:
    """13 categories, 26 weeks after the baseline: at L 2.86 and h 5 about one false alarm or two are due."""
    chance = random.Random(8)
    alarmed = 0
    for _ in range(13):
        counts = [sum(chance.random() < 0.04 for _ in range(1000)) for _ in range(34)]
        base_long = [Period(f"W{at:03}", n, 50000) for at, n in enumerate(counts)]
        alarmed += bool(cusum(base_long, baseline_of(base_long, 20, Limits()), Limits()).alarms[0:1])
    assert alarmed <= 3


def test_small_counts_use_the_exact_tail() -> None:
    assert poisson_tail(0, 2.0) == 1.0
    assert poisson_tail(7, 1.0) == pytest.approx(8.3241e-5, rel=1e-3)
    seen = watch("SETTLE", weeks([1, 0, 2, 1, 1, 0, 1, 2, 1, 8], [5000] * 10))
    assert [alarm.rule for alarm in seen.alarms if alarm.rule != "spike"] == ["poisson"]


def test_spikes_need_three_times_the_median_and_five() -> None:
    assert spikes([1] * 8 + [4], Limits()) == []
    assert spikes([1] * 8 + [5], Limits()) == [8]
    assert spikes([10] * 8 + [29], Limits()) == []
    assert spikes([10] * 8 + [30], Limits()) == [8]
    assert spikes([0] * 7 + [9], Limits()) == []


def test_due_date_cycle_is_no_alarm() -> None:
    counts = [80, 40, 40, 40] * 6
    seasons = [Period(f"W{at:03}", n, 50000, at % 4) for at, n in enumerate(counts)]
    flat = [Period(one.name, one.count, one.active) for one in seasons]
    base = baseline_of(seasons, 8, Limits())
    assert u_chart(flat, base, Limits()).alarms
    assert not u_chart(seasons, base, Limits(), deseasoned(seasons, 8)).alarms
    assert not cusum(seasons, base, Limits(), deseasoned(seasons, 8)).alarms


def test_new_topics_are_groups_unlike_anything_before() -> None:
    near = [[1.0 if (a < 5) == (b < 5) else 0.1 for b in range(7)] for a in range(7)]
    assert new_topics(near, [0.2] * 7) == [[0, 1, 2, 3, 4]]
    assert new_topics(near, [0.9] * 7) == []
    assert new_topics(near, [0.2] * 7, least=6) == []


def test_slow_and_repeating() -> None:
    assert slow([5, 6, 7, 8, 9], [2, 2, 3, 2, 3]) == (7, 3.0)
    assert slow([3, 3, 3, 3, 3], [2, 2, 3, 2, 3]) is None
    assert slow([30], [1] * 9) is None
    assert repeating({"a": 3, "b": 2}) == {"a": 3}


def test_bad_periods_are_refused() -> None:
    with pytest.raises(BadInput):
        Period("W1", -1, 10)
    with pytest.raises(BadInput):
        Period("W1", 1, 0)
