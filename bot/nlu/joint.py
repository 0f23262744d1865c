"""The reading that has everything: a linear model over sparse features and vector, corrected by the nearest examples."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from scipy.sparse import csr_matrix

from bot.nlu.linear import UNCALIBRATED, Linear, softmax
from bot.nlu.neighbours import Neighbours

Array = Any

NEAR_WEIGHT = 0.1  # of the logarithm of a share among the nearest against a margin of the linear model


@dataclass(frozen=True)
class Joint:
    """Answers as `Linear` does."""

    linear: Linear
    near: Neighbours
    temperature: float = UNCALIBRATED

    @classmethod
    def fit(cls, matrix: csr_matrix, vectors: Array, labels: Array, strength: float) -> Joint:
        """See `Linear.fit`."""
        linear = Linear.fit(matrix, vectors, labels, strength)
        return cls(linear, Neighbours.fit(matrix, vectors, labels, linear.centre))

    @property
    def classes(self) -> tuple[str, ...]:
        return self.linear.classes

    def packed(self) -> Joint:
        return replace(self, linear=self.linear.packed())

    def scores(self, matrix: csr_matrix, vectors: Array) -> Array:
        """One row a message, one column a class."""
        return self.linear.scores(matrix, vectors) + NEAR_WEIGHT * self.near.scores(matrix, vectors)

    def chances(self, matrix: csr_matrix, vectors: Array) -> Array:
        """Probabilities, rows summing to one."""
        return softmax(self.scores(matrix, vectors) / self.temperature)
