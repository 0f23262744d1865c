"""schemathesis over the documented API: whatever is sent, the answer is documented and never a 500."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.processes import Server

pytestmark = [pytest.mark.load, pytest.mark.slow]
EXAMPLES = os.environ.get("EXAMPLES", "40")
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance,negative_data_rejection"
)


def test_api_answers_what_it_documents(tmp_path: Path) -> None:
    server = Server(tmp_path).start()
    session = httpx.post(server.url + "/web/session").json()["session"]
    ended = subprocess.run(
        [
            str(Path(sys.executable).parent / "schemathesis"),
            "run",
            server.url + "/openapi.json",
            "--checks",
            CHECKS,
            "--max-examples",
            EXAMPLES,
            "--seed",
            "1",
            "--header",
            f"Authorization: Bearer {session}",
            "--no-color",
        ],
        capture_output=True,
        text=True,
        timeout=900,
        cwd=tmp_path,
    )
    assert server.stop() == 0
    assert ended.returncode == 0, ended.stdout[-6000:] + ended.stderr[-2000:]
