"""Which model fits the data; a training that fails leaves nothing; neural components are refused with the way out."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
import yaml

from bot.dialogue import registry
from bot.errors import ConfigError
from bot.settings import ROOT, Settings
from tests.dialogue import mini


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project whose files the hash reads."""
    mini.write(tmp_path)
    shutil.copytree(ROOT / "bot" / "nlu", tmp_path / "bot" / "nlu", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "data" / "lexicon").mkdir()
    (tmp_path / "data" / "lexicon" / "trade.txt").write_text("提前结清\n", encoding="utf-8")
    responses = {"version": "3.1", "responses": {"utter_faq": [{"text": "是。"}]}}
    (tmp_path / "data" / "responses.yml").write_text(yaml.safe_dump(responses), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "name", ["config.yml", "data/nlu.yml", "data/rules.yml", "data/lexicon/trade.txt", "bot/nlu/intents.py"]
)
def test_hash_changes_with_whatever_the_model_learns_from(root: Path, name: str) -> None:
    before = registry.data_hash(root)
    with (root / name).open("a", encoding="utf-8") as file:
        file.write("# one line more\n")
    assert registry.data_hash(root) != before


def test_hash_changes_with_intents_slots_actions_and_rasas_version(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = registry.data_hash(root)
    domain = yaml.safe_load((root / "domain.yml").read_text(encoding="utf-8"))
    for key in ("intents", "actions"):
        changed = {**domain, key: [*domain[key], "one_more"]}
        (root / "domain.yml").write_text(yaml.safe_dump(changed), encoding="utf-8")
        assert registry.data_hash(root) != before
    (root / "domain.yml").write_text(yaml.safe_dump(domain), encoding="utf-8")
    assert registry.data_hash(root) == before
    monkeypatch.setattr(registry, "_rasa_version", lambda: "3.6.99")
    assert registry.data_hash(root) != before


def test_hash_stays_when_only_sentences_of_the_domain_change(root: Path) -> None:
    before = registry.data_hash(root)
    parsed = yaml.safe_load((root / "domain.yml").read_text(encoding="utf-8"))
    next(iter(parsed["responses"].values()))[0]["text"] = "别的话"
    (root / "domain.yml").write_text(yaml.safe_dump(parsed, allow_unicode=True), encoding="utf-8")
    assert registry.data_hash(root) == before


def test_hash_ignores_what_no_model_reads(root: Path) -> None:
    before = registry.data_hash(root)
    (root / "bot" / "nlu" / "__pycache__").mkdir()
    (root / "bot" / "nlu" / "__pycache__" / "x.cpython-310.pyc").write_bytes(b"x")
    (root / "data" / "notes.md").write_text("x")
    assert registry.data_hash(root) == before


# -- the registry


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(models_dir=tmp_path / "models")


def _pretend(monkeypatch: pytest.MonkeyPatch, wanted: str = "h1") -> list[str]:
    """Training that only writes a file; the list counts how often."""
    trained: list[str] = []

    def train(output: Path) -> Path:
        trained.append(wanted)
        (output / "rasa-chose-this-name.tar.gz").write_bytes(b"model")
        return output / "rasa-chose-this-name.tar.gz"

    monkeypatch.setattr(registry, "_train", train)
    monkeypatch.setattr(registry, "data_hash", lambda *_: wanted)
    return trained


def test_model_is_trained_once_and_found_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    trained = _pretend(monkeypatch)
    told: list[str] = []
    first = registry.ensure_model(settings, told.append)
    assert first.read_bytes() == b"model"
    assert len(told) == 2  # that it trains and how long it took
    assert registry.ensure_model(settings, told.append) == first
    assert (trained, len(told)) == (["h1"], 2)
    assert registry.ensure_model(settings, told.append, force=True).is_file()
    assert trained == ["h1", "h1"]


def test_model_whose_file_is_gone_is_trained_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    trained = _pretend(monkeypatch)
    registry.ensure_model(settings, lambda _: None).unlink()
    assert registry.ensure_model(settings, lambda _: None).is_file()
    assert len(trained) == 2


def test_training_that_fails_leaves_nothing_behind(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch)
    kept = registry.ensure_model(settings, lambda _: None)
    before = registry.read(settings.models_dir)

    def half(output: Path) -> Path:
        (output / "half.tar.gz").write_bytes(b"ha")
        raise RuntimeError("killed")

    monkeypatch.setattr(registry, "_train", half)
    monkeypatch.setattr(registry, "data_hash", lambda *_: "h2")
    with pytest.raises(RuntimeError):
        registry.ensure_model(settings, lambda _: None)
    assert registry.read(settings.models_dir) == before
    assert sorted(path.name for path in settings.models_dir.iterdir()) == sorted([kept.name, "registry.json"])


def test_what_a_killed_training_left_goes_with_the_next_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _pretend(monkeypatch)
    old, running = settings.models_dir / "training-old", settings.models_dir / "training-now"
    for folder in (old, running):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))
    registry.ensure_model(settings, lambda _: None)
    assert (old.exists(), running.exists()) == (False, True)


def test_long_training_says_now_and_then_that_it_lives(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _pretend(monkeypatch)
    at_once = registry._train

    def slow(output: Path) -> Path:
        time.sleep(0.2)
        return at_once(output)

    monkeypatch.setattr(registry, "_train", slow)
    monkeypatch.setattr(registry, "TELL_SECONDS", 0.05)
    registry.ensure_model(settings)
    said = capsys.readouterr().err.splitlines()
    assert "still training" in said[1]
    assert "trained in" in said[-1]


def test_only_the_last_models_stay_on_the_disk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(registry.KEPT + 2):
        _pretend(monkeypatch, f"hash{number}")
        last = registry.ensure_model(settings, lambda _: None)
        renamed = last.with_name(f"{number}-{last.name}")  # trainings of one second would be told apart by hash only
        last.rename(renamed)
        registry._register(settings.models_dir, renamed.name, f"hash{number}", 1.0)
    assert len(list(settings.models_dir.glob("*.tar.gz"))) == registry.KEPT
    assert set(registry.read(settings.models_dir)) == {path.name for path in settings.models_dir.glob("*.tar.gz")}


def test_training_that_cannot_work_says_where_to_look(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "ROOT", settings.models_dir)  # no project there
    settings.models_dir.mkdir()
    (settings.models_dir / "config.yml").write_text("pipeline: []", encoding="utf-8")
    monkeypatch.setattr(registry, "data_hash", lambda *_: "h")
    with pytest.raises(ConfigError, match=r"training\.log"):
        registry.ensure_model(settings, lambda _: None)
    assert not list(settings.models_dir.glob("*.tar.gz"))
    assert not list(settings.models_dir.glob("training-*"))


# -- components that need TensorFlow


@pytest.mark.parametrize("key", ["pipeline", "policies"])
@pytest.mark.parametrize(
    "name", ["DIETClassifier", "TEDPolicy", "ResponseSelector", "rasa.nlu.classifiers.diet_classifier.DIETClassifier"]
)
def test_neural_component_is_refused_with_the_command_that_helps(tmp_path: Path, key: str, name: str) -> None:
    import daihou_tf_standin

    if not daihou_tf_standin.is_active():
        pytest.skip("TensorFlow is installed here")
    config = tmp_path / "config.yml"
    config.write_text(yaml.safe_dump({key: [{"name": name}]}), encoding="utf-8")
    with pytest.raises(ConfigError, match="make tensorflow") as refused:
        registry.refuse_neural(config)
    assert name in str(refused.value)


def test_our_own_configuration_is_not_refused() -> None:
    registry.refuse_neural(ROOT / "config.yml")
