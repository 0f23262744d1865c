"""`make bench-complaints`: the board over 10,000 open cases (and as many closed ones). Writes `var/bench-complaints.json`.

The board is what the page asks: filters, one page, counts, names. The baseline in the same run is reading the same fifty
rows by their keys and nothing else, so that the figure survives another machine as a ratio. Nothing passes or fails here;
the issue asks for p95 under 200 ms.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.app import build
from bot.lending.authority import Actor
from bot.lending.complaint_policy import Level
from bot.lending.complaint_states import OPEN
from bot.services.complaints import board, file
from bot.settings import Settings
from bot.store.complaint_schema import complaint_contacts, complaint_events, complaints
from bot.store.migrate import upgrade
from tests.fakes import FakeClock
from tests.processes import ROOT

CASES = int(os.environ.get("CASES", "10000"))
TIMES = 60
LEAD = Actor("chen", "lead")
L1 = ("COLL", "FEE", "PAY", "PLAN", "CREDIT", "SERVICE", "SYSTEM", "OTHER")
QUESTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"level": "P1"},
    {"clock": "late"},
    {"l1": "COLL", "page": "5"},
    {"handler": "staff3"},
    {"q": "TS-20260301"},
    {"q": "罚息"},
    {"state": "all", "page": "100"},
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = os.environ.get("DATABASE_URL") or f"sqlite:///{folder}/complaints.db"
        upgrade(url)
        clock = FakeClock()
        services = build(Settings(demo=True, database_url=url, session_secret="s" * 40), clock)
        refs = fill(services, clock.now())
        found = measured(services, clock.now(), refs)
        services.close()
    path = ROOT / "var" / "bench-complaints.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(found, indent=2, ensure_ascii=False), encoding="utf-8")
    print(json.dumps(found, indent=2, ensure_ascii=False))


def fill(services: Any, now: Any) -> list[str]:
    """Half open in every state and level, half closed; two contacts and three events each."""
    chance, basis = random.Random(8), services.complaints.basis
    rows, contacts, events = [], [], []
    clocks = {
        (level, days): basis.deadlines(level.value, now - timedelta(days=days), 15, now)
        for level in Level
        for days in range(15)
    }
    states = sorted(state.value for state in OPEN)
    for number in range(2 * CASES):
        days, level = chance.randrange(15), chance.choice(list(Level))
        made, received = clocks[level, days], now - timedelta(days=days)
        ref = f"TS-{received:%Y%m%d}-{number:05d}"
        closed = number >= CASES
        row = {
            "ref": ref,
            "state": "closed" if closed else chance.choice(states),
            "state_at": received,
            "customer_id": f"C{number % 5000}",
            "sender": f"customer:C{number % 5000}",
            "channel": "rest",
            "language": "zh-Hans",
            "complainant": "borrower",
            "words": chance.choice(("催收天天打电话，骂人", "罚息算错了，请核对", "重复扣款", "态度太差")) * 4,
            "l1": chance.choice(L1),
            "l2": "other",
            "urgency": level.value,
            "confidence": 0.9,
            "flags": [],
            "handler": f"staff{number % 20}" if number % 9 else None,
            "accused": ["mei"] if number % 50 == 0 else [],
            "is_accusing": number % 50 == 0,
            "received_at": received,
            "clock_from": received,
            "contact_by": made.contact_by,
            "target_by": made.target_by,
            "legal_by": made.legal_by,
            "legal_days": 15,
            "told_by": made.told_by,
            "review_until": received.date() + timedelta(days=30),
        }
        rows.append(row)
        for part in range(2):
            contacts.append(
                {
                    "contact_id": f"{number}-{part}",
                    "ref": ref,
                    "first_ref": ref,
                    "kind": "lodged" if part == 0 else "again",
                    "channel": "rest",
                    "sender": row["sender"],
                    "words": row["words"],
                    "mark": "m",
                    "at": received,
                }
            )
        for part in range(3):
            events.append(
                {
                    "event_id": f"{number}-{part}",
                    "ref": ref,
                    "seq": part + 1,
                    "kind": "note",
                    "from_state": row["state"],
                    "to_state": row["state"],
                    "actor": "x",
                    "role": "agent",
                    "facts": {},
                    "at": received,
                }
            )
    with services.database.write() as connection:
        for table, made_rows in ((complaints, rows), (complaint_contacts, contacts), (complaint_events, events)):
            connection.execute(table.insert(), made_rows)
    return [row["ref"] for row in rows[:CASES]]


def measured(services: Any, now: Any, refs: list[str]) -> dict[str, Any]:
    basis, chance = services.complaints.basis, random.Random(9)

    def ask(question: dict[str, Any]) -> None:
        with services.database.read() as connection:
            board.board(connection, basis, LEAD, question, now)

    def read_only() -> None:
        with services.database.read() as connection:
            wanted = chance.sample(refs, board.PAGE)
            connection.execute(sa.select(complaints).where(complaints.c.ref.in_(wanted))).all()

    def open_one() -> None:
        with services.database.read() as connection:
            file.opened(connection, basis, LEAD, chance.choice(refs[1:49]), now)

    base = spent(read_only)
    boards = {json.dumps(one, ensure_ascii=False): spent(lambda one=one: ask(one)) for one in QUESTIONS}  # type: ignore[misc]
    every = sorted(ms for times in boards.values() for ms in times)
    return {
        "open_cases": CASES,
        "closed_cases": CASES,
        "board_p50_ms": round(statistics.median(every), 1),
        "board_p95_ms": round(every[int(0.95 * len(every))], 1),
        "file_p95_ms": round(sorted(spent(open_one))[int(0.95 * TIMES)], 1),
        "baseline_p50_ms": round(statistics.median(base), 2),
        "board_to_baseline": round(statistics.median(every) / statistics.median(base), 1),
        "by_question_p95_ms": {name: round(sorted(times)[int(0.95 * len(times))], 1) for name, times in boards.items()},
    }


def spent(work: Callable[[], None]) -> list[float]:
    """Milliseconds of each call."""
    found = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        work()
        found.append((time.perf_counter() - begun) * 1000)
    return found


if __name__ == "__main__":
    main()
