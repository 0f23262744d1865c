"""Every figure of `demo_figures` reckoned from `by_hand` alone: no import of `bot`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from tests.lending.by_hand import (
    annuity_rows,
    by_days,
    cents,
    equal_principal_rows,
    fifth,
    kept_instalment_rows,
    kept_principal_rows,
    late,
    written,
)

TODAY, LATER = date(2026, 11, 23), date(2026, 12, 20)
LAST_DUE, NEXT_DUE = fifth(2026, 11), fifth(2026, 12)
Rows = Sequence[tuple[Decimal, Decimal, Decimal]]
Figures = dict[str, str]
HUNDREDTH = Decimal("0.01")


def figures() -> dict[str, Figures]:
    """Loan number -> name of figure -> as a reply writes it."""
    one, two, seven = (
        annuity_rows("120000", "0.072", 24),
        annuity_rows("50000", "0.1495", 24),
        annuity_rows("120000", "0.072", 12),
    )
    three, four = equal_principal_rows("100000", "0.06", 36), annuity_rows("80000", "0.09", 12)
    return {
        "LN1001": {
            **running(one, 10),
            **settle("settle_today", one[10:], one[9][2], "0.072", LAST_DUE, TODAY, HUNDREDTH),
            **settle("settle_later", one[11:], one[10][2], "0.072", NEXT_DUE, LATER, HUNDREDTH),
            **prepay("prepay_30000_today", one[10:], one[9][2], "30000", "0.072", LAST_DUE, TODAY, HUNDREDTH),
            **prepay("prepay_30000_later", one[11:], one[10][2], "30000", "0.072", NEXT_DUE, LATER, HUNDREDTH),
        },
        "LN1002": {
            **running(two, 8, unpaid=2),
            **overdue("overdue", two[6:8], 10, TODAY, "0.1495"),
            **settle(
                "settle_today",
                two[8:],
                two[7][2],
                "0.1495",
                LAST_DUE,
                TODAY,
                HUNDREDTH,
                first=arrears(two[6:8], 10, TODAY, "0.1495"),
            ),
            **overdue("overdue_later", two[6:9], 10, LATER, "0.1495"),
            **settle(
                "settle_later",
                two[9:],
                two[8][2],
                "0.1495",
                NEXT_DUE,
                LATER,
                HUNDREDTH,
                first=arrears(two[6:9], 10, LATER, "0.1495"),
            ),
        },
        "LN1003": {
            **running(three, 12),
            **settle("settle_today", three[12:], three[11][2], "0.06", LAST_DUE, TODAY, Decimal(0)),
            **settle("settle_later", three[13:], three[12][2], "0.06", NEXT_DUE, LATER, Decimal(0)),
            **prepay("prepay_20000_today", three[12:], three[11][2], "20000", "0.06", LAST_DUE, TODAY, Decimal(0)),
        },
        "LN1004A": {
            **running(four, 4),
            **settle("settle_today", four[4:], four[3][2], "0.09", LAST_DUE, TODAY, HUNDREDTH),
        },
        "LN1004B": in_one_sum(),
        "LN1005": interest_only(),
        "LN1007": {
            **running(seven, 6, unpaid=4),
            **overdue("overdue", seven[2:6], 8, TODAY, "0.072"),
            **settle(
                "settle_today",
                seven[6:],
                seven[5][2],
                "0.072",
                LAST_DUE,
                TODAY,
                HUNDREDTH,
                first=arrears(seven[2:6], 8, TODAY, "0.072"),
            ),
        },
    }


def running(rows: Rows, due: int, unpaid: int = 0) -> Figures:
    part, interest, _ = rows[due]
    return {
        "next_total": written(part + interest),
        "next_principal": written(part),
        "next_interest": written(interest),
        "principal": written(rows[due - unpaid - 1][2]),
        "interest_to_come": written(sum((row[1] for row in rows[due:]), Decimal(0))),
        "left_total": written(sum((row[0] + row[1] for row in rows[due:]), Decimal(0))),
    }


def arrears(rows: Rows, first_month: int, on: date, annual: str) -> Decimal:
    return sum(
        (
            part + interest + sum(late(part, interest, fifth(2026, first_month + k), on, annual))
            for k, (part, interest, _) in enumerate(rows)
        ),
        Decimal(0),
    )


def overdue(name: str, rows: Rows, first_month: int, on: date, annual: str) -> Figures:
    """Instalments unpaid since the 5th of `first_month`, one a month."""
    accrued = [
        late(part, interest, fifth(2026, first_month + k), on, annual) for k, (part, interest, _) in enumerate(rows)
    ]
    base = sum((part + interest for part, interest, _ in rows), Decimal(0))
    return {
        f"{name}_total": written(arrears(rows, first_month, on, annual)),
        f"{name}_principal": written(sum((row[0] for row in rows), Decimal(0))),
        f"{name}_interest": written(sum((row[1] for row in rows), Decimal(0))),
        f"{name}_penalty": written(sum((one[0] for one in accrued), Decimal(0))),
        f"{name}_compound": written(sum((one[1] for one in accrued), Decimal(0))),
        f"{name}_per_day": written(base * Decimal(annual) * Decimal("1.5") / 360),
        f"{name}_days": str((on - fifth(2026, first_month)).days),
        f"{name}_count": str(len(rows)),
    }


def settle(
    name: str, rows: Rows, base: Decimal, annual: str, since: date, on: date, fee: Decimal, first: Decimal = Decimal(0)
) -> Figures:
    """`first` is what is overdue, `rows` what is still to come, `base` the principal not yet due."""
    interest = by_days(base, annual, since, on)
    return {
        f"{name}_principal": written(base),
        f"{name}_interest": written(interest),
        f"{name}_days": str((on - since).days),
        f"{name}_fee": written(base * fee),
        f"{name}_total": written(first + base + interest + cents(base * fee)),
        f"{name}_saved": written(sum((row[1] for row in rows), Decimal(0)) - interest),
    }


def prepay(
    name: str, rows: Rows, base: Decimal, part: str, annual: str, since: date, on: date, fee: Decimal
) -> Figures:
    amount = Decimal(part)
    interest, left = by_days(amount, annual, since, on), base - amount
    if rows[0][0] == rows[1][0]:  # equal principal
        shorter = kept_principal_rows(left, annual, rows[0][0])
        lower = equal_principal_rows(str(left), annual, len(rows))
    else:
        shorter = kept_instalment_rows(left, annual, rows[0][0] + rows[0][1])
        lower = annuity_rows(str(left), annual, len(rows))
    told = {
        f"{name}_interest": written(interest),
        f"{name}_fee": written(amount * fee),
        f"{name}_total": written(amount + interest + cents(amount * fee)),
    }
    planned = sum((row[1] for row in rows), Decimal(0))
    for kind, plan in (("shorter", shorter), ("lower", lower)):
        told |= {
            f"{name}_{kind}_count": str(len(plan)),
            f"{name}_{kind}_next": written(plan[0][0] + plan[0][1]),
            f"{name}_{kind}_last": written(plan[-1][0] + plan[-1][1]),
            f"{name}_{kind}_saved": written(planned - interest - sum((row[1] for row in plan), Decimal(0))),
        }
    return told


def in_one_sum() -> Figures:
    lent, due, base, part = fifth(2026, 10), fifth(2027, 1), Decimal(30000), Decimal(10000)
    full, interest = by_days(base, "0.144", lent, due), by_days(part, "0.144", lent, TODAY)
    rest = by_days(base - part, "0.144", lent, due)
    return {
        **running([(Decimal(0), Decimal(0), base), (base, full, Decimal(0))], 1),
        **settle("settle_today", [(base, full, Decimal(0))], base, "0.144", lent, TODAY, HUNDREDTH),
        "prepay_10000_today_interest": written(interest),
        "prepay_10000_today_fee": written(part * HUNDREDTH),
        "prepay_10000_today_total": written(part + interest + part * HUNDREDTH),
        "prepay_10000_today_lower_count": "1",
        "prepay_10000_today_lower_next": written(base - part + rest),
        "prepay_10000_today_lower_last": written(base - part + rest),
        "prepay_10000_today_lower_saved": written(full - interest - rest),
    }


def interest_only() -> Figures:
    base, part = Decimal(50000), Decimal(10000)
    rows = [
        (
            base if k == 5 else Decimal(0),
            by_days(base, "0.108", fifth(2026, 8 + k), fifth(2026, 9 + k)),
            Decimal(0) if k == 5 else base,
        )
        for k in range(6)
    ]
    after = [by_days(base - part, "0.108", fifth(2026, 8 + k), fifth(2026, 9 + k)) for k in range(3, 6)]
    interest = by_days(part, "0.108", LAST_DUE, TODAY)
    planned = sum((row[1] for row in rows[3:]), Decimal(0))
    return {
        **running(rows, 3),
        **settle("settle_today", rows[3:], base, "0.108", LAST_DUE, TODAY, HUNDREDTH),
        "prepay_10000_today_interest": written(interest),
        "prepay_10000_today_fee": written(part * HUNDREDTH),
        "prepay_10000_today_total": written(part + interest + part * HUNDREDTH),
        "prepay_10000_today_lower_count": "3",
        "prepay_10000_today_lower_next": written(after[0]),
        "prepay_10000_today_lower_last": written(base - part + after[2]),
        "prepay_10000_today_lower_saved": written(planned - interest - sum(after, Decimal(0))),
    }
