"""How many messages a second all platforms together bring in, each stored, answered and handed back once. `make bench-channels`.

RATE (200) signed webhooks a second for SECONDS (20) from USERS people, mixed over every platform that calls a webhook, on one
server process with a stand-in for the model; the platforms are simulated in this process on the same two cores. The baseline of the
same run is the same number of plain health requests a second that this machine serves to one client.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import sqlalchemy as sa

from bot.services.channels.model import Hook
from bot.simulators.everyone import modules
from bot.store.conversation_schema import inbox, outbox
from tests.channels.cases.base import Case
from tests.channels.conftest import CASES, serving
from tests.processes import Server

RATE, SECONDS, USERS = int(os.environ.get("RATE", "200")), float(os.environ.get("SECONDS", "20")), 400
PATIENCE = 120.0
MIX = [case for case in CASES if case.sends and not case.pulls]


async def post(http: httpx.AsyncClient, base: str, case: Case, hook: Hook) -> float:
    """One webhook call, again while it is not taken; the seconds of the one that was."""
    part = f"/{hook.part}" if hook.part else ""
    query = f"?{urlencode(hook.query)}" if hook.query else ""
    for _ in range(5):
        started = time.perf_counter()
        answer = await http.request(
            hook.method, f"{base}/channels/{case.name}{part}{query}", content=hook.body, headers=dict(hook.headers)
        )
        if answer.status_code < 500:
            assert answer.status_code == 200, (case.name, answer.status_code, answer.text)
            return time.perf_counter() - started
        await asyncio.sleep(0.2)
    raise AssertionError(f"{case.name} was never taken")


def counts(url: str) -> tuple[int, int, Counter[str]]:
    """Messages stored, still without an answer, and replies by state."""
    with sa.create_engine(url, future=True).connect() as connection:
        stored = connection.execute(sa.select(sa.func.count()).select_from(inbox)).scalar_one()
        pending = connection.execute(sa.select(sa.func.count()).select_from(inbox).where(inbox.c.pending)).scalar_one()
        states = connection.execute(sa.select(outbox.c.state, sa.func.count()).group_by(outbox.c.state)).all()
        why = sa.select(outbox.c.channel, outbox.c.reason, sa.func.count()).where(outbox.c.state == "failed")
        for channel, reason, times in connection.execute(why.group_by(outbox.c.channel, outbox.c.reason)):
            sys.stderr.write(f"{channel}: {reason} {times}\n")
    return stored, pending, Counter({state: number for state, number in states})


async def run(folder: Path) -> int:
    simulators = [modules()[case.name].make("http://127.0.0.1:1/none", case.env("")) for case in MIX]  # on real time
    async with serving(*simulators) as api:
        env = {key: value for case in MIX for key, value in case.env(api).items()}
        server = await asyncio.to_thread(Server(folder, FAKE_SLOW="0", **env).start)
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
        async with httpx.AsyncClient(timeout=30, limits=limits) as http:
            started = time.perf_counter()
            for _ in range(300):
                await http.get(f"{server.url}/health")
            plain = 300 / (time.perf_counter() - started)
            times, number = await flood(http, server.url, {one.name: one for one in simulators})
            done = await settled(server.env["DATABASE_URL"], number)
        await asyncio.to_thread(server.stop)
    return report(times, number, plain, done)


async def flood(http: httpx.AsyncClient, base: str, simulators: dict[str, Any]) -> tuple[list[float], int]:
    chance, tasks = random.Random(7), []
    started = time.perf_counter()
    number = int(RATE * SECONDS)
    for at in range(number):
        due = started + at / RATE
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        case = MIX[at % len(MIX)]
        hook = case.hook(
            _user(case, chance.randrange(USERS)), f"第{at}句", str(100_000 + at), datetime.now(timezone.utc)
        )
        tasks.append(asyncio.create_task(post(http, base, case, hook)))
    return list(await asyncio.gather(*tasks)), number


def _user(case: Case, at: int) -> str:
    return case.user[: -len(str(at))] + str(at) if case.user[-1:].isdigit() else f"{case.user}{at}"


async def settled(url: str, number: int) -> tuple[int, Counter[str], float]:
    """Wait until everything is answered and handed over."""
    started = time.perf_counter()
    while time.perf_counter() - started < PATIENCE:
        stored, pending, states = await asyncio.to_thread(counts, url)
        if stored >= number and not pending and not states["queued"]:
            break
        await asyncio.sleep(0.5)
    return stored, states, time.perf_counter() - started


def report(times: list[float], number: int, plain: float, done: tuple[int, Counter[str], float]) -> int:
    stored, states, after = done
    times.sort()
    p50, p95 = times[len(times) // 2] * 1000, times[int(len(times) * 0.95)] * 1000
    lines: list[Any] = [
        f"platforms: {', '.join(case.name for case in MIX)}",
        f"{number} messages at {RATE} a second: {stored} stored, replies {dict(states)}",
        f"acknowledged p50 {p50:.0f} ms, p95 {p95:.0f} ms; all handed over {after:.1f} s after the last one",
        f"baseline: {plain:.0f} plain requests a second; ratio {RATE / plain:.2f}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if stored == number and states["sent"] >= number and not states["queued"] else 1


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        raise SystemExit(asyncio.run(run(Path(folder))))
