"""The figures of an evaluation, from verdicts alone. Shares are of one; times are milliseconds."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import precision_recall_fscore_support

from bot.evaluation.verdicts import Verdict

BINS = 10  # of confidence, for calibration
EXAMPLES = 3  # messages shown for a pair of confused intents


@dataclass(frozen=True)
class Share:
    """`right` of `of`, with the 95 % Wilson interval."""

    right: int
    of: int

    @property
    def value(self) -> float:
        return self.right / self.of if self.of else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        if not self.of:
            return (float("nan"), float("nan"))
        found = binomtest(self.right, self.of).proportion_ci(method="wilson")
        return (float(found.low), float(found.high))


@dataclass(frozen=True)
class OfIntent:
    """One intent's figures; `messages` counts the truths."""

    intent: str
    messages: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Bin:
    """Verdicts of like confidence: how sure, how often right, how many."""

    confidence: float
    accuracy: float
    messages: int


@dataclass(frozen=True)
class Confusion:
    """`truth` taken for `taken_for`, with some of the messages."""

    truth: str
    taken_for: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Items:
    """FAQ items, as a borrower meets them: a right item under a wrong intent is no answer."""

    found: Share  # of the messages that ask for an item: its answer was given
    wrong: Share  # of the same: another item's answer was given
    kept_plain: Share  # of the messages that ask for none: none was given


@dataclass(frozen=True)
class Figures:
    """Everything that a report shows."""

    accuracy: Share  # of the first reading, whether or not the borrower was asked back
    answered: Share  # messages answered without asking back
    accuracy_of_answered: Share
    macro_f1: float  # over the intents that occur as truths
    calibration_error: float  # expected calibration error over `bins`
    intents: tuple[OfIntent, ...]
    bins: tuple[Bin, ...]
    confusions: tuple[Confusion, ...]
    risk_coverage: tuple[tuple[float, float], ...]  # (share answered, share wrong among them), surest first
    worst: tuple[Verdict, ...]  # wrong, surest first
    p50_ms: float
    p95_ms: float
    items: Items | None = None  # where the file names any


def figures(verdicts: Sequence[Verdict]) -> Figures:
    """All figures of at least one verdict."""
    answered = [one for one in verdicts if one.answered]
    truths, guesses = [one.case.intent for one in verdicts], [one.best for one in verdicts]
    names = sorted(set(truths))
    precision, recall, f1, support = precision_recall_fscore_support(truths, guesses, labels=names, zero_division=0)
    intents = tuple(
        OfIntent(name, int(n), float(p), float(r), float(f))
        for name, n, p, r, f in zip(names, support, precision, recall, f1, strict=True)
    )
    times = sorted(one.seconds * 1000 for one in verdicts)
    bins = _bins(verdicts)
    return Figures(
        accuracy=Share(sum(one.right for one in verdicts), len(verdicts)),
        answered=Share(len(answered), len(verdicts)),
        accuracy_of_answered=Share(sum(one.right for one in answered), len(answered)),
        macro_f1=float(np.mean(f1)),
        calibration_error=sum(one.messages * abs(one.accuracy - one.confidence) for one in bins) / len(verdicts),
        intents=intents,
        bins=bins,
        confusions=_confusions(verdicts),
        risk_coverage=_risk_coverage(verdicts),
        worst=tuple(sorted((one for one in verdicts if not one.right), key=lambda one: -one.confidence)),
        p50_ms=statistics.median(times),
        p95_ms=times[min(len(times) - 1, int(len(times) * 0.95))],
        items=_items(verdicts),
    )


def _items(verdicts: Sequence[Verdict]) -> Items | None:
    asking = [one for one in verdicts if one.case.item]
    if not asking:
        return None
    plain = [one for one in verdicts if not one.case.item]
    found = [one.best == one.case.intent and one.item == one.case.item for one in asking]
    wrong = [bool(one.item) and not right for one, right in zip(asking, found, strict=True)]
    return Items(
        Share(sum(found), len(asking)),
        Share(sum(wrong), len(asking)),
        Share(sum(not one.item for one in plain), len(plain)),
    )


def _bins(verdicts: Sequence[Verdict]) -> tuple[Bin, ...]:
    held: dict[int, list[Verdict]] = defaultdict(list)
    for one in verdicts:
        held[min(BINS - 1, int(one.confidence * BINS))].append(one)
    return tuple(
        Bin(
            statistics.fmean(one.confidence for one in inside),
            sum(one.right for one in inside) / len(inside),
            len(inside),
        )
        for _, inside in sorted(held.items())
    )


def _confusions(verdicts: Sequence[Verdict]) -> tuple[Confusion, ...]:
    wrong = [one for one in verdicts if not one.right]
    counts = Counter((one.case.intent, one.best) for one in wrong)
    return tuple(
        Confusion(
            truth,
            guess,
            count,
            tuple(one.case.text for one in wrong if (one.case.intent, one.best) == (truth, guess))[:EXAMPLES],
        )
        for (truth, guess), count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    )


def _risk_coverage(verdicts: Sequence[Verdict]) -> tuple[tuple[float, float], ...]:
    points, wrong = [], 0
    for taken, one in enumerate(sorted(verdicts, key=lambda one: -one.confidence), start=1):
        wrong += not one.right
        points.append((taken / len(verdicts), wrong / taken))
    return tuple(points)
