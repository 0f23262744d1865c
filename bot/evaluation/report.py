"""Figures in words for a terminal, as JSON for a machine, and as a picture for people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.evaluation.figures import Figures, Share
from bot.evaluation.verdicts import Verdict

PAIRS = 20  # confusions printed
WORST = 20  # errors printed


def in_words(found: Figures, *, messages: bool = True) -> str:
    """A report; `messages` False leaves out every borrower's words, so that a set may be measured unread."""
    lines = [
        f"first reading right  {_share(found.accuracy)}",
        f"answered at once     {_share(found.answered)}",
        f"  of these right     {_share(found.accuracy_of_answered)}",
        f"macro F1             {found.macro_f1:.3f}",
        f"calibration error    {found.calibration_error:.3f}",
        f"ms a message         p50 {found.p50_ms:.2f}  p95 {found.p95_ms:.2f}",
    ]
    if found.items:
        lines += [
            f"FAQ item found       {_share(found.items.found)}",
            f"another item given   {_share(found.items.wrong)}",
            f"none where none is   {_share(found.items.kept_plain)}",
        ]
    lines += ["", "intent                     n  precision  recall     F1"]
    for one in sorted(found.intents, key=lambda one: one.f1):
        lines.append(f"{one.intent:24}{one.messages:4d}{one.precision:11.2f}{one.recall:8.2f}{one.f1:7.2f}")
    if found.confusions:
        lines += ["", "confused, most often first"]
    for pair in found.confusions[:PAIRS]:
        lines.append(f"{pair.count:4d}  {pair.truth} taken for {pair.taken_for}")
        lines += [f"        {text}" for text in pair.examples if messages]
    if found.worst and messages:
        lines += ["", "wrong, surest first"]
        lines += [
            f"  {one.confidence:.2f}  {one.case.intent} taken for {one.best} ({one.decided_by}): {one.case.text}"
            for one in found.worst[:WORST]
        ]
    return "\n".join(lines)


def as_json(found: Figures, *, messages: bool = True) -> dict[str, Any]:
    """The same figures as plain data."""
    return {
        "accuracy": _share_json(found.accuracy),
        "answered": _share_json(found.answered),
        "accuracy_of_answered": _share_json(found.accuracy_of_answered),
        "macro_f1": found.macro_f1,
        "calibration_error": found.calibration_error,
        "items": found.items
        and {name: _share_json(getattr(found.items, name)) for name in ("found", "wrong", "kept_plain")},
        "ms": {"p50": found.p50_ms, "p95": found.p95_ms},
        "intents": [vars(one) for one in found.intents],
        "calibration": [vars(one) for one in found.bins],
        "risk_coverage": found.risk_coverage,
        "confusions": [
            {"truth": one.truth, "taken_for": one.taken_for, "count": one.count}
            | ({"examples": list(one.examples)} if messages else {})
            for one in found.confusions
        ],
        "errors": [
            {"truth": one.case.intent, "taken_for": one.best, "confidence": one.confidence, "by": one.decided_by}
            | ({"text": one.case.text} if messages else {})
            for one in found.worst
        ],
    }


def changed(before: Sequence[Verdict], after: Sequence[Verdict]) -> str:
    """Every case that two models answer differently: mended, broken, or wrong in another way."""
    pairs = [(a, b) for a, b in zip(before, after, strict=True) if _answer(a) != _answer(b)]
    kinds = {"mended": [], "broken": [], "otherwise": []}  # type: dict[str, list[str]]
    for a, b in pairs:
        good_before, good_after = a.right and a.answered, b.right and b.answered
        kind = "otherwise" if good_before == good_after else "mended" if good_after else "broken"
        kinds[kind].append(f"  {a.case.intent}: {_answer(a)} -> {_answer(b)}: {a.case.text}")
    lines = [f"{len(pairs)} of {len(before)} answers changed"]
    for kind, listed in kinds.items():
        lines += [f"{kind} ({len(listed)})", *listed]
    return "\n".join(lines)


def draw(found: Figures, path: Path) -> None:
    """Calibration beside risk and coverage, as a PNG (or whatever `path` ends with)."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    left.scatter(
        [one.confidence for one in found.bins],
        [one.accuracy for one in found.bins],
        s=[12 + 3 * math.sqrt(one.messages) for one in found.bins],
    )
    left.set(xlabel="confidence", ylabel="share right", title=f"calibration error {found.calibration_error:.3f}")
    right.plot([share for share, _ in found.risk_coverage], [risk for _, risk in found.risk_coverage])
    right.axvline(found.answered.value, color="0.7", linewidth=1)
    right.set(xlabel="share answered, surest first", ylabel="share wrong among them", title="risk and coverage")
    figure.savefig(path)


def _answer(one: Verdict) -> str:
    return one.best if one.answered else f"({one.best}?)"


def _share(one: Share) -> str:
    low, high = one.interval
    return f"{one.value:.3f}  [{low:.3f}, {high:.3f}]  {one.right} of {one.of}"


def _share_json(one: Share) -> dict[str, Any]:
    return {"value": one.value, "interval": one.interval, "right": one.right, "of": one.of}
