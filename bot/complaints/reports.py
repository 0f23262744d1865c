"""Complaints of a period in figures. Pure: rows in, figures out; a case is counted once, a merged one with its master.

Shares are None where there is nothing to share out; below `FEW` they carry `few`, so that nobody reads a trend into three cases.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from statistics import median
from typing import Any

from bot.complaints import effects
from bot.complaints.effects import Effect
from bot.errors import BadInput

FEW = 30
SATISFIED = 4  # of 5, and above
DAY = 86_400.0


@dataclass(frozen=True)
class Case:
    """What the figures read of a case. `contacts`: all of them, the first as well. `score`: of the survey, 1-5."""

    ref: str
    l1: str
    l2: str
    urgency: str
    product: str
    channel: str
    handler: str
    received_at: datetime
    target_by: datetime
    contacted_at: datetime | None = None
    decided_at: datetime | None = None
    paused_seconds: int = 0
    state: str = "received"
    step: str = ""  # of the loan's life, where known: before due, overdue, settled
    merit: str = ""
    root_cause: str = ""
    contacts: int = 1
    reopened: int = 0
    disputed: bool = False
    score: int | None = None


def share(good: int, total: int) -> dict[str, Any]:
    """A share with its Wilson interval."""
    if not total:
        return {"n": 0, "good": 0, "share": None, "low": None, "high": None, "few": True}
    low, high = effects.wilson(good, total)
    return {"n": total, "good": good, "share": good / total, "low": low, "high": high, "few": total < FEW}


def on_time(cases: Iterable[Case], by: Callable[[Case], str], now: datetime) -> dict[str, dict[str, Any]]:
    """Decided by the level's target, by level, handler or whatever `by` gives. An open case counts once its target is past."""
    groups: dict[str, list[bool]] = defaultdict(list)
    for case in cases:
        if case.decided_at is not None:
            groups[by(case)].append(case.decided_at <= case.target_by)
        elif case.target_by < now and case.state != "withdrawn":
            groups[by(case)].append(False)
    return {key: share(sum(found), len(found)) for key, found in sorted(groups.items())}


def to_contact(case: Case) -> float | None:
    """Hours to the first human contact."""
    return None if case.contacted_at is None else (case.contacted_at - case.received_at).total_seconds() / 3600


def to_decide(case: Case) -> float | None:
    """Days to the decision, without pauses."""
    if case.decided_at is None:
        return None
    return max(0.0, ((case.decided_at - case.received_at).total_seconds() - case.paused_seconds) / DAY)


def spread(values: Iterable[float | None]) -> dict[str, Any]:
    """Mean, median and 90th percentile (linear) of what is known."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return {"n": 0, "mean": None, "p50": None, "p90": None}
    at = 0.9 * (len(known) - 1)
    lower = int(at)
    upper = known[min(lower + 1, len(known) - 1)]
    p90 = known[lower] + (at - lower) * (upper - known[lower])
    return {"n": len(known), "mean": sum(known) / len(known), "p50": median(known), "p90": p90}


def hot_spots(cases: Iterable[Case], active: Mapping[str, int], most: int = 10) -> list[dict[str, Any]]:
    """Product, channel and step with the most complaints, with their share; per 1,000 active loans where the product's are known."""
    cases = list(cases)
    counted = Counter((case.product, case.channel, case.step) for case in cases)
    return [
        {
            "product": product,
            "channel": channel,
            "step": step,
            "n": n,
            "share": n / len(cases),
            "per_1000": 1000 * n / active[product] if active.get(product) else None,
        }
        for (product, channel, step), n in sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:most]
    ]


def pareto(cases: Iterable[Case], of: Callable[[Case], str]) -> dict[str, Any]:
    """Causes by weight with the running share, as drawn: `names`, `counts`, `running`; cases without one stay out."""
    counted = Counter(filter(None, map(of, cases)))
    ordered = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    total, so_far, running = sum(counted.values()), 0, []
    for _, n in ordered:
        so_far += n
        running.append(so_far / total)
    return {
        "names": [name for name, _ in ordered],
        "counts": [n for _, n in ordered],
        "running": running,
        "total": total,
    }


def report(cases: Sequence[Case], now: datetime, active: Mapping[str, int]) -> dict[str, Any]:
    """All figures of the cases received in a period."""
    decided = [case for case in cases if case.decided_at is not None]
    scores = [case.score for case in cases if case.score is not None]
    loans = sum(active.values())
    return {
        "received": len(cases),
        "open": sum(case.decided_at is None and case.state != "withdrawn" for case in cases),
        "per_1000": 1000 * len(cases) / loans if loans else None,
        "on_time": {
            "level": on_time(cases, lambda case: case.urgency, now),
            "handler": on_time(cases, lambda case: case.handler or "-", now),
        },
        "hours_to_contact": spread(map(to_contact, cases)),
        "days_to_decide": spread(map(to_decide, cases)),
        "repeat": share(sum(case.contacts > 1 for case in cases), len(cases)),
        "reopened": share(sum(case.reopened > 0 for case in decided), len(decided)),
        "accepted": share(sum(not case.disputed for case in decided), len(decided)),
        "upheld": share(sum(case.merit in ("upheld", "partly") for case in decided), len(decided)),
        "satisfied": share(sum(score >= SATISFIED for score in scores), len(scores)),
        "hot_spots": hot_spots(cases, active),
        "causes": pareto(cases, lambda case: case.root_cause),
        "subjects": pareto(cases, lambda case: f"{case.l1}/{case.l2}"),
    }


def compare(before: Sequence[Case], after: Sequence[Case], active: tuple[int, int]) -> dict[str, Any]:
    """Two periods of the same length: what changed, and whether it is more than chance (Holm over all measures).

    A measure with too little to test is left out and named in `untested`.
    """
    tries: dict[str, Callable[[], Effect]] = {
        "days_to_decide": lambda: effects.times(
            "days_to_decide", *([v for v in map(to_decide, p) if v is not None] for p in (before, after))
        ),
        "satisfied": lambda: _shares(
            "satisfied", before, after, lambda c: c.score is not None, lambda c: (c.score or 0) >= SATISFIED
        ),
        "on_time": lambda: _shares(
            "on_time",
            before,
            after,
            lambda c: c.decided_at is not None,
            lambda c: c.decided_at is not None and c.decided_at <= c.target_by,
        ),
        "accepted": lambda: _shares(
            "accepted", before, after, lambda c: c.decided_at is not None, lambda c: not c.disputed
        ),
        "per_active_loan": lambda: effects.rates(
            "per_active_loan", (len(before), len(after)), (float(active[0]), float(active[1]))
        ),
    }
    found: dict[str, Effect] = {}
    untested: dict[str, str] = {}
    for name, test in tries.items():
        try:
            found[name] = test()
        except BadInput as error:
            untested[name] = str(error)
    stands = effects.holm({name: effect.p for name, effect in found.items()})
    return {
        "effects": {name: {**asdict(effect), "significant": stands[name]} for name, effect in found.items()},
        "untested": untested,
        "alpha": effects.SIGNIFICANT,
    }


def _shares(
    measure: str,
    before: Sequence[Case],
    after: Sequence[Case],
    asked: Callable[[Case], bool],
    good: Callable[[Case], bool],
) -> Effect:
    parts = [[case for case in part if asked(case)] for part in (before, after)]
    return effects.shares(measure, (sum(map(good, parts[0])), sum(map(good, parts[1]))), (len(parts[0]), len(parts[1])))
