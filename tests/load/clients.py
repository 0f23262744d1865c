"""Talking to a server as fast as it answers, and what that costs it. Used by the bench only."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROUTE = "/webhooks/rest/webhook"
MESSAGES = ("本期应还多少", "我还欠多少钱", "还款计划", "逾期会怎么样", "怎么还款", "你好")
Talker = Callable[[http.client.HTTPConnection, int], dict[str, Any]]  # what a client shows of itself: `metadata`


def tree(pid: int) -> list[int]:
    """A process and its descendants."""
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [pid, *(one for child in children.stdout.split() for one in tree(int(child)))]


def cpu_seconds(pids: list[int]) -> float:
    """User and system time of live processes."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_mb(pids: list[int]) -> float:
    """Memory of live processes; what they share counts once (PSS)."""
    return sum(
        int(line.split()[1]) / 1024
        for pid in pids
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        if line.startswith("Pss:")
    )


def post(connection: http.client.HTTPConnection, path: str, body: dict[str, Any]) -> Any:
    """The standard library's client: a heavier one would take the servers' processors."""
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    content = response.read()
    if response.status != 200:
        raise RuntimeError(f"{response.status}: {content[:200]!r}")
    return json.loads(content)


def crowd(port: int, talker: Talker, seconds: float, clients: int) -> list[float]:
    """Closed loop: each client sends its next message when the last is answered. Seconds of each answer."""
    took: list[float] = []
    failed: list[Exception] = []
    until = time.monotonic() + seconds

    def talk(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            body = {"sender": f"bench-{uuid.uuid4().hex}", "metadata": talker(connection, number)}
            turn = number
            while time.monotonic() < until:
                body["message"] = MESSAGES[turn % len(MESSAGES)]
                started = time.perf_counter()
                if not post(connection, ROUTE, body):
                    raise RuntimeError("an empty answer")
                took.append(time.perf_counter() - started)
                turn += 1
        except Exception as error:  # noqa: BLE001 - raised where all threads have ended
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=talk, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return took


def first_answer(port: int, wait: float = 300) -> float:
    """Seconds until the server answers a message."""
    started = time.monotonic()
    while time.monotonic() - started < wait:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            if post(connection, ROUTE, {"sender": uuid.uuid4().hex, "message": "你好"}):
                return time.monotonic() - started
        except (OSError, http.client.HTTPException, RuntimeError, ValueError):
            time.sleep(0.05)
        finally:
            connection.close()
    raise RuntimeError(f"no answer on port {port} in {wait} s")
