"""`daihou staff`: who works here, and the signed token that the staff API takes."""

from __future__ import annotations

import argparse
import getpass
import sys
from datetime import timedelta
from typing import Any

from bot.commands.serve import with_secrets
from bot.services.desk.accounts import Accounts, new_secret
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
    new = verbs.add_parser(
        "add", help="an account for the desk: asks for a password, prints the secret of the second factor"
    )
    new.add_argument("staff_id")
    new.add_argument("role", choices=ROLES)
    new.add_argument("--name", required=True, help="what borrowers and colleagues read")
    new.add_argument("--skills", default="service", help="of service, hardship, complaint, expert, manager; by comma")
    new.add_argument("--languages", default="zh", help="zh, en; by comma")
    new.add_argument("--capacity", type=int, help="conversations at once (default: the policy's)")
    manage = verbs.add_parser("manage", help="name the manager of a customer")
    manage.add_argument("staff_id")
    manage.add_argument("customer_id")
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
        if args.verb == "add":
            sys.stdout.write(_add(args, staff, Accounts(database)))
        elif args.verb == "manage":
            staff.manage(args.staff_id, args.customer_id)
            sys.stdout.write(f"{args.customer_id}: {args.staff_id}\n")
        elif args.verb == "put":
            staff.put(args.staff_id, args.role, active=not args.inactive)
            sys.stdout.write(f"{args.staff_id}: {args.role}{', inactive' if args.inactive else ''}\n")
        else:
            sys.stdout.write(staff.token(args.staff_id, SystemClock().now(), timedelta(hours=args.hours)) + "\n")
    finally:
        database.close()
    return 0


def _add(args: argparse.Namespace, staff: Staff, accounts: Accounts) -> str:
    """The password comes from the terminal, or from standard input where there is none: never from the command line."""
    password = getpass.getpass("password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    secret = new_secret()
    staff.put(
        args.staff_id,
        args.role,
        name=args.name,
        skills=[one for one in args.skills.split(",") if one],
        languages=[one for one in args.languages.split(",") if one],
        capacity=args.capacity,
        password=accounts.hashed(password),
        totp=secret,
    )
    return f"{args.staff_id}: {args.role}\nsecret for the authenticator (shown once): {secret}\n"
