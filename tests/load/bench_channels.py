"""How many messages a second all platforms together bring in, each stored, answered and handed back once. `make bench-channels`.

RATE (200) messages a second for SECONDS (20) from USERS people, mixed over every platform that calls a webhook, on one server process
with a stand-in for the model. The platforms are simulated in this process, on the same two cores, and people write on their phones: so
the window, the message that a reply names, receipts and passive replies are what the platform itself would make of them, and what is
counted at the end is what stands on the phones. The baseline of the same run is the same number of plain health requests a second that
this machine serves to one client.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from bot.simulators.base import Simulator
from bot.simulators.everyone import modules
from bot.store.conversation_schema import inbox, outbox
from tests.channels.conftest import CASES, serving
from tests.processes import Server, free_port

RATE, SECONDS, USERS = int(os.environ.get("RATE", "200")), float(os.environ.get("SECONDS", "20")), 400
PATIENCE = 120.0
ECHO = re.compile(r"echo: 第(\d+)句")
MIX = [case for case in CASES if case.sends and not case.pulls]


async def says(simulator: Simulator, user: str, text: str) -> float:
    """One message typed on a phone; the seconds until the server took it (a reply in the same request included)."""
    started = time.perf_counter()
    await simulator.say(user, text)
    return time.perf_counter() - started


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
    port, made = free_port(), modules()  # on real time, as the server
    hooks = f"http://127.0.0.1:{port}/channels"
    simulators = [made[case.name].make(f"{hooks}/{case.name}", case.env("")) for case in MIX]
    async with serving(*simulators) as api:
        env = {key: value for case in MIX for key, value in case.env(api).items()}
        server = await asyncio.to_thread(Server(folder, port=port, FAKE_SLOW="0", **env).start)
        async with httpx.AsyncClient(timeout=30) as http:
            started = time.perf_counter()
            for _ in range(300):
                await http.get(f"{server.url}/health")
            plain = 300 / (time.perf_counter() - started)
        times = await flood(simulators)
        done = await settled(server.env["DATABASE_URL"], len(times))
        await asyncio.to_thread(server.stop)
    return report(times, plain, done, simulators)


async def flood(simulators: list[Simulator]) -> list[float]:
    """Every message at its time, whether those before were taken or not."""
    chance, tasks = random.Random(7), []
    started = time.perf_counter()
    for at in range(int(RATE * SECONDS)):
        await asyncio.sleep(max(0.0, started + at / RATE - time.perf_counter()))
        which = at % len(MIX)
        user = MIX[which].person(chance.randrange(USERS))
        tasks.append(asyncio.create_task(says(simulators[which], user, f"第{at}句")))
    return list(await asyncio.gather(*tasks))


async def settled(url: str, number: int) -> tuple[int, Counter[str], float]:
    """Wait until everything is answered and handed over."""
    started = time.perf_counter()
    while time.perf_counter() - started < PATIENCE:
        stored, pending, states = await asyncio.to_thread(counts, url)
        if stored >= number and not pending and not states["queued"]:
            break
        await asyncio.sleep(0.5)
    return stored, states, time.perf_counter() - started


def report(times: list[float], plain: float, done: tuple[int, Counter[str], float], simulators: list[Simulator]) -> int:
    (stored, states, after), number = done, len(times)
    times.sort()
    p50, p95 = times[number // 2] * 1000, times[int(number * 0.95)] * 1000
    shown = answers(simulators)
    lost, twice = number - len(shown), sum(1 for seen in shown.values() if seen > 1)
    refused = Counter(status for one in simulators for _, status in one.calls if status != 200)
    lines: list[Any] = [
        f"platforms: {', '.join(case.name for case in MIX)}",
        f"{number} messages at {RATE} a second: {stored} stored, replies {dict(states)}; calls not taken at once {dict(refused)}",
        f"on the phones: {len(shown)} answered, {lost} not, {twice} more than once",
        f"acknowledged p50 {p50:.0f} ms, p95 {p95:.0f} ms; all handed over {after:.1f} s after the last one",
        f"baseline: {plain:.0f} plain requests a second; ratio {RATE / plain:.2f}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    whole = stored == number and not lost and not twice
    return 0 if whole and not states["queued"] and not states["failed"] else 1


def answers(simulators: list[Simulator]) -> Counter[str]:
    """How often each sentence was answered, as the phones show it."""
    lines = (said for one in simulators for thread in one.phones.values() for said in thread if said.by == "them")
    return Counter(found[1] for said in lines for found in ECHO.finditer(said.text))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        raise SystemExit(asyncio.run(run(Path(folder))))
