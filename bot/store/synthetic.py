"""A book of made-up borrowers for load tests: obviously fake persons with loans that the real engine computed.

Customer n is the same for the same seed and day, whatever the number asked for; a second run adds what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import yaml

from bot.errors import BadInput
from bot.lending.loan import Product
from bot.store import rows
from bot.store.bulk import Row, loading
from bot.store.database import Database
from bot.store.patterns import Pattern, draw
from bot.store.schema import contact_points, customers, instalments, ledger, loans, payments, products

BOOK = Path(__file__).parent / "synthetic_book.yml"
MOST = 5_000_000
PATTERNS = 300
CHUNK = 10_000  # customers a transaction
BIRTHS = date(1960, 1, 1)
BIRTH_DAYS = 16_000


class Stamp(NamedTuple):
    """A pattern as rows that lack only their ids, which `_stamped` puts in front."""

    loan: Row
    plan: tuple[Row, ...]
    payments: tuple[Row, ...]
    ledger: tuple[Row, ...]


Lent = tuple[str, str, Stamp]  # loan id, customer id, the rest


def seed_synthetic(database: Database, count: int, seed: int, today: date, zone: ZoneInfo) -> int:
    """Fill up to `count` synthetic customers; the number added.

    Raises:
        BadInput: `count` below 1 or above five million.
    """
    if not 1 <= count <= MOST:
        raise BadInput(f"a synthetic book has 1 to {MOST:,} customers", code="count")
    book: dict[str, Any] = yaml.safe_load(BOOK.read_text(encoding="utf-8"))
    kinds = {
        one["id"]: Product(one["id"], one["name"], principal_first_from_dpd=one.get("principal_first_from_dpd"))
        for one in book["products"]
    }
    first = _prepare(database, kinds)
    drawn = draw(book, kinds, Random(seed), today, zone, PATTERNS) if first < count else ()
    stamps = [_stamp(pattern) for pattern in drawn]
    for start in range(first, count, CHUNK):
        _write(database, book, stamps, seed, range(start, min(start + CHUNK, count)))
    if first < count and not database.is_sqlite:
        with database.write() as connection:
            connection.execute(sa.text("ANALYZE"))
    return max(0, count - first)


def _prepare(database: Database, kinds: dict[str, Product]) -> int:
    """The products, if new; the number of synthetic customers that are there."""
    with database.write() as connection:
        if not connection.execute(sa.select(products).where(products.c.product_id.in_(kinds))).first():
            connection.execute(
                products.insert(),
                [
                    {"product_id": one.product_id, "name": one.name, "rules": rows.product_rules(one)}
                    for one in kinds.values()
                ],
            )
        counted = sa.select(sa.func.count()).where(customers.c.customer_id.like("SYN%"))
        return int(connection.execute(counted).scalar_one())


def _write(database: Database, book: dict[str, Any], stamps: list[Stamp], seed: int, numbers: range) -> None:
    lent = list(_lent(book, stamps, seed, numbers))
    with loading(database) as loader:
        loader.load(customers, ("customer_id", "name", "id_number"), (_person(book, n) for n in numbers))
        loader.load(
            contact_points,
            ("customer_id", "kind", "value", "verified"),
            ((_customer_id(n), "phone", f"{book['phone_prefix']}{n:08d}", True) for n in numbers),
        )
        loader.load(loans, LOAN, ((loan_id, customer_id, *stamp.loan) for loan_id, customer_id, stamp in lent))
        loader.load(instalments, PLAN, ((loan_id, *row) for loan_id, _, stamp in lent for row in stamp.plan))
        loader.load(payments, PAYMENT, _with_payment(lent, (stamp.payments for *_, stamp in lent)))
        loader.load(ledger, LEDGER, _with_payment(lent, (stamp.ledger for *_, stamp in lent)))


def _with_payment(lent: Iterable[Lent], each: Iterable[tuple[Row, ...]]) -> Iterator[Row]:
    """Rows that begin with the payment's number: the loan's id is put before it and into it."""
    for (loan_id, _, _), found in zip(lent, each, strict=True):
        for key, *rest in found:
            yield (loan_id, key and f"{loan_id}-{key}", *rest)


def _customer_id(number: int) -> str:
    return f"SYN{number + 1:07d}"


def _person(book: dict[str, Any], number: int) -> Row:
    surnames, given = book["surnames"], book["given"]
    name = surnames[number % len(surnames)] + book["mark"] + given[number // len(surnames) % len(given)]
    born = BIRTHS + timedelta(days=number % BIRTH_DAYS)
    return _customer_id(number), name, f"000000{born:%Y%m%d}{number // BIRTH_DAYS:03d}{number % 10}"


def _lent(book: dict[str, Any], stamps: list[Stamp], seed: int, numbers: range) -> Iterator[Lent]:
    counts, weights = list(book["loans_each"]), list(book["loans_each"].values())
    for number in numbers:
        random = Random(seed * MOST + number)
        for k in range(random.choices(counts, weights)[0]):
            stamp = random.choice(stamps)
            card = f"{number % 10_000:04d}" if random.randrange(100) < book["autopay"] else None
            yield f"LNS{number + 1:07d}{'AB'[k]}", _customer_id(number), stamp._replace(loan=(*stamp.loan, card))


LOAN = (
    "loan_id",
    "customer_id",
    "product_id",
    "principal",
    "method",
    "periods",
    "annual_rate",
    "flat_monthly_rate",
    "day_count",
    "disbursed_on",
    "first_due_on",
    "autopay_card",
)
PLAN = ("loan_id", "plan_version", "number", "due_on", "principal", "interest", "balance", "days")
PAYMENT = ("loan_id", "payment_id", "cents", "at", "booked_at")
LEDGER = (
    "loan_id",
    "payment_id",
    "seq",
    "kind",
    "on_day",
    "at",
    "cents",
    "component",
    "instalment",
    "plan_version",
    "reverses",
    "note",
)


def _stamp(pattern: Pattern) -> Stamp:
    loan = pattern.loan
    return Stamp(
        _values(rows.loan_row(loan), LOAN[2:-1]),
        tuple(_values(row, PLAN[1:]) for row in rows.instalment_rows("", 1, loan.plan)),
        tuple((key, cents, _text(at), _text(at)) for key, cents, at in pattern.payments),
        tuple(_values(rows.entry_row("", entry), LEDGER[1:]) for entry in loan.entries),
    )


def _values(row: dict[str, Any], columns: tuple[str, ...]) -> Row:
    return tuple(_text(row[column]) for column in columns)


def _text(value: Any) -> Any:
    """Days and moments as both databases read them (moments in UTC)."""
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else value
