"""A stock Rasa project over the same examples: what anybody gets who follows Rasa's tutorial. Used by the bench only."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import yaml

from tests.processes import ROOT, free_port

EPOCHS = int(os.environ.get("EPOCHS", "50"))
CONFIG = {
    "recipe": "default.v1",
    "assistant_id": "stock",
    "language": "zh",
    "pipeline": [
        {"name": "JiebaTokenizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "DIETClassifier", "epochs": EPOCHS},
        {"name": "FallbackClassifier", "threshold": 0.3},
    ],
    "policies": [{"name": "MemoizationPolicy"}, {"name": "RulePolicy"}],
}
ACTION = """
from rasa_sdk import Action


class ActionAnswer(Action):
    def name(self):
        return "action_answer"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="应还 ¥5,383.60，2026年12月5日到期。")
        return []
"""


class StockProject:
    """Made in `folder`, run with the Python of an environment that has TensorFlow."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._bin = environment() / "bin"
        self._running: list[subprocess.Popen[bytes]] = []
        self.port, self._action_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._write()

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self._running]

    def train(self) -> float:
        """Seconds of `rasa train`."""
        started = time.monotonic()
        self._rasa("train", "--fixed-model-name", "stock").wait()
        if not (self.folder / "models" / "stock.tar.gz").is_file():
            raise RuntimeError(f"stock training failed: {(self.folder / 'train.log').read_text()[-2000:]}")
        return time.monotonic() - started

    def start(self) -> None:
        """The action server and the HTTP server."""
        self._running = [
            self._rasa("run", "actions", "--port", str(self._action_port)),
            self._rasa("run", "--port", str(self.port), "--model", "models/stock.tar.gz", "--endpoints", "endpoints.yml",
                       "--credentials", "credentials.yml"),
        ]  # fmt: skip

    def stop(self) -> None:
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.wait(20)

    def _rasa(self, *words: str) -> subprocess.Popen[bytes]:
        env = {**os.environ, "PYTHONWARNINGS": "ignore", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        log = (self.folder / f"{words[0]}{'-actions' if 'actions' in words else ''}.log").open("wb")
        return subprocess.Popen(
            [str(self._bin / "python"), "-m", "rasa", *words], cwd=self.folder, env=env, stdout=log, stderr=log
        )

    def _write(self) -> None:
        examples: dict[str, list[str]] = {}
        for path in sorted((ROOT / "data").rglob("nlu.yml")):
            for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
                examples.setdefault(block["intent"].partition("/")[0], []).append(block["examples"])
        intents = sorted(examples)
        files = {
            "config.yml": CONFIG,
            "domain.yml": {"version": "3.1", "intents": [*intents, "nlu_fallback"], "actions": ["action_answer"]},
            "endpoints.yml": {"action_endpoint": {"url": f"http://127.0.0.1:{self._action_port}/webhook"}},
            "credentials.yml": {"rest": None},
            "data/nlu.yml": {"version": "3.1", "nlu": [{"intent": i, "examples": "".join(examples[i])} for i in intents]},
            "data/rules.yml": {"version": "3.1", "rules": [
                {"rule": i, "steps": [{"intent": i}, {"action": "action_answer"}]} for i in [*intents, "nlu_fallback"]]},
        }  # fmt: skip
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
        (self.folder / "actions").mkdir()
        (self.folder / "actions" / "__init__.py").write_text(ACTION, encoding="utf-8")


def environment() -> Path:
    """An environment with TensorFlow: STOCK_VENV, or `.tools/stock`, made from our lock file with the extra."""
    named = os.environ.get("STOCK_VENV")
    if named:
        return Path(named)
    made = ROOT / ".tools" / "stock"
    if not (made / "bin" / "python").exists():
        uv = ROOT / ".tools" / "uv" / "bin" / "uv"
        command = [str(uv) if uv.exists() else "uv", "sync", "--locked", "--extra", "tensorflow", "--compile-bytecode",
                   "--python", sys.executable]  # fmt: skip
        subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, "UV_PROJECT_ENVIRONMENT": str(made)})
    return made
