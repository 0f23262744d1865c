"""`daihou import DIR`: take over a lender's book from CSV files (docs/import.md)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from bot.settings import Settings
from bot.store.clock import DemoClock, SystemClock
from bot.store.database import Database, make_engine
from bot.store.importer import import_book
from bot.store.migrate import upgrade


def add(subparsers: Any) -> None:
    parser = subparsers.add_parser("import", help="take over a lender's book from CSV files (docs/import.md)")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--encoding", help="of the files; without it UTF-8, UTF-16 with a mark, or GB18030")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    upgrade(settings.database_url)
    database = Database(make_engine(settings.database_url, patient=True))
    clock = DemoClock(database) if settings.demo else SystemClock()
    try:
        done = import_book(database, clock, settings.timezone, args.folder, args.encoding)
        for file in done.new:
            sys.stdout.write(
                f"{file}: {done.new[file]} new, {done.changed[file]} changed, {done.same[file]} as stored\n"
            )
    finally:
        database.close()
    return 0
