"""`rasa train`, `data validate`, `shell nlu`, `test` in a project of ours, without TensorFlow and without noise."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.dialogue.conftest import Project, rasa

pytestmark = pytest.mark.slow


def _quiet(output: str) -> bool:
    return "DeprecationWarning" not in output and "MovedIn20" not in output


def test_rasa_train_makes_a_model_quietly(project: Project) -> None:
    assert project.training.returncode == 0, project.training.stderr[-2000:]
    assert project.model.is_file()
    assert _quiet(project.training.stdout + project.training.stderr)


def test_rasa_data_validate_finds_the_project_sound(project: Project) -> None:
    done = rasa(project.folder, "data", "validate")
    assert done.returncode == 0, done.stderr[-2000:]
    assert _quiet(done.stdout + done.stderr)


def test_rasa_shell_nlu_understands(project: Project) -> None:
    done = rasa(project.folder, "shell", "nlu", "-m", str(project.model), say="我还欠多少钱\n/stop\n")
    assert '"name": "query_balance"' in done.stdout
    assert _quiet(done.stdout + done.stderr)


def test_rasa_test_passes_stories_and_examples(project: Project) -> None:
    done = rasa(project.folder, "test", "-m", str(project.model), "--no-plot", "--out", "results")
    assert done.returncode == 0, done.stderr[-2000:]
    written = project.folder / "results"
    assert (written / "intent_report.json").is_file()
    assert "- story" not in (written / "failed_test_stories.yml").read_text(encoding="utf-8")


def _python(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **env}, capture_output=True, text=True, timeout=60
    )


def test_stand_in_answers_imports_only_and_can_be_turned_off() -> None:
    import daihou_tf_standin

    if not daihou_tf_standin.is_active():
        pytest.skip("TensorFlow is installed here")
    assert _python("import tensorflow as tf; tf.keras.layers.Dense").returncode == 0
    assert "ModuleNotFoundError" in _python("import tensorflow", DAIHOU_TF_STANDIN="0").stderr
