"""`daihou nlu "text"`: how one message is understood, and why."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from bot.settings import ROOT, Settings

READINGS = 5
NEAREST = 5


def add(subparsers: Any) -> None:
    parser = subparsers.add_parser("nlu", help="show how a message is understood, and why")
    parser.add_argument("text")
    parser.add_argument("--model", type=Path, help="a model file; default: the one that matches the data")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    from bot.commands.evaluate import model_file
    from bot.dialogue.brain import Brain
    from bot.dialogue.reading import read
    from bot.nlu.intents import LinearIntentClassifier
    from bot.nlu.normalise import normalise
    from bot.nlu.words import cut

    brain = Brain.load(model_file(args.model, settings))
    meant = read(brain, args.text)
    text = normalise(args.text)
    item = f"/{meant.item}" if meant.item else ""
    lines = [
        f"normalised  {text}",
        f"tokens      {' '.join(word for word, _ in cut(text))}",
        f"answered    {meant.intent}{item}  {meant.confidence:.2f}  by {meant.decided_by}",
    ]
    if meant.also:
        lines.append(f"also        {meant.also.intent}  {meant.also.confidence:.2f}: {meant.also.text}")
    lines += [f"entity      {one.kind} = {one.value!r}  「{one.raw}」" for one in meant.entities]
    classifier = brain.component(LinearIntentClassifier)
    for intent, chance in meant.ranking[:READINGS]:
        why = classifier.why(text, intent) if classifier and intent in classifier.intents else []
        lines.append(f"{chance:.3f}  {intent:24}" + "  ".join(f"{part} {weight:+.2f}" for part, weight in why))
    lines += ["nearest examples"] + [f"{alike:.3f}  {one.intent:24}{one.text}" for alike, one in _nearest(text)]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _nearest(text: str) -> list[tuple[float, Any]]:
    """The training examples whose vectors lie nearest."""
    from bot.nlu.examples import examples
    from bot.nlu.features import clipped
    from bot.nlu.normalise import normalise
    from bot.nlu.projection import Projection
    from bot.nlu.vectors import DEEP

    known = list(examples(ROOT / "data"))
    table = DEEP.vectors([clipped(normalise(one.text)) for one in known])
    projection = Projection.fit(table)
    alike = projection.of(table) @ projection.of(DEEP.vector(clipped(text)))[0]
    return [(float(alike[at]), known[at]) for at in (-alike).argsort()[:NEAREST]]
