"""What sentence vectors differ in: the mean of the training vectors is taken from each, what is left made of length one.

The vectors of any two messages are much alike; without their common part they tell wishes apart. The directions in which
training vectors hardly differ can be left out, which halves what a model learns from and keeps (docs/nlu.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any  # numpy arrays carry no useful types in 1.23


@dataclass(frozen=True)
class Projection:
    """`centre`: the mean vector; `axes`: vector's width x kept directions, or None where all are kept."""

    centre: Array
    axes: Array | None = None

    @classmethod
    def fit(cls, vectors: Array, directions: int | None = None) -> Projection:
        """That of training vectors; the `directions` of the widest spread are kept, all without."""
        centre = vectors.mean(axis=0)
        if directions is None or directions >= vectors.shape[1]:
            return cls(centre)
        left = _unit(vectors - centre)
        spread, axes = np.linalg.eigh(left.T @ left)
        return cls(centre, np.ascontiguousarray(axes[:, np.argsort(-spread)[:directions]], dtype=np.float32))

    def of(self, vectors: Array) -> Array:
        """Rows of length one."""
        left = _unit(vectors - self.centre)
        return left if self.axes is None else _unit(left @ self.axes)


def _unit(rows: Array) -> Array:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
