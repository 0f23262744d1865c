"""The mini project, trained once by the plain `rasa` command, and turns to put to its brain."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.dialogue.brain import Answer, Brain
from bot.dialogue.speech import Speech, load_responses
from bot.dialogue.turn import Speaker, Turn, Understanding
from bot.settings import Settings
from tests.dialogue import mini

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=timezone.utc)


def rasa(folder: Path, *words: str, say: str = "") -> subprocess.CompletedProcess[str]:
    """The `rasa` command of this environment, as a newcomer types it."""
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONWARNINGS", "PYTHONDONTWRITEBYTECODE")}
    command = [str(Path(sys.executable).parent / "rasa"), *words]
    return subprocess.run(command, cwd=folder, env=env, input=say, capture_output=True, text=True, timeout=300)


@dataclass(frozen=True)
class Project:
    folder: Path
    model: Path
    training: subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = mini.write(tmp_path_factory.mktemp("mini"))
    done = rasa(folder, "train", "--fixed-model-name", "mini")
    return Project(folder, folder / "models" / "mini.tar.gz", done)


def load(project: Project, *, direct: bool = True) -> Brain:
    speech = Speech(load_responses(project.folder))
    services = SimpleNamespace(speech=speech, settings=Settings(rasa_direct=direct))
    return Brain.load(project.model, services, package="tests.dialogue.mini_actions")


@pytest.fixture(scope="session")
def brain(project: Project) -> Brain:
    return load(project)


def turn_of(understanding: Understanding, language: str = "zh-Hans", channel: str = "rest", text: str = "") -> Turn:
    """A turn of a proven borrower."""
    return Turn(
        conversation_id="c1",
        turn_id="t1",
        speaker=Speaker("s1", channel, "u1", 2, "C1"),
        text=text,
        understanding=understanding,
        now=NOW,
        today=NOW.date(),
        language=language,
        services=None,
    )


async def say(brain: Brain, text: str, memory: dict[str, Any] | None = None, **turn: Any) -> Answer:
    return await brain.respond(turn_of(brain.understand(text), text=text, **turn), memory)
