"""`daihou import-posts FILE`: take posts of social platforms over as feedback (docs/channels/social.md)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from bot.errors import BadInput
from bot.settings import Settings

LARGEST = 64 * 1024 * 1024  # bytes


def add(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "import-posts", help="take posts of social platforms over as feedback (docs/channels/social.md)"
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    from bot.app import build, with_brain
    from bot.commands.serve import with_secrets
    from bot.services.channels.social import import_posts
    from bot.store.migrate import upgrade

    if not args.file.is_file():
        raise BadInput(f"{args.file}: no such file", code="no_file")
    if args.file.stat().st_size > LARGEST:
        raise BadInput(f"{args.file}: larger than {LARGEST // 1024 // 1024} MB", code="too_large")
    settings = with_secrets(settings)
    upgrade(settings.database_url)
    services = with_brain(build(settings))
    brain = services.brain
    assert brain is not None

    def understand(text: str) -> tuple[str, float]:
        found = brain.understand(text)
        return found.intent, found.confidence

    try:
        with services.database.write() as connection:
            done = import_posts(
                connection,
                args.file.name,
                args.file.read_bytes(),
                settings.session_secret,
                settings.timezone,
                understand,
                services.wall.now(),
            )
    finally:
        services.close()
    for mistake in done.mistakes:
        sys.stderr.write(f"passed over: {mistake}\n")
    sys.stdout.write(f"{done.new} new, {done.known} as stored, {len(done.mistakes)} passed over\n")
    for intent, number in done.intents.most_common():
        sys.stdout.write(f"{intent}\t{number}\n")
    return 1 if done.mistakes and not (done.new or done.known) else 0
