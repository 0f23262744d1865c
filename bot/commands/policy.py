"""`daihou policy diff OLD NEW`: what a change of the help policy would do, before anybody meets it."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from bot.evaluation.policy_diff import compare
from bot.services.help_policy import load_help
from bot.services.policy import load_caps
from bot.settings import Settings
from bot.store.clock import SystemClock, business_date
from bot.store.database import Database, make_engine
from bot.store.demo import borrowers, seed_demo
from bot.store.loans import SqlLoanStore
from bot.store.migrate import upgrade

SHOWN = 60


def add(subparsers: Any) -> None:
    parser = subparsers.add_parser("policy", help="check and compare policies of repayment help")
    verbs = parser.add_subparsers(dest="verb", required=True)
    diff = verbs.add_parser("diff", help="outcomes that differ, over the case table and the demo book")
    diff.add_argument("old", type=Path)
    diff.add_argument("new", type=Path)
    diff.add_argument("--all", action="store_true", help=f"every difference, not the first {SHOWN}")
    check = verbs.add_parser("check", help="read a policy file; every mistake with file and line")
    check.add_argument("file", type=Path)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    clock = SystemClock()
    today = business_date(clock.now(), settings.timezone)
    if args.verb == "check":
        sys.stdout.write(f"{load_help(today, args.file).version}: in order\n")
        return 0
    old, new, most = load_help(today, args.old), load_help(today, args.new), load_caps(today).plan_instalments
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/demo.db"
        upgrade(url)
        database = Database(make_engine(url))
        try:
            seed_demo(database, today, settings.timezone)
            store = SqlLoanStore(database, clock, settings.timezone)
            book = tuple(loan for one in borrowers() for loan in store.loans(one.customer_id))
            found = compare(old, new, book, today, most)
        finally:
            database.close()
    for difference in found if args.all else found[:SHOWN]:
        sys.stdout.write(f"{difference}\n")
    if len(found) > SHOWN and not args.all:
        sys.stdout.write(f"… and {len(found) - SHOWN} more (--all)\n")
    sys.stdout.write(f"{len(found)} outcomes differ\n")
    return 0
