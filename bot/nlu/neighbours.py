"""What the nearest training examples say: the share of each intent among them, nearer ones counting for more.

Nearness is the cosine of sparse rows and of sentence vectors together. Alone this is weaker than a linear model; what it
adds is the exact wording that a linear model has averaged away, most of all where something is out of scope.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, diags

from bot.nlu.linear import centred

Array = Any

NEAREST = 10  # examples asked
WARMTH = 0.03  # of their cosines: one that is so much nearer counts e times as much
SPARSE_WEIGHT = 0.5  # of the sparse cosine against the vectors'
LEAST = 1e-3  # share of an intent that none of them has


@dataclass(frozen=True)
class Neighbours:
    """`columns`: features x examples; `vectors`: examples x 384, centred by `centre`; `labels`: places in the classes."""

    columns: csr_matrix
    vectors: Array
    labels: Array
    classes: int
    centre: Array

    @classmethod
    def fit(cls, matrix: csr_matrix, vectors: Array, labels: Array, centre: Array) -> Neighbours:
        """Remember all examples. `labels` are names."""
        names, places = np.unique(labels, return_inverse=True)
        kept = centred(vectors, centre).astype(np.float32)
        return cls(_unit(matrix).T.tocsr(), kept, places, len(names), centre)

    def scores(self, matrix: csr_matrix, vectors: Array) -> Array:
        """Logarithms of the shares; one row a message, one column a class."""
        near = centred(vectors, self.centre).astype(np.float32) @ self.vectors.T
        near += SPARSE_WEIGHT * (_unit(matrix) @ self.columns).toarray()
        near /= 1 + SPARSE_WEIGHT
        count = min(NEAREST, near.shape[1])
        which = np.argpartition(-near, count - 1, axis=1)[:, :count]
        weights = np.exp((np.take_along_axis(near, which, axis=1) - 1) / WARMTH)
        shares = np.zeros((len(near), self.classes))
        np.add.at(shares, (np.arange(len(near))[:, None], self.labels[which]), weights)
        return np.log(shares / shares.sum(axis=1, keepdims=True) + LEAST)


def _unit(matrix: csr_matrix) -> csr_matrix:
    """Rows of length one, in numbers of four bytes."""
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return (diags(1 / np.maximum(lengths, 1e-9)) @ matrix).tocsr().astype(np.float32)
