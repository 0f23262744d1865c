"""Ways to tell intents apart, compared on examples that none of them has learned from.

Every way learns from seven of eight training examples and is asked the eighth (`calibration.held_out`); an evaluation file can be
asked as well. Times are of one message in this process; sizes are of the numbers a way keeps.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors

from bot.nlu.calibration import held_out
from bot.nlu.features import Features, clipped
from bot.nlu.joint import Joint
from bot.nlu.linear import VECTOR_WEIGHT, Linear, centred, softmax
from bot.nlu.vectors import vectors

Array = Any
BINS = 10
NEIGHBOURS = 10
WARMTH = 0.05  # of the neighbours' cosines
STRENGTH = 0.1  # inverse regularisation where there are vectors


@dataclass(frozen=True)
class Asked:
    """Messages as a way is asked them: sparse rows, vectors, and the truth."""

    rows: csr_matrix
    vectors: Array
    labels: Array


@dataclass(frozen=True)
class Line:
    """One line of the table. `accuracies` holds one number a file asked; the first is of the held-out examples."""

    name: str
    accuracies: tuple[float, ...]
    calibration_error: float
    train_seconds: float
    ms: float  # the classifier alone, without features and vector
    megabytes: float


Chances = Callable[[csr_matrix, Array], Array]


def compare(texts: Sequence[str], labels: Array, others: Sequence[tuple[list[str], Array]] = ()) -> list[Line]:
    """The table; `texts` are normalised. `others` are evaluation files, asked but never learned from."""
    held = np.array([held_out(text) for text in texts])
    known = [text for text, out in zip(texts, held, strict=True) if not out]
    features = Features()
    rows, by_vector, truths = features.fit(known), _vectors(known), labels[~held]
    asked = [
        Asked(features.of(some), _vectors(some), theirs)
        for some, theirs in (([t for t, out in zip(texts, held, strict=True) if out], labels[held]), *others)
    ]
    return [
        _line(name, make, rows, by_vector, truths, asked)
        for name, make in (
            ("linear SVM, sparse", _svm(True, False)),
            ("linear SVM, vectors", _svm(False, True)),
            ("logistic regression, both", _logistic),
            ("nearest neighbours, vectors", _neighbours),
            ("mean of SVMs (stacked)", _stacked),
            ("linear SVM, both", _svm(True, True)),
            ("the same and neighbours (used)", _joint),
        )
    ]


def _vectors(texts: Sequence[str]) -> Array:
    return vectors([clipped(text) for text in texts])


def _line(name: str, make: Any, rows: csr_matrix, by_vector: Array, truths: Array, asked: Sequence[Asked]) -> Line:
    started = time.perf_counter()
    chances, classes, size = make(rows, by_vector, truths)
    seconds = time.perf_counter() - started
    found = [chances(one.rows, one.vectors) for one in asked]
    right = [classes[chance.argmax(axis=1)] == one.labels for chance, one in zip(found, asked, strict=True)]
    first = asked[0]
    started = time.perf_counter()
    for at in range(min(50, first.rows.shape[0])):
        chances(first.rows[at], first.vectors[at : at + 1])
    ms = (time.perf_counter() - started) / min(50, first.rows.shape[0]) * 1000
    error = calibration_error(found[0].max(axis=1), right[0])
    return Line(name, tuple(float(one.mean()) for one in right), error, seconds, ms, size / 1e6)


def calibration_error(confidence: Array, right: Array) -> float:
    """Expected calibration error over ten bins."""
    bins = np.minimum(BINS - 1, (confidence * BINS).astype(int))
    return float(
        sum(
            (bins == one).mean() * abs(right[bins == one].mean() - confidence[bins == one].mean())
            for one in np.unique(bins)
        )
    )


def _svm(sparse: bool, dense: bool) -> Any:
    def make(rows: csr_matrix, by_vector: Array, truths: Array) -> tuple[Chances, Array, float]:
        empty = csr_matrix((rows.shape[0], 0))
        model = Linear.fit(rows if sparse else empty, by_vector if dense else None, truths, STRENGTH if dense else 0.6)

        def chances(some: csr_matrix, vectors: Array) -> Array:
            return model.chances(some if sparse else csr_matrix((some.shape[0], 0)), vectors if dense else None)

        size = model.sparse.nbytes + (0 if model.dense is None else model.dense.nbytes)
        return chances, np.array(model.classes), size

    return make


def _joint(rows: csr_matrix, by_vector: Array, truths: Array) -> tuple[Chances, Array, float]:
    model = Joint.fit(rows, by_vector, truths, STRENGTH).packed()
    kept = (
        model.linear.sparse,
        model.linear.dense,
        model.near.vectors,
        model.near.columns.data,
        model.near.columns.indices,
    )
    return model.chances, np.array(model.classes), sum(one.nbytes for one in kept if one is not None)


def _stacked(rows: csr_matrix, by_vector: Array, truths: Array) -> tuple[Chances, Array, float]:
    first, classes, one = _svm(True, False)(rows, by_vector, truths)
    second, _, two = _svm(False, True)(rows, by_vector, truths)
    return lambda some, vectors: (first(some, vectors) + second(some, vectors)) / 2, classes, one + two


def _logistic(rows: csr_matrix, by_vector: Array, truths: Array) -> tuple[Chances, Array, float]:
    centre = by_vector.mean(axis=0)

    def joined(some: csr_matrix, vectors: Array) -> csr_matrix:
        return hstack([some, csr_matrix(centred(vectors, centre) * 2 * VECTOR_WEIGHT)]).tocsr()

    model = LogisticRegression(C=3.0, class_weight="balanced", max_iter=60).fit(joined(rows, by_vector), truths)
    return lambda some, vectors: model.predict_proba(joined(some, vectors)), model.classes_, model.coef_.nbytes / 2


def _neighbours(rows: csr_matrix, by_vector: Array, truths: Array) -> tuple[Chances, Array, float]:
    centre, classes = by_vector.mean(axis=0), np.unique(truths)
    known = centred(by_vector, centre)
    index = NearestNeighbors(n_neighbors=NEIGHBOURS, metric="cosine").fit(known)
    places: Array = np.searchsorted(classes, truths)

    def chances(some: csr_matrix, vectors: Array) -> Array:
        far, which = index.kneighbors(centred(vectors, centre))
        votes = np.zeros((len(which), len(classes)))
        for row, (near, weights) in enumerate(zip(which, softmax(-far / WARMTH), strict=True)):
            np.add.at(votes[row], places[near], weights)
        return votes

    return chances, classes, known.nbytes
