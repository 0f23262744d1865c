"""`daihou evaluate`: how well labelled messages are understood, or what two models answer differently."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from bot.errors import ConfigError
from bot.settings import ROOT, Settings

PROOF = ROOT / "tests" / "nlu" / "proof"
DEFAULT = ("safety.tsv", "scope.tsv", "self_harm.tsv", "not_self_harm.tsv")


def add(subparsers: Any) -> None:
    parser = subparsers.add_parser("evaluate", help="measure understanding on a file of intent<TAB>text")
    parser.add_argument("files", nargs="*", type=Path, help="default: the proof sets of this project")
    parser.add_argument("--model", type=Path, help="a model file; default: the one that matches the data")
    parser.add_argument("--compare", nargs=2, type=Path, metavar=("MODEL_A", "MODEL_B"), help="list changed answers")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures as JSON")
    parser.add_argument("--picture", type=Path, metavar="OUT", help="draw calibration and risk–coverage (png, svg)")
    parser.add_argument("--slips", type=int, metavar="SEED", help="with typing slips made from this seed")
    parser.add_argument("--traditional", action="store_true", help="with every message in Traditional characters")
    parser.add_argument("--blind", action="store_true", help="show none of the messages")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    from bot.dialogue.brain import Brain
    from bot.dialogue.speech import TRADITIONAL, turn
    from bot.evaluation.cases import read_cases
    from bot.evaluation.figures import figures
    from bot.evaluation.report import as_json, changed, draw, in_words
    from bot.evaluation.verdicts import judge
    from bot.nlu.slips import with_slips

    cases = read_cases(args.files or [PROOF / name for name in DEFAULT])
    if args.slips is not None:
        random = Random(args.slips)
        cases = [replace(case, text=with_slips(case.text, random)) for case in cases]
    if args.traditional:
        cases = [replace(case, text=turn(case.text, TRADITIONAL)) for case in cases]
    if args.compare:
        before, after = (judge(Brain.load(model_file(path, settings)), cases) for path in args.compare)
        sys.stdout.write(changed(before, after) + "\n")
        return 0
    brain = Brain.load(model_file(args.model, settings))
    found = figures(judge(brain, cases))
    sys.stdout.write(in_words(found, messages=not args.blind) + "\n")
    if args.json:
        args.json.write_text(json.dumps(as_json(found, messages=not args.blind), ensure_ascii=False, indent=1) + "\n")
    if args.picture:
        draw(found, args.picture)
    return 0


def model_file(path: Path | None, settings: Settings) -> Path:
    """The model asked for, or the one that matches the data (trained if need be)."""
    from bot.dialogue.registry import ensure_model

    if path is None:
        return ensure_model(settings)
    if not path.is_file():
        raise ConfigError(f"{path}: no model there; `ls models/` shows those kept")
    return path
