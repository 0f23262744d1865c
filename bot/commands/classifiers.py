"""`daihou classifiers`: the table of ways to tell intents apart (docs/nlu.md), and the examples that look misplaced."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from bot.settings import ROOT, Settings

MISPLACED = 20


def add(subparsers: Any) -> None:
    parser = subparsers.add_parser("classifiers", help="compare classifiers on unseen examples; list misplaced ones")
    parser.add_argument("files", nargs="*", type=Path, help="evaluation files (intent<TAB>text) to ask as well")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    import numpy as np

    from bot.evaluation.cases import read_cases
    from bot.evaluation.classifiers import compare
    from bot.evaluation.misplaced import misplaced
    from bot.nlu.examples import examples
    from bot.nlu.normalise import normalise

    found = list(examples(ROOT / "data"))
    texts, labels = [normalise(one.text) for one in found], np.array([one.intent for one in found])
    others = []
    for path in args.files:
        cases = read_cases([path])
        others.append(([normalise(case.text) for case in cases], np.array([case.intent for case in cases])))
    names = ["held out", *(path.stem for path in args.files)]
    lines = [f"{'':30}" + "".join(f"{name:>10}" for name in [*names, "ECE", "train s", "ms", "MB"])]
    for one in compare(texts, labels, others):
        numbers = [*one.accuracies, one.calibration_error]
        lines.append(
            f"{one.name:30}"
            + "".join(f"{number:10.3f}" for number in numbers)
            + f"{one.train_seconds:10.1f}{one.ms:10.2f}{one.megabytes:10.1f}"
        )
    strange = misplaced(found)
    lines += [
        "",
        f"closer to another intent than to their own: {len(strange)} of the held-out examples; most sure first",
    ]
    lines += [
        f"{one.place}: {one.text!r} is {one.intent}, reads as {guess} ({sure:.2f})"
        for one, guess, sure in strange[:MISPLACED]
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0
