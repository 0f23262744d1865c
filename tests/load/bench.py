"""`make bench`: our server beside a stock Rasa project, in one run, over HTTP, as ratios.

Stock = what `rasa init` users run: jieba, count vectors, DIET (EPOCHS, default 50), RulePolicy, memory tracker, a separate
action server with one custom action, the same training examples. It needs TensorFlow: an environment made once under
`.tools/stock` (STOCK_VENV names another). Ours = `daihou serve` with everything it always does: identity, a loan store,
every message on the disk before it is acknowledged. Each client is another borrower with a loan. Both servers are up
all the time and take turns, round by round. Writes `var/bench.json`; nothing here passes or fails.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.load.clients import Talker, cpu_seconds, crowd, first_answer, memory_mb, post, tree
from tests.load.stock import StockProject
from tests.processes import ROOT, Server

WARM_SECONDS = 3.0
ROUNDS = int(os.environ.get("ROUNDS", "3"))
SECONDS = float(os.environ.get("SECONDS", "8"))
CLIENTS = int(os.environ.get("CLIENTS", "8"))


@dataclass
class Figures:
    """One server, medians over rounds. Times in milliseconds, memory in MB, training and start in seconds."""

    train_s: float
    start_s: float
    per_second: float
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    memory_mb: float


def measure(port: int, pids: Callable[[], list[int]], talker: Talker) -> dict[str, float]:
    """Throughput and processor time of a crowd, latency of one client, memory after both."""
    crowd(port, talker, WARM_SECONDS, CLIENTS)
    before, started = cpu_seconds(pids()), time.monotonic()
    answered = len(crowd(port, talker, SECONDS, CLIENTS))
    spent, used = time.monotonic() - started, cpu_seconds(pids()) - before
    alone = sorted(crowd(port, talker, SECONDS / 2, 1))
    return {
        "per_second": answered / spent,
        "cpu_ms": used / answered * 1000,
        "p50_ms": alone[len(alone) // 2] * 1000,
        "p95_ms": alone[int(len(alone) * 0.95)] * 1000,
        "memory_mb": memory_mb(pids()),
    }


class Ours:
    """The real server over a book of CLIENTS synthetic borrowers."""

    def __init__(self, folder: Path) -> None:
        self.server = Server(folder, real=True, MODELS_DIR=str(folder / "models"))
        self.port = self.server.port

    def train(self) -> float:
        """Seconds of `daihou train`, from nothing."""
        return self._daihou("train", "--force")

    def start(self) -> float:
        """Seconds from the command to the first answer; the database is there, as after the first day."""
        self._daihou("seed", "--customers", str(CLIENTS))
        self.server.start().stop()  # the demo book too
        started = time.monotonic()
        self.server.start()
        first_answer(self.port)
        return time.monotonic() - started

    def pids(self) -> list[int]:
        assert self.server.process is not None
        return tree(self.server.process.pid)

    def identity(self, connection: http.client.HTTPConnection, number: int) -> dict[str, Any]:
        """Client `number` is a synthetic borrower of its own, proven at level 2."""
        login = post(connection, "/demo/login", {"customer_id": f"SYN{number % CLIENTS + 1:07d}", "acr": "2"})
        return {"identity_token": login["token"]}

    def stop(self) -> None:
        self.server.stop()

    def _daihou(self, *words: str) -> float:
        started = time.monotonic()
        command = [sys.executable, "-m", "bot", *words]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, env=self.server.env)
        return time.monotonic() - started


def stock_project(folder: Path) -> StockProject | None:
    """None, said aloud, where no environment with TensorFlow can be had."""
    try:
        return StockProject(folder)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"· stock: left out, its environment with TensorFlow cannot be made here: {error}", flush=True)
        return None


def main() -> None:
    """Both servers up; rounds in turn; medians; ratios."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        ours, stock = Ours(folder), None
        print("· ours: training and start", flush=True)
        mine: list[dict[str, float]] = []
        theirs: list[dict[str, float]] = []
        try:
            once = {"train_s": ours.train(), "start_s": ours.start()}
            print("· stock: environment, training and start (minutes)", flush=True)
            stock = stock_project(folder / "stock")
            stock_once = {"train_s": stock.train(), "start_s": _started(stock)} if stock else {}
            for number in range(ROUNDS):
                print(f"· round {number + 1} of {ROUNDS}", flush=True)
                mine.append(measure(ours.port, ours.pids, ours.identity))
                if stock:
                    theirs.append(measure(stock.port, lambda: [p for pid in stock.pids for p in tree(pid)], _anybody))
        finally:
            ours.stop()
            if stock:
                stock.stop()
    report(Figures(**once, **medians(mine)), Figures(**stock_once, **medians(theirs)) if theirs else None)


def _started(stock: StockProject) -> float:
    stock.start()
    return first_answer(stock.port)


def _anybody(_connection: http.client.HTTPConnection, _number: int) -> dict[str, Any]:
    return {}


def medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    """Of each figure over the rounds."""
    return {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}


def report(ours: Figures, stock: Figures | None) -> None:
    """A table on the terminal, JSON under `var/`."""
    print(f"\n{'':14}{'ours':>12}{'stock':>12}{'ours/stock':>12}")
    for key, value in asdict(ours).items():
        other = asdict(stock)[key] if stock else None
        print(f"{key:14}{value:12.2f}" + (f"{other:12.2f}{value / other:12.2f}" if other else f"{'-':>12}{'-':>12}"))
    path = ROOT / "var" / "bench.json"
    path.parent.mkdir(exist_ok=True)
    figures = {"ours": asdict(ours), "stock": asdict(stock) if stock else None, "clients": CLIENTS, "rounds": ROUNDS}
    path.write_text(json.dumps(figures, indent=2), encoding="utf-8")
    print(f"\nwritten to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    if shutil.which("ps") is None:
        sys.exit("make bench needs `ps` (Debian: apt-get install procps)")
    main()
