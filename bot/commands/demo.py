"""`daihou demo pay` and `daihou demo advance`: things that happen to a demo lender. Only with DEMO=1."""

from __future__ import annotations

import argparse
import sys
import uuid
from typing import Any

from bot.errors import ConfigError
from bot.lending.money import parse_yuan, yuan
from bot.settings import Settings
from bot.store.clock import DemoClock, business_date
from bot.store.database import Database, make_engine
from bot.store.loans import SqlLoanStore
from bot.store.migrate import upgrade


def add(subparsers: Any) -> None:
    parser = subparsers.add_parser("demo", help="pay a demo loan, move the demo clock (DEMO=1 only)")
    verbs = parser.add_subparsers(dest="verb", required=True)
    pay = verbs.add_parser("pay", help="credit a payment now")
    pay.add_argument("loan")
    pay.add_argument("amount", help="in yuan, such as 2423.14")
    pay.add_argument("--id", help="payment id; the same id is booked once")
    advance = verbs.add_parser("advance", help="move the demo clock forward")
    advance.add_argument("days", type=int)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    if not settings.demo:
        raise ConfigError("`daihou demo` works on a demo book only: set DEMO=1")
    upgrade(settings.database_url)
    database = Database(make_engine(settings.database_url))
    clock = DemoClock(database)
    try:
        if args.verb == "advance":
            clock.advance(args.days)
            sys.stdout.write(f"the demo's date is now {business_date(clock.now(), settings.timezone)}\n")
            return 0
        store = SqlLoanStore(database, clock, settings.timezone)
        key = args.id or f"demo-{uuid.uuid4().hex}"
        at = next((one.at for one in store.payments(args.loan) if one.payment_id == key), clock.now())
        payment = store.record_payment(key, args.loan, parse_yuan(args.amount), at)
        parts = ", ".join(f"{name} {yuan(cents)}" for name, cents in vars(payment.parts).items() if cents)
        held = f"; held {yuan(payment.held)}" if payment.held else ""
        sys.stdout.write(
            f"{payment.payment_id}: {yuan(payment.cents)} to {args.loan}: {parts or 'nothing due'}{held}\n"
        )
        return 0
    finally:
        database.close()
