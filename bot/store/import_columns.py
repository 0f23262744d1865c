"""The columns of a lender's book and how a cell of each is read. `docs/import.md` names every one: a test compares."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bot.errors import BadInput
from bot.lending.loan import DayCount, FeeStep, Method
from bot.lending.money import parse_yuan

LARGEST_CENTS = 10**13
PAID_AT = time(12, 0)  # a payment of which only the day is known
Read = Callable[[str], Any]


@dataclass(frozen=True)
class Column:
    """`read` turns a cell into a value or raises ValueError with the reason. An empty cell gives `empty`."""

    name: str
    read: Read
    required: bool = True
    empty: Any = None


def columns(zone: ZoneInfo) -> dict[str, tuple[Column, ...]]:
    """File -> its columns, files in the order in which they refer to each other; the first column is the id."""
    return {
        "products.csv": (
            Column("product_id", _id(32)),
            Column("name", _name),
            Column("penalty_factor", _number(Decimal(0), Decimal(10)), False, Decimal("1.5")),
            Column("penalty_day_count", _one_of(DayCount), False, DayCount.ACT_360),
            Column("prepay_fee", _fee_steps, False, ()),
            Column("principal_first_from_dpd", _whole(1, 3650), False),
        ),
        "customers.csv": (
            Column("customer_id", _id(32)),
            Column("name", _name),
            Column(
                "id_number",
                _pattern(r"[0-9A-Za-z()/-]{4,32}", "4 to 32 letters and digits, as printed on the document"),
            ),
            Column("phone", _phone, False),
            Column("phone_verified", _yes, False, False),
            Column("email", _pattern(r"[^@\s]{1,64}@[^@\s]{1,55}", "an address such as a@example.com"), False),
        ),
        "loans.csv": (
            Column("loan_id", _id(32)),
            Column("customer_id", _id(32)),
            Column("product_id", _id(32)),
            Column("principal", _amount),
            Column("method", _one_of(Method)),
            Column("periods", _whole(1, 600)),
            Column("annual_rate", _rate, False),
            Column("flat_monthly_rate", _rate, False),
            Column("day_count", _one_of(DayCount), False, DayCount.ACT_360),
            Column("disbursed_on", _day),
            Column("first_due_on", _day),
            Column("autopay_card", _pattern(r"[0-9]{4}", "the last four digits of the card"), False),
        ),
        "payments.csv": (
            Column("payment_id", _id(64)),
            Column("loan_id", _id(32)),
            Column("amount", _amount),
            Column("paid_at", _moment(zone)),
        ),
    }


def _pattern(pattern: str, wanted: str) -> Read:
    compiled = re.compile(pattern)

    def read(cell: str) -> str:
        if not compiled.fullmatch(cell):
            raise ValueError(f"{cell[:40]!r} is not {wanted}")
        return cell

    return read


def _id(longest: int) -> Read:
    return _pattern(rf"[0-9A-Za-z._-]{{1,{longest}}}", f"an id: 1 to {longest} of letters, digits, '.', '_', '-'")


def _name(cell: str) -> str:
    if len(cell) > 80 or not cell.isprintable():
        raise ValueError(
            "longer than 80 characters" if len(cell) > 80 else f"{cell!r} has characters that cannot be seen"
        )
    return cell


def _phone(cell: str) -> str:
    digits = re.sub(r"[ -]", "", cell).removeprefix("+86")
    if not re.fullmatch(r"1[0-9]{10}", digits):
        raise ValueError(f"{cell[:40]!r} is not a mobile number of 11 digits")
    return digits


def _yes(cell: str) -> bool:
    if cell.lower() not in ("yes", "no"):
        raise ValueError(f"{cell[:40]!r}: write yes or no")
    return cell.lower() == "yes"


def _amount(cell: str) -> int:
    try:
        cents = parse_yuan(cell)
    except BadInput:
        raise ValueError(f"{cell[:40]!r} is not an amount such as 1234.56 (yuan, no sign, no separators)") from None
    if not 0 < cents <= LARGEST_CENTS:
        raise ValueError(f"{cell} is not between 0.01 and 100000000000")
    return cents


def _number(least: Decimal, most: Decimal) -> Read:
    def read(cell: str) -> Decimal:
        if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,10})?", cell):
            raise ValueError(f"{cell[:40]!r} is not a number such as 1.5")
        if not least <= Decimal(cell) <= most:
            raise ValueError(f"{cell} is not between {least} and {most}")
        return Decimal(cell)

    return read


def _rate(cell: str) -> Decimal:
    percent = cell.endswith("%")
    try:
        value = _number(Decimal(0), Decimal(100 if percent else 1))(cell.removesuffix("%").strip())
    except ValueError:
        raise ValueError(f"{cell[:40]!r} is not a rate: write 0.072 or 7.2%") from None
    return value / 100 if percent else Decimal(value)


def _whole(least: int, most: int) -> Read:
    def read(cell: str) -> int:
        if not re.fullmatch(r"[0-9]{1,6}", cell) or not least <= int(cell) <= most:
            raise ValueError(f"{cell[:40]!r} is not a whole number from {least} to {most}")
        return int(cell)

    return read


def _one_of(kind: type[Method] | type[DayCount]) -> Read:
    known = {one.value: one for one in kind}

    def read(cell: str) -> Any:
        if cell not in known:
            raise ValueError(f"{cell[:40]!r} is none of {', '.join(known)}")
        return known[cell]

    return read


def _fee_steps(cell: str) -> tuple[FeeStep, ...]:
    steps = []
    for part in cell.split(";"):
        months, _, rate = part.strip().partition(":")
        try:
            steps.append(FeeStep(_whole(1, 600)(months), _rate(rate)))
        except ValueError:
            raise ValueError(f"{cell[:40]!r} is not a list such as 12:1% or 12:1%;24:0.5%") from None
    if [step.months for step in steps] != sorted({step.months for step in steps}):
        raise ValueError(f"{cell[:40]!r}: months must rise")
    return tuple(steps)


def _day(cell: str) -> date:
    found = re.fullmatch(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})", cell)
    if not found:
        raise ValueError(f"{cell[:40]!r} is not a day such as 2026-03-05")
    try:
        day = date(*map(int, found.groups()))
    except ValueError:
        raise ValueError(f"{cell}: there is no such day") from None
    if not 1980 <= day.year <= 2100:
        raise ValueError(f"{cell}: the year is not between 1980 and 2100")
    return day


def _moment(zone: ZoneInfo) -> Read:
    def read(cell: str) -> datetime:
        day, _, clock = cell.replace("T", " ").partition(" ")
        on = _day(day)
        try:
            at = time.fromisoformat(re.sub("Z$", "+00:00", clock)) if clock else PAID_AT
        except ValueError:
            raise ValueError(f"{cell[:40]!r}: {clock[:20]!r} is not a time such as 14:05 or 14:05:30+08:00") from None
        return datetime.combine(on, at) if at.tzinfo else datetime.combine(on, at, zone)

    return read
