"""Starting, killing and restarting the real server process, by its own id."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """A port nobody listens on, below those of outgoing connections: it must stay free while a server restarts."""
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


class Server:
    """One server process; `real` runs `daihou serve` with the trained model instead of the fake brain."""

    def __init__(self, folder: Path, *, real: bool = False, port: int = 0, **env: str) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.real = real
        self.log = folder / "server.log"
        self.env = {
            **os.environ,
            "PORT": str(self.port),
            "DEMO": "1",
            "VAR_DIR": str(folder),
            "DATABASE_URL": f"sqlite:///{folder / 'daihou.db'}",
            "SUPERVISOR_CONTACT": "supervisor@example.test",
            **env,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, wait: float = 60.0) -> Server:
        command = [sys.executable, "-m", "bot", "serve"] if self.real else [sys.executable, "-m", "tests.serving"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=log, stderr=log)
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.log.read_text()[-2000:]}")
            try:
                if httpx.get(f"{self.url}/health", timeout=5).status_code == 200:
                    return self
            except httpx.HTTPError:
                time.sleep(0.1)
        raise RuntimeError(f"the server was not ready in {wait} s:\n{self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        """SIGKILL: nothing in the process can prepare for it."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, wait: float = 30.0) -> int:
        """SIGTERM, and the exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(wait)
