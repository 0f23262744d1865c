"""`daihou migrate`: bring the database to the newest revision."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from bot.settings import Settings
from bot.store.migrate import upgrade


def add(subparsers: Any) -> None:
    parser = subparsers.add_parser("migrate", help="bring the database to the newest revision")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    upgrade(settings.database_url)
    sys.stdout.write("database is up to date\n")
    return 0
