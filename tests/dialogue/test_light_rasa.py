"""Without the clients of other platforms and stores Rasa understands and decides the same, and starts with less."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from bot.settings import ROOT
from tests.dialogue.conftest import Project

pytestmark = pytest.mark.slow
TALK = """
import asyncio, json, sys
from dataclasses import asdict
from pathlib import Path
if sys.argv[1] == "light":
    from bot.dialogue import light_rasa
    assert light_rasa.leave_out()
    assert not light_rasa.leave_out()
from tests.dialogue.conftest import Project, load, say
brain = load(Project(Path(sys.argv[2]), Path(sys.argv[3]), None))
out = []
memory = None
for text in ("我还欠多少钱", "谢谢", "你好", "呜啦噜", "再见"):
    understood = brain.understand(text)
    if understood.intent != "nlu_fallback":
        answer = asyncio.run(say(brain, text, memory))
        memory = answer.memory
        out.append([asdict(message) for message in answer.messages])
    out.append(asdict(understood))
import redis
print(json.dumps({"talk": out, "memory": memory, "real": getattr(redis, "__file__", None) is not None}))
"""


def _talk(project: Project, how: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", TALK, how, str(project.folder), str(project.model)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    result: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_light_rasa_talks_as_the_whole_one(project: Project) -> None:
    light, whole = _talk(project, "light"), _talk(project, "whole")
    assert (light.pop("real"), whole.pop("real")) == (False, True)
    assert light == whole


def test_it_changes_nothing_where_rasa_is_there_already() -> None:
    import rasa.core.processor  # noqa: F401

    from bot.dialogue import light_rasa

    assert not light_rasa.leave_out()
