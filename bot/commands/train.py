"""`daihou train`: train the model if data or configuration changed."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from bot.settings import Settings


def add(subparsers: Any) -> None:
    parser = subparsers.add_parser("train", help="train the model if data or config changed")
    parser.add_argument("--force", action="store_true", help="train in any case")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    from bot.dialogue.registry import ensure_model

    sys.stdout.write(f"{ensure_model(settings, force=args.force).name}\n")
    return 0
