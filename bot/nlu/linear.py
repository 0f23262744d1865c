"""Linear models over sparse features and sentence vectors, reduced to what answering needs: two tables of weights.

The vectors of any two messages are much alike, so the mean of the training vectors is taken from each and what is left made
of length one.

A linear support vector machine learns fast and well from few examples a class. Its scores become probabilities by one
temperature, fitted on held-out examples whose unknown words were unknown to the model too.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.svm import LinearSVC

from bot.nlu.features import Features

Array = Any  # numpy arrays carry no useful types in 1.23

VECTOR_WEIGHT = 1.5  # of a vector's length against a sparse block's (docs/nlu.md)
TOLERANCE = 0.05  # a tighter one changes no answer and doubles the time
HELD_OUT = 8  # one example in so many, chosen by its text, for the temperature
UNCALIBRATED = 0.2  # the temperature where there is nothing to hold out
TEMPERATURES = np.geomspace(0.02, 1.0, 40)


@dataclass(frozen=True)
class Linear:
    """`sparse` (features x classes) and `dense` (384 x classes, or None) weights, `bias`, and the temperature.

    `centre` is the mean of the training vectors (None without vectors).
    """

    classes: tuple[str, ...]
    sparse: Array
    dense: Array | None
    bias: Array
    centre: Array | None = None
    temperature: float = UNCALIBRATED

    @classmethod
    def fit(cls, matrix: csr_matrix, vectors: Array | None, labels: Array, strength: float) -> Linear:
        """Learn from rows of `matrix` (and `vectors`, if given). ValueError: fewer than two classes."""
        centre = None if vectors is None else vectors.mean(axis=0)
        inputs = matrix
        if vectors is not None:
            inputs = hstack([matrix, csr_matrix(centred(vectors, centre) * VECTOR_WEIGHT)]).tocsr()
        model = LinearSVC(C=strength, class_weight="balanced", random_state=0, tol=TOLERANCE).fit(inputs, labels)
        weights, bias = model.coef_, model.intercept_
        if len(model.classes_) == 2:  # scikit-learn gives one row for two classes
            weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
        table = np.ascontiguousarray(weights.T, dtype=np.float32)  # half the memory, the same answers
        width = matrix.shape[1]
        dense = None if vectors is None else table[width:] * np.float32(VECTOR_WEIGHT)
        return cls(tuple(str(one) for one in model.classes_), table[:width], dense, bias.astype(np.float32), centre)

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
        return scores if self.dense is None else scores + centred(vectors, self.centre) @ self.dense

    def chances(self, matrix: csr_matrix, vectors: Array | None = None) -> Array:
        """Probabilities, rows summing to one."""
        return softmax(self.scores(matrix, vectors) / self.temperature)

    def speaks_for(self, row: csr_matrix, vector: Array | None, name: str) -> tuple[Array, float]:
        """How much each entry of `row`, and the vector, speak for a class more than for the mean of all."""
        at = self.classes.index(name)
        table = self.sparse[row.indices]
        parts = row.data * (table[:, at] - table.mean(axis=1))
        if self.dense is None or vector is None:
            return parts, 0.0
        return parts, float((centred(vector, self.centre) @ (self.dense[:, at] - self.dense.mean(axis=1)))[0])


class Trial:
    """A fixed part of the examples held out, with features that never saw it. Shared by the models to calibrate."""

    def __init__(self, texts: Sequence[str], labels: Array) -> None:
        held = np.array([held_out(text) for text in texts])
        held &= np.isin(labels, labels[~held])  # an intent that would be left without examples keeps them
        self._learn, self._held = np.flatnonzero(~held), np.flatnonzero(held)
        features = Features()
        self._labels = labels
        self._known = features.fit([texts[one] for one in self._learn])
        self._asked = features.of(texts[one] for one in self._held)

    def __bool__(self) -> bool:
        """Whether anything is held out."""
        return self._held.size > 0

    def calibrated(self, model: Linear, vectors: Array | None, strength: float) -> Linear:
        """`model` with the temperature under which the held-out truths are most likely."""
        learn, held = self._learn, self._held
        part = Linear.fit(self._known, None if vectors is None else vectors[learn], self._labels[learn], strength)
        scores = part.scores(self._asked, None if vectors is None else vectors[held])
        truths = np.searchsorted(np.array(part.classes), self._labels[held])
        rows = np.arange(len(truths))
        losses = [-np.log(softmax(scores / one)[rows, truths] + 1e-12).mean() for one in TEMPERATURES]
        return replace(model, temperature=float(TEMPERATURES[int(np.argmin(losses))]))


def held_out(text: str) -> bool:
    """Whether an example is kept for calibration: by its text alone, so that every comparison leaves out the same."""
    return zlib.crc32(text.encode()) % HELD_OUT == 0


def centred(vectors: Array, centre: Array) -> Array:
    """Vectors without what all have in common, of length one."""
    left = vectors - centre
    return left / np.maximum(np.linalg.norm(left, axis=1, keepdims=True), 1e-9)


def softmax(scores: Array) -> Array:
    """Row by row."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
