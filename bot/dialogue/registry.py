"""Which model belongs to which data: trained when none matches, found again by its hash when one does."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import yaml

from bot.errors import ConfigError
from bot.settings import ROOT, Settings

NEURAL = (
    "DIETClassifier",
    "TEDPolicy",
    "ResponseSelector",
    "UnexpecTEDIntentPolicy",
    "ConveRTFeaturizer",
    "LanguageModelFeaturizer",
)
KEPT = 3  # models on disk; older ones are removed after a training
TELL_SECONDS = 10.0  # between two lines of progress
PARTIAL, STALE_SECONDS = "training-", 3600.0  # folders of trainings; one so old was killed


def data_hash(root: Path = ROOT) -> str:
    """Changes whenever the model would: configuration, domain, training data, our components, Rasa's version."""
    digest = hashlib.sha256()
    for path in _sources(root):
        digest.update(str(path.relative_to(root)).encode())
        digest.update(_content(path))
    digest.update(_rasa_version().encode())
    return digest.hexdigest()[:16]


def _content(path: Path) -> bytes:
    """What of a file the model learns from. The domain's sentences are read when speaking: a changed word needs no training."""
    if path.name != "domain.yml":
        return path.read_bytes()
    parsed = yaml.safe_load(path.read_text(encoding="utf-8"))
    parsed["responses"] = []
    return json.dumps(parsed, sort_keys=True).encode()


def _sources(root: Path) -> Iterator[Path]:
    yield root / "config.yml"
    yield root / "domain.yml"
    for folder in (root / "data", root / "bot" / "nlu"):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in (".py", ".yml", ".yaml", ".txt", ".tsv", ".json"):
                yield path


def _rasa_version() -> str:
    from importlib.metadata import version

    return version("rasa")


def find(models: Path, wanted: str) -> Path | None:
    """The model trained from that hash, if its file is there."""
    for name, facts in read(models).items():
        if facts["hash"] == wanted and (models / name).is_file():
            return models / name
    return None


def read(models: Path) -> dict[str, dict[str, Any]]:
    """The registry: file name -> hash, trained_at, seconds."""
    path = models / "registry.json"
    if not path.is_file():
        return {}
    registry: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return registry


def ensure_model(settings: Settings, tell: Callable[[str], Any] | None = None, force: bool = False) -> Path:
    """The model for the present data, trained first where there is none.

    Raises:
        ConfigError: the configuration needs TensorFlow, which is not installed; or training failed.
    """
    tell = tell or _say
    refuse_neural(ROOT / "config.yml")
    wanted = data_hash()
    known = None if force else find(settings.models_dir, wanted)
    if known is not None:
        return known
    tell(
        "· model: none matches data and config, training one (a minute or two; the first time some more, for sentence vectors)"
    )
    started = time.monotonic()
    settings.models_dir.mkdir(parents=True, exist_ok=True)
    name = f"{datetime.now(timezone.utc):%Y%m%d-%H%M%S}-{wanted[:8]}.tar.gz"
    _forget_killed(settings.models_dir)
    with tempfile.TemporaryDirectory(dir=settings.models_dir, prefix=PARTIAL) as partial, _progress(tell):
        made = _train(Path(partial))
        os.replace(made, settings.models_dir / name)
    seconds = round(time.monotonic() - started, 1)
    _register(settings.models_dir, name, wanted, seconds)
    tell(f"· model: {name} trained in {seconds} s")
    return settings.models_dir / name


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _forget_killed(models: Path) -> None:
    for folder in models.glob(f"{PARTIAL}*"):
        if time.time() - folder.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _progress(tell: Callable[[str], Any]) -> Iterator[None]:
    """A line now and then, so that nobody takes a slow machine for a dead one."""
    done, started = threading.Event(), time.monotonic()

    def talk() -> None:
        while not done.wait(TELL_SECONDS):
            tell(f"· model: still training, {time.monotonic() - started:.0f} s")

    teller = threading.Thread(target=talk, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def _train(output: Path) -> Path:
    """One training, in a process of its own: its memory is not the server's. `models/training.log` keeps what it says."""
    log = output.parent / "training.log"
    with log.open("w", encoding="utf-8") as lines:
        command = [sys.executable, "-W", "ignore", "-m", "bot.dialogue.training", str(ROOT), str(output)]
        subprocess.run(command, cwd=ROOT, stdout=lines, stderr=lines, check=False)
    made = next(output.glob("*.tar.gz"), None)
    if made is None:
        raise ConfigError(f"training made no model: see {log}; `rasa data validate` says what is wrong with the data")
    return made


def _register(models: Path, name: str, wanted: str, seconds: float) -> None:
    registry = {old: facts for old, facts in read(models).items() if (models / old).is_file()}
    registry[name] = {
        "hash": wanted,
        "trained_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "seconds": seconds,
    }
    for old in sorted(registry)[:-KEPT]:
        (models / old).unlink(missing_ok=True)
        del registry[old]
    with tempfile.NamedTemporaryFile("w", dir=models, delete=False, encoding="utf-8") as partial:
        json.dump(registry, partial, indent=2)
    os.replace(partial.name, models / "registry.json")


def refuse_neural(config: Path) -> None:
    """Say at once, and with the way out, that a configuration needs what is not installed."""
    from importlib.util import find_spec

    import daihou_tf_standin

    if not daihou_tf_standin.is_active() and find_spec("tensorflow") is not None:
        return
    written = yaml.safe_load(config.read_text(encoding="utf-8")) or {}
    parts = [str(part.get("name")) for key in ("pipeline", "policies") for part in written.get(key) or []]
    needing = sorted({part for part in parts if part.rpartition(".")[2] in NEURAL})
    if needing:
        raise ConfigError(
            f"{config.name} names {', '.join(needing)}, which need TensorFlow: run `make tensorflow` first"
        )
