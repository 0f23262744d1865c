"""What the nearest training examples say: the share of each intent among them, nearer ones counting for more.

Nearness is the cosine of sparse rows and of sentence vectors together. Alone this is weaker than a linear model; what it
adds is the exact wording that a linear model has averaged away, most of all where something is out of scope.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, diags

from bot.nlu.projection import Projection

Array = Any

NEAREST = 10  # examples asked
WARMTH = 0.03  # of their cosines: one that is so much nearer counts e times as much
SPARSE_WEIGHT = 0.5  # of the sparse cosine against the vectors'
LEAST = 1e-3  # share of an intent that none of them has


@dataclass(frozen=True)
class Neighbours:
    """`columns`: features x examples; `vectors`: examples x directions, as `projection` reads them; `labels`: places in the classes."""

    columns: csr_matrix
    vectors: Array
    labels: Array
    classes: int
    projection: Projection

    @classmethod
    def fit(cls, columns: csr_matrix, vectors: Array, labels: Array, projection: Projection) -> Neighbours:
        """Remember all examples. `columns`: see `remembered`; `labels` are names."""
        names, places = np.unique(labels, return_inverse=True)
        return cls(columns, projection.of(vectors).astype(np.float32), places, len(names), projection)

    def scores(self, matrix: csr_matrix, vectors: Array) -> Array:
        """Logarithms of the shares; one row a message, one column a class."""
        near = self.projection.of(vectors).astype(np.float32) @ self.vectors.T
        near += SPARSE_WEIGHT * (_unit(matrix) @ self.columns).toarray()
        near /= 1 + SPARSE_WEIGHT
        count = min(NEAREST, near.shape[1])
        which = np.argpartition(-near, count - 1, axis=1)[:, :count]
        weights = np.exp((np.take_along_axis(near, which, axis=1) - 1) / WARMTH)
        shares = np.zeros((len(near), self.classes))
        np.add.at(shares, (np.arange(len(near))[:, None], self.labels[which]), weights)
        return np.log(shares / shares.sum(axis=1, keepdims=True) + LEAST)


def remembered(matrix: csr_matrix) -> csr_matrix:
    """Sparse rows as all `Neighbours` of the same examples share them."""
    return _unit(matrix).T.tocsr()


def _unit(matrix: csr_matrix) -> csr_matrix:
    """Rows of length one, in numbers of four bytes."""
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return (diags(1 / np.maximum(lengths, 1e-9)) @ matrix).tocsr().astype(np.float32)
