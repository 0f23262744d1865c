"""Linear models over sparse features and sentence vectors, reduced to what answering needs: two tables of weights.

A linear support vector machine learns fast and well from few examples a class. Its scores become probabilities by one
temperature, fitted on held-out examples whose unknown words were unknown to the model too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.svm import LinearSVC

from bot.nlu.features import Features

Array = Any  # numpy arrays carry no useful types in 1.23

VECTOR_WEIGHT = 2.0  # of a vector's length against a sparse block's; 2 was best of 1, 2, 3, 4 in cross-validation
TOLERANCE = 0.05  # a tighter one changes no answer and doubles the time
HELD_OUT = 0.25  # of the examples, for the temperature
UNCALIBRATED = 0.2  # the temperature where there is nothing to hold out
TEMPERATURES = np.geomspace(0.02, 1.0, 40)


@dataclass(frozen=True)
class Linear:
    """`sparse` (features x classes) and `dense` (512 x classes, or None) weights, `bias`, and the temperature."""

    classes: tuple[str, ...]
    sparse: Array
    dense: Array | None
    bias: Array
    temperature: float = UNCALIBRATED

    @classmethod
    def fit(cls, matrix: csr_matrix, vectors: Array | None, labels: Array, strength: float) -> Linear:
        """Learn from rows of `matrix` (and `vectors`, if given). ValueError: fewer than two classes."""
        inputs = matrix if vectors is None else hstack([matrix, csr_matrix(vectors * VECTOR_WEIGHT)]).tocsr()
        model = LinearSVC(C=strength, class_weight="balanced", random_state=0, tol=TOLERANCE).fit(inputs, labels)
        weights, bias = model.coef_, model.intercept_
        if len(model.classes_) == 2:  # scikit-learn gives one row for two classes
            weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
        table = np.ascontiguousarray(weights.T, dtype=np.float32)  # half the memory, the same answers
        width = matrix.shape[1]
        dense = None if vectors is None else table[width:] * np.float32(VECTOR_WEIGHT)
        return cls(tuple(str(one) for one in model.classes_), table[:width], dense, bias.astype(np.float32))

    def packed(self) -> Linear:
        """For the model file: numbers of two bytes, which pack faster and change no score by more than a thousandth."""
        return replace(self, sparse=self.sparse.astype(np.float16))

    def unpacked(self) -> Linear:
        """For use, from what `packed` made."""
        return replace(self, sparse=self.sparse.astype(np.float32))

    def scores(self, matrix: csr_matrix, vectors: Array | None = None) -> Array:
        """One row a message, one column a class."""
        if matrix.shape[0] == 1:  # scipy would turn the whole table into doubles for one row
            scores = matrix.data.astype(np.float32) @ self.sparse[matrix.indices] + self.bias
            scores = scores.reshape(1, -1)
        else:
            scores = matrix.astype(np.float32) @ self.sparse + self.bias
        return scores if self.dense is None else scores + vectors @ self.dense

    def chances(self, matrix: csr_matrix, vectors: Array | None = None) -> Array:
        """Probabilities, rows summing to one."""
        return softmax(self.scores(matrix, vectors) / self.temperature)


class Trial:
    """A stratified part of the examples held out, with features that never saw it. Shared by the models to calibrate."""

    def __init__(self, texts: Sequence[str], labels: Array) -> None:
        """ValueError: some class has a single example."""
        split = StratifiedShuffleSplit(1, test_size=max(HELD_OUT, len(set(labels)) / len(labels)), random_state=0)
        self._learn, self._held = next(split.split(labels, labels))
        features = Features()
        self._labels = labels
        self._known = features.fit([texts[one] for one in self._learn])
        self._asked = features.of(texts[one] for one in self._held)

    def calibrated(self, model: Linear, vectors: Array | None, strength: float) -> Linear:
        """`model` with the temperature under which the held-out truths are most likely."""
        learn, held = self._learn, self._held
        part = Linear.fit(self._known, None if vectors is None else vectors[learn], self._labels[learn], strength)
        scores = part.scores(self._asked, None if vectors is None else vectors[held])
        truths = np.searchsorted(np.array(part.classes), self._labels[held])
        rows = np.arange(len(truths))
        losses = [-np.log(softmax(scores / one)[rows, truths] + 1e-12).mean() for one in TEMPERATURES]
        return replace(model, temperature=float(TEMPERATURES[int(np.argmin(losses))]))


def softmax(scores: Array) -> Array:
    """Row by row."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
