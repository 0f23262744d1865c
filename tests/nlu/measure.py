"""Accuracy of the trained model on a file of messages: `python -m tests.nlu.measure FILE.tsv [--wrong N]`.

A line is `intent<TAB>text`. The path is the conversation service's: edge rules first, then the model. Printed are the
accuracy, the share asked back (`nlu_fallback`), the accuracy of what was answered, every intent below the mean, and the
time a message takes. With `--wrong N` also the N intents taken most often for another, never the messages themselves,
so that an evaluation file may be measured without being read.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.dialogue.brain import Brain
from bot.dialogue.registry import ensure_model
from bot.names import Intent
from bot.nlu.edge import safety
from bot.settings import Settings

HEADER = "intent\ttext"
FALLBACK = Intent.FALLBACK.value


@dataclass(frozen=True)
class Reading:
    """One message read: what it should be, what it was taken for, and how long that took."""

    truth: str
    guess: str
    by_edge: bool
    seconds: float


def examples(path: Path) -> Iterator[tuple[str, str]]:
    """(intent, text) of every line; the item of `intent/item` is dropped. ValueError names a line without a tab."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or (number == 1 and line == HEADER):
            continue
        intent, tab, text = line.partition("\t")
        if not tab:
            raise ValueError(f"{path}:{number}: no tab")
        yield intent.partition("/")[0].strip(), text


def read(brain: Brain, intent: str, text: str) -> Reading:
    """`text` through edge and model."""
    started = time.perf_counter()
    edge = safety(text)
    guess = edge.value if edge else brain.understand(text).intent
    return Reading(intent, guess, edge is not None, time.perf_counter() - started)


def report(readings: list[Reading], wrong: int = 0) -> str:
    """The figures in words."""
    right = [one.truth == one.guess for one in readings]
    answered = [one.truth == one.guess for one in readings if one.guess != FALLBACK or one.truth == FALLBACK]
    edge = [one.truth == one.guess for one in readings if one.by_edge]
    times = sorted(one.seconds * 1000 for one in readings)
    mean = sum(right) / len(right)
    lines = [
        f"messages {len(readings)}  accuracy {mean:.3f}  asked back {1 - len(answered) / len(right):.3f}  "
        f"accuracy of the answered {_share(answered)}  by edge {len(edge)}, right {_share(edge)}",
        f"ms a message: p50 {statistics.median(times):.2f}  p95 {times[int(len(times) * 0.95)]:.2f}",
    ]
    for intent in sorted({one.truth for one in readings}):
        of_it = [one for one in readings if one.truth == intent]
        share = sum(one.guess == intent for one in of_it) / len(of_it)
        if share < mean:
            lines.append(f"  {share:.2f}  {intent} ({len(of_it)})")
    mixed = Counter((one.truth, one.guess) for one in readings if one.truth != one.guess)
    lines += [f"  {count} x {truth} taken for {guess}" for (truth, guess), count in mixed.most_common(wrong)]
    return "\n".join(lines)


def _share(right: list[bool]) -> str:
    return f"{sum(right) / len(right):.3f}" if right else "-"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--wrong", type=int, default=0, metavar="N", help="also the N commonest mistakes, by intent")
    parser.add_argument("--model", type=Path, help="a model file; otherwise the one for the present data")
    options = parser.parse_args(arguments)
    brain = Brain.load(options.model or ensure_model(Settings.from_env(os.environ)))
    sys.stdout.write(report([read(brain, *one) for one in examples(options.file)], options.wrong) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
