"""Linear models over sparse features and sentence vectors, reduced to what answering needs: two tables of weights.

Vectors are read through `bot.nlu.projection`.

A linear support vector machine learns fast and well from few examples a class. Its scores become probabilities by one
temperature (`bot.nlu.calibration`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.svm import LinearSVC

from bot.nlu.projection import Projection

Array = Any

VECTOR_WEIGHT = 1.5  # of a vector's length against a sparse block's (docs/nlu.md)
TOLERANCE = 0.2  # a tighter one changes no answer and takes longer
UNCALIBRATED = 0.2  # the temperature where there is nothing to hold out


@dataclass(frozen=True)
class Linear:
    """`sparse` (features x classes) and `dense` (directions x classes, or None) weights, `bias`, and the temperature.

    `projection` is how vectors are read (None without vectors).
    """

    classes: tuple[str, ...]
    sparse: Array
    dense: Array | None
    bias: Array
    projection: Projection | None = None
    temperature: float = UNCALIBRATED

    @classmethod
    def fit(
        cls,
        matrix: csr_matrix,
        vectors: Array | None,
        labels: Array,
        strength: float,
        directions: int | None = None,
        weights: Array | None = None,
    ) -> Linear:
        """Learn from rows of `matrix` (and `vectors`, if given; see `Projection.fit`), some of which may weigh less than others.
        ValueError: fewer than two classes."""
        projection = None if vectors is None else Projection.fit(vectors, directions)
        inputs = matrix
        if projection is not None:
            inputs = hstack([matrix, csr_matrix(projection.of(vectors) * VECTOR_WEIGHT)]).tocsr()
        model = LinearSVC(C=strength, class_weight="balanced", random_state=0, tol=TOLERANCE)
        model.fit(inputs, labels, sample_weight=weights)
        weights, bias = model.coef_, model.intercept_
        if len(model.classes_) == 2:  # scikit-learn gives one row for two classes
            weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
        table = np.ascontiguousarray(weights.T, dtype=np.float32)  # half the memory, the same answers
        width = matrix.shape[1]
        dense = None if projection is None else table[width:] * np.float32(VECTOR_WEIGHT)
        return cls(tuple(str(one) for one in model.classes_), table[:width], dense, bias.astype(np.float32), projection)

    def packed(self) -> Linear:
        """For file and use: numbers of two bytes, which change no score by more than a thousandth."""
        return replace(self, sparse=self.sparse.astype(np.float16))

    def scores(self, matrix: csr_matrix, vectors: Array | None = None) -> Array:
        """One row a message, one column a class."""
        if matrix.shape[0] == 1:  # scipy would turn the whole table into doubles for one row
            table = self.sparse[matrix.indices].astype(np.float32)
            scores = (matrix.data.astype(np.float32) @ table + self.bias).reshape(1, -1)
        else:
            scores = matrix.astype(np.float32) @ self.sparse.astype(np.float32) + self.bias
        return scores if self.projection is None else scores + self.projection.of(vectors) @ self.dense

    def chances(self, matrix: csr_matrix, vectors: Array | None = None) -> Array:
        """Probabilities, rows summing to one."""
        return softmax(self.scores(matrix, vectors) / self.temperature)

    def speaks_for(self, row: csr_matrix, vector: Array | None, name: str) -> tuple[Array, float]:
        """How much each entry of `row`, and the vector, speak for a class more than for the mean of all."""
        at = self.classes.index(name)
        table = self.sparse[row.indices].astype(np.float32)
        parts = row.data * (table[:, at] - table.mean(axis=1))
        if self.projection is None or self.dense is None or vector is None:
            return parts, 0.0
        return parts, float((self.projection.of(vector) @ (self.dense[:, at] - self.dense.mean(axis=1)))[0])


def softmax(scores: Array) -> Array:
    """Row by row."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
