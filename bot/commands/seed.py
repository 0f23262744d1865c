"""`daihou seed`: the demo book, or a synthetic one of N customers."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

from bot.settings import Settings
from bot.store.clock import SystemClock, business_date
from bot.store.database import Database, make_engine
from bot.store.demo import seed_demo
from bot.store.migrate import upgrade


def add(subparsers: Any) -> None:
    parser = subparsers.add_parser("seed", help="write the demo book, or a synthetic one")
    parser.add_argument("--customers", type=int, metavar="N", help="a synthetic book of N customers instead")
    parser.add_argument("--seed", type=int, default=1, help="of the random numbers (default 1)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    upgrade(settings.database_url)
    database = Database(make_engine(settings.database_url, patient=True))
    today = business_date(SystemClock().now(), settings.timezone)
    try:
        if args.customers is not None:
            from bot.store.synthetic import seed_synthetic

            started = time.monotonic()
            made = seed_synthetic(database, args.customers, args.seed, today, settings.timezone)
            sys.stdout.write(f"{made} synthetic customers in {time.monotonic() - started:.1f} s\n")
        else:
            done = seed_demo(database, today, settings.timezone)
            sys.stdout.write("demo book written\n" if done else "demo book is there already\n")
    finally:
        database.close()
    return 0
