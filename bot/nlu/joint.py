"""A reading with a sentence vector: a linear model over sparse features and vector, corrected by the nearest examples."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from scipy.sparse import csr_matrix

from bot.nlu.linear import UNCALIBRATED, Linear, softmax
from bot.nlu.neighbours import Neighbours, remembered

Array = Any

NEAR_WEIGHT = 0.1  # of the logarithm of a share among the nearest against a margin of the linear model
DIRECTIONS = 192  # of a vector that are read; more win nothing (docs/nlu.md)


@dataclass(frozen=True)
class Joint:
    """Answers as `Linear` does."""

    linear: Linear
    near: Neighbours
    temperature: float = UNCALIBRATED

    @classmethod
    def fit(
        cls,
        matrix: csr_matrix,
        vectors: Array,
        labels: Array,
        strength: float,
        columns: csr_matrix | None = None,
        weights: Array | None = None,
    ) -> Joint:
        """See `Linear.fit`. `columns`: `remembered(matrix)`, where several share it."""
        linear = Linear.fit(matrix, vectors, labels, strength, DIRECTIONS, weights)
        columns = remembered(matrix) if columns is None else columns
        return cls(linear, Neighbours.fit(columns, vectors, labels, linear.projection))

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
