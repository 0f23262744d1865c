"""`daihou staff`: who works here, and the signed token that the staff API takes."""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from typing import Any

from bot.commands.serve import with_secrets
from bot.services.staff import ROLES, Staff
from bot.settings import Settings
from bot.store.clock import SystemClock
from bot.store.database import Database, make_engine
from bot.store.migrate import upgrade


def add(subparsers: Any) -> None:
    parser = subparsers.add_parser("staff", help="members of staff and their API tokens")
    verbs = parser.add_subparsers(dest="verb", required=True)
    put = verbs.add_parser("put", help="add somebody, or change the role")
    put.add_argument("staff_id")
    put.add_argument("role", choices=ROLES)
    put.add_argument("--inactive", action="store_true", help="no longer works here; tokens stop counting at once")
    token = verbs.add_parser("token", help="print a token for the Authorization header")
    token.add_argument("staff_id")
    token.add_argument("--hours", type=int, default=8, help="at most 12 (default 8)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    settings = with_secrets(settings)
    upgrade(settings.database_url)
    database = Database(make_engine(settings.database_url))
    staff = Staff(database, settings.staff_secret)
    try:
        if args.verb == "put":
            staff.put(args.staff_id, args.role, active=not args.inactive)
            sys.stdout.write(f"{args.staff_id}: {args.role}{', inactive' if args.inactive else ''}\n")
        else:
            sys.stdout.write(staff.token(args.staff_id, SystemClock().now(), timedelta(hours=args.hours)) + "\n")
    finally:
        database.close()
    return 0
