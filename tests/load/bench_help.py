"""`make bench-help`: options for a loan, and a night over a large book. Writes `var/bench-help.json`; nothing passes or fails.

Options: a synthetic book's loans, every situation; the baseline in the same run is one replay of the same loan
(`position`), so that the figure survives another machine as a ratio. Night: LOANS synthetic loans in SQLite, finding what is
overdue and booking its penalty, in the batches that the jobs use; the baseline is reading the same loans and nothing else.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.lending.authority import Standing
from bot.lending.help_policy import Band, Lasting, Situation
from bot.lending.options import Ground, options
from bot.lending.position import position
from bot.lending.tiers import behaviour, tier
from bot.services import nightly
from bot.services.due_work import ACCRUED_TOGETHER
from bot.services.help_policy import load_help
from bot.store.clock import SystemClock, business_date
from bot.store.database import Database, make_engine
from bot.store.loading import load_loans
from bot.store.migrate import upgrade
from bot.store.schema import loans as table
from bot.store.synthetic import seed_synthetic
from tests.processes import ROOT

CUSTOMERS = int(os.environ.get("CUSTOMERS", "95000"))
SAMPLE = 300
ZONE = ZoneInfo("Asia/Shanghai")


def main() -> None:
    today = business_date(SystemClock().now(), ZONE)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/book.db"
        upgrade(url)
        database = Database(make_engine(url, patient=True))
        seed_synthetic(database, CUSTOMERS, 1, today, ZONE)
        found = {"options": bench_options(database, today), "night": bench_night(database, today)}
        database.close()
    path = ROOT / "var" / "bench-help.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(found, indent=2), encoding="utf-8")
    print(json.dumps(found, indent=2))


def bench_options(database: Database, today: object) -> dict[str, float]:
    policy = load_help(today)  # type: ignore[arg-type]
    with database.read() as connection:
        ids = list(connection.execute(sa.select(table.c.loan_id).order_by(table.c.loan_id).limit(SAMPLE)).scalars())
        held = load_loans(connection, table.c.loan_id.in_(ids))
    spent, base = [], []
    for number, loan in enumerate(held):
        began = time.perf_counter()
        now = position(loan, today)  # type: ignore[arg-type]
        base.append(time.perf_counter() - began)
        if not now.principal:
            continue
        seen = behaviour([now], today, policy.tier_months)  # type: ignore[arg-type]
        situation = list(Situation)[number % len(Situation)]
        due = now.due.owed.total if now.due else 100_000
        ground = Ground(
            situation, Standing(tier(seen, None, policy), 12), Lasting.FROM_3_TO_6, due * 6 // 10, Band.REDUCED, 15
        )
        began = time.perf_counter()
        options(loan, ground, policy, today, 60)  # type: ignore[arg-type]
        spent.append(time.perf_counter() - began)
    spent.sort()
    p50, replay = statistics.median(spent), statistics.median(base)
    return {
        "loans": len(spent),
        "p50_ms": round(p50 * 1000, 2),
        "p95_ms": round(spent[int(len(spent) * 0.95)] * 1000, 2),
        "replay_p50_ms": round(replay * 1000, 3),
        "ratio_to_one_replay": round(p50 / replay, 1),
    }


def bench_night(database: Database, today: object) -> dict[str, float]:
    now = SystemClock().now()
    began = time.perf_counter()
    with database.read() as connection:
        count = int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
        late = nightly.overdue_loans(connection, today)  # type: ignore[arg-type]
    searched = time.perf_counter() - began
    booked = 0
    for start in range(0, len(late), ACCRUED_TOGETHER):
        with database.write() as connection:
            batch = late[start : start + ACCRUED_TOGETHER]
            booked += nightly.accrue_loans(connection, batch, today, now)  # type: ignore[arg-type]
    whole = time.perf_counter() - began
    began = time.perf_counter()
    for start in range(0, len(late), ACCRUED_TOGETHER):
        with database.read() as connection:
            load_loans(connection, table.c.loan_id.in_(late[start : start + ACCRUED_TOGETHER]))
    reading = time.perf_counter() - began
    return {
        "loans": count,
        "overdue": len(late),
        "booked": booked,
        "search_s": round(searched, 1),
        "whole_s": round(whole, 1),
        "reading_only_s": round(reading, 1),
        "ratio_to_reading": round(whole / max(reading, 0.001), 1),
    }


if __name__ == "__main__":
    main()
