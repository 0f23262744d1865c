"""Who is served next and by whom, as tables; that nobody starves; how long a wait is said to be."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lending.routing import Server, Waiting, choose, has_room, may_serve, order
from bot.lending.waiting import estimate, heads
from bot.services.desk.policy import load_desk

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=timezone.utc)
POLICY = load_desk(date(2026, 11, 24))


def waiting(ref: str, priority: int = 3, minutes: float = 0, queue: str = "service", **more: Any) -> Waiting:
    return Waiting(
        ref, queue, priority, NOW - timedelta(minutes=minutes), **{"language": "zh-Hans", "channel": "web", **more}
    )


def server(name: str, held: int = 0, **more: Any) -> Server:
    return Server(
        name,
        **{
            "status": "online",
            "skills": frozenset({"service"}),
            "languages": frozenset({"zh"}),
            "capacity": 5,
            "open": held,
            **more,
        },
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ([waiting("a", 3, 1), waiting("b", 3, 2)], "ba"),  # longest first
        ([waiting("a", 3, 4), waiting("b", 2, 0)], "ba"),  # a step of priority is worth five minutes
        ([waiting("a", 3, 6), waiting("b", 2, 0)], "ab"),  # and no more than that
        ([waiting("a", 3, 600), waiting("b", 0, 0)], "ba"),  # danger comes before any wait
        ([waiting("a", 0, 1), waiting("b", 0, 2)], "ba"),
    ],
)
def test_order(line: list[Waiting], expected: str) -> None:
    assert "".join(one.ref for one in order(line, NOW, POLICY)) == expected


@given(st.lists(st.tuples(st.integers(1, 9), st.floats(0, 600)), min_size=1, max_size=30), st.integers(1, 9))
def test_nobody_starves(line: list[tuple[int, float]], newcomer: int) -> None:
    """Whoever has waited long enough stands before every newcomer, whatever the priorities."""
    old = [waiting(f"w{number}", priority, minutes) for number, (priority, minutes) in enumerate(line)]
    fresh = waiting("new", newcomer)
    enough = POLICY.ageing * 9
    served = [one.ref for one in order([*old, fresh], NOW, POLICY)]
    assert sorted(served) == sorted(one.ref for one in [*old, fresh])
    for one in old:
        if NOW - one.queued_at > enough:
            assert served.index(one.ref) < served.index("new")


@pytest.mark.parametrize(
    ("who", "one", "fits"),
    [
        (server("a"), waiting("w"), True),
        (server("a", status="busy"), waiting("w"), False),
        (server("a", held=5), waiting("w"), False),
        (server("a", by_channel=(("rest", 4),), held=4), waiting("w", channel="rest"), False),
        (server("a", by_channel=(("rest", 4),), held=4), waiting("w"), True),
        (server("a"), waiting("w", queue="hardship"), False),
        (server("a"), waiting("w", queue="hardship", minutes=7), True),  # overflow
        (server("a"), waiting("w", 0, queue="hardship"), True),  # danger waits for no skill
        (server("a"), waiting("w", language="en"), False),
        (server("a"), waiting("w", language="zh-Hant"), True),
        (server("a"), waiting("w", wanted="b"), False),
        (server("a"), waiting("w", wanted="b", minutes=7), True),
        (server("a", skills=frozenset()), waiting("w", wanted="a"), True),
    ],
)
def test_may_serve(who: Server, one: Waiting, fits: bool) -> None:
    assert may_serve(who, one, NOW, POLICY) is fits


@pytest.mark.parametrize(
    ("strategy", "servers", "one", "expected"),
    [
        ("least_active", [server("a", 2), server("b", 1)], waiting("w"), "b"),
        (
            "least_active",
            [server("a", served_at=NOW), server("b", served_at=NOW - timedelta(minutes=1))],
            waiting("w"),
            "b",
        ),
        ("least_active", [server("a", served_at=NOW), server("b")], waiting("w"), "b"),
        ("round_robin", [server("a", 0, served_at=NOW), server("b", 4)], waiting("w"), "b"),
        ("sticky", [server("a", 4), server("b", 0)], waiting("w", last_agent="a"), "a"),
        ("sticky", [server("a", 5), server("b", 0)], waiting("w", last_agent="a"), "b"),
        ("least_active", [server("a", 4), server("b", 0)], waiting("w", wanted="a"), "a"),
        ("least_active", [server("a", 5)], waiting("w"), None),
        (
            "least_active",
            [server("a", 0), server("b", 3, skills=frozenset({"service", "product:P-BUSINESS"}))],
            waiting("w", product="P-BUSINESS"),
            "b",
        ),
        ("least_active", [server("a", 0), server("b", 3)], waiting("w", product="P-BUSINESS"), "a"),
    ],
)
def test_choose(strategy: str, servers: list[Server], one: Waiting, expected: str | None) -> None:
    chosen = choose(servers, one, NOW, replace(POLICY, strategy=strategy))
    assert (chosen.staff_id if chosen else None) == expected


@given(st.integers(0, 8), st.integers(1, 8))
def test_nobody_is_given_more_than_their_capacity(held: int, capacity: int) -> None:
    assert has_room(server("a", held, capacity=capacity), "web", POLICY) is (held < capacity)


def test_no_number_with_too_few_finished_waits() -> None:
    finished = [(NOW - timedelta(minutes=10), NOW - timedelta(minutes=5))] * 19
    assert estimate(finished, 1, NOW, 20) is None
    assert estimate([*finished, finished[0]], 1, NOW, 20) is not None


def test_heads_are_counted_from_when_one_stands_first() -> None:
    at = [NOW + timedelta(seconds=second) for second in (0, 10, 60, 90)]
    assert heads([(at[0], at[2]), (at[1], at[3])]) == [60.0, 30.0]


def simulated_day(seed: int) -> list[tuple[datetime, datetime, int, list[tuple[datetime, datetime]]]]:
    """A day of one queue with three agents: (joined, taken, position at joining, waits finished before)."""
    chance = random.Random(seed)
    free = [NOW] * 3
    at, line, finished, seen = NOW, [], [], []
    for _ in range(400):
        at += timedelta(seconds=chance.expovariate(1 / 100))
        start = max(at, min(free))
        free[free.index(min(free))] = start + timedelta(seconds=chance.uniform(180, 420))
        line = [one for one in line if one > at]
        if start > at:
            seen.append((at, start, len(line) + 1, [one for one in finished if one[1] <= at]))
            finished.append((at, start))
            line.append(start)
    return seen


@pytest.mark.parametrize("seed", range(5))
def test_the_estimate_beats_the_mean_wait_of_the_day(seed: int) -> None:
    """Mean absolute error against simulated waits, beside the naive guess: the mean of the waits so far."""
    errors, naive, inside, count = 0.0, 0.0, 0, 0
    for joined, taken, position, finished in simulated_day(seed):
        expected = estimate(finished, position, joined, 20)
        if expected is None:
            continue
        real = (taken - joined).total_seconds()
        errors += abs(expected.likely.total_seconds() - real)
        mean = sum((end - start).total_seconds() for start, end in finished) / len(finished)
        naive += abs(mean - real)
        inside += expected.low.total_seconds() - 30 <= real <= expected.high.total_seconds() + 30
        count += 1
    assert count > 50
    print(
        f"seed {seed}: n={count} MAE {errors / count:.0f} s, naive {naive / count:.0f} s, inside {inside / count:.0%}"
    )
    assert errors < naive
    assert inside / count > 0.6
