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
from bot.nlu.cascade import STRENGTHS, SURE, Cascade, Learned
from bot.nlu.features import Features, clipped
from bot.nlu.joint import Joint
from bot.nlu.linear import VECTOR_WEIGHT, Linear, softmax
from bot.nlu.projection import Projection
from bot.nlu.vectors import DEEP, QUICK

Array = Any
BINS = 10
NEIGHBOURS = 10
WARMTH = 0.05  # of the neighbours' cosines


@dataclass(frozen=True)
class Line:
    """One line of the table. `accuracies` holds one number a file asked; the first is of the held-out examples."""

    name: str
    accuracies: tuple[float, ...]
    calibration_error: float
    train_seconds: float
    ms: float  # the classifier alone, without features and vector
    megabytes: float


Chances = Callable[[csr_matrix, Array, Array], Array]  # of rows, quick and deep vectors
Way = Callable[[Learned, Features, csr_matrix], tuple[Chances, Array, float]]  # how to ask it, its classes, its bytes


def compare(texts: Sequence[str], labels: Array, others: Sequence[tuple[list[str], Array]] = ()) -> list[Line]:
    """The table; `texts` are normalised. `others` are evaluation files, asked but never learned from."""
    everything = _learned(texts, labels)
    held = np.array([held_out(text) for text in texts])
    known, asked = everything.of(~held), [everything.of(held), *(_learned(*other) for other in others)]
    features = Features()
    rows = features.fit(known.texts)
    return [
        _line(name, make, known, features, rows, asked)
        for name, make in (
            ("linear SVM, sparse", _svm(True, None)),
            ("linear SVM, quick vectors", _svm(False, "quick")),
            ("linear SVM, deep vectors", _svm(False, "deep")),
            ("logistic regression, sparse and deep", _logistic),
            ("nearest neighbours, deep vectors", _neighbours),
            ("mean of SVMs, sparse and deep (stacked)", _stacked),
            ("linear SVM, sparse and quick", _svm(True, "quick")),
            ("linear SVM, sparse and deep", _svm(True, "deep")),
            ("the same and neighbours", _joint),
            ("cascade of sparse, quick and deep (used)", _cascade),
        )
    ]


def _learned(texts: Sequence[str], labels: Array) -> Learned:
    short = [clipped(text) for text in texts]
    return Learned(texts, QUICK.vectors(short), DEEP.vectors(short), labels)


def _line(name: str, make: Way, known: Learned, features: Features, rows: csr_matrix, asked: Sequence[Learned]) -> Line:
    started = time.perf_counter()
    chances, classes, size = make(known, features, rows)
    seconds = time.perf_counter() - started
    of = [features.of(one.texts) for one in asked]
    found = [chances(row, one.quick, one.deep) for row, one in zip(of, asked, strict=True)]
    right = [classes[chance.argmax(axis=1)] == one.labels for chance, one in zip(found, asked, strict=True)]
    first, several = asked[0], range(min(50, len(asked[0].texts)))
    started = time.perf_counter()
    for at in several:
        chances(of[0][at], first.quick[at : at + 1], first.deep[at : at + 1])
    ms = (time.perf_counter() - started) / len(several) * 1000
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


def _svm(sparse: bool, encoder: str | None) -> Way:
    def make(known: Learned, _: Features, rows: csr_matrix) -> tuple[Chances, Array, float]:
        empty = csr_matrix((rows.shape[0], 0))
        strength = STRENGTHS.joint if encoder else STRENGTHS.sparse
        vectors = getattr(known, encoder) if encoder else None
        model = Linear.fit(rows if sparse else empty, vectors, known.labels, strength)

        def chances(some: csr_matrix, quick: Array, deep: Array) -> Array:
            asked = {None: None, "quick": quick, "deep": deep}[encoder]
            return model.chances(some if sparse else csr_matrix((some.shape[0], 0)), asked)

        return (
            chances,
            np.array(model.classes),
            model.sparse.nbytes + (0 if model.dense is None else model.dense.nbytes),
        )

    return make


def _joint(known: Learned, _: Features, rows: csr_matrix) -> tuple[Chances, Array, float]:
    model = Joint.fit(rows, known.deep, known.labels, STRENGTHS.joint).packed()
    return lambda some, quick, deep: model.chances(some, deep), np.array(model.classes), _bytes(model)


def _cascade(known: Learned, _: Features, rows: csr_matrix) -> tuple[Chances, Array, float]:
    """As the product asks it: message by message."""
    model = Cascade.fit(known, STRENGTHS).packed()

    def chances(some: csr_matrix, quick: Array, deep: Array) -> Array:
        def one(at: int) -> Array:
            return model.chances(some[at], lambda: quick[at : at + 1], lambda: deep[at : at + 1], SURE)[0]

        return np.vstack([one(at) for at in range(some.shape[0])])

    return chances, np.array(model.classes), model.sparse.sparse.nbytes + _bytes(model.quick, model.deep)


def _bytes(*models: Joint) -> int:
    """Of all that they keep; what several share counts once."""
    kept = {}
    for model in models:
        near, linear = model.near, model.linear
        for one in (linear.sparse, linear.dense, near.vectors, near.columns.data, near.columns.indices):
            kept[id(one)] = 0 if one is None else one.nbytes
    return sum(kept.values())


def _stacked(known: Learned, features: Features, rows: csr_matrix) -> tuple[Chances, Array, float]:
    first, classes, one = _svm(True, None)(known, features, rows)
    second, _, two = _svm(False, "deep")(known, features, rows)
    return lambda some, *vectors: (first(some, *vectors) + second(some, *vectors)) / 2, classes, one + two


def _logistic(known: Learned, _: Features, rows: csr_matrix) -> tuple[Chances, Array, float]:
    projection = Projection.fit(known.deep)

    def joined(some: csr_matrix, vectors: Array) -> csr_matrix:
        return hstack([some, csr_matrix(projection.of(vectors) * 2 * VECTOR_WEIGHT)]).tocsr()

    model = LogisticRegression(C=3.0, class_weight="balanced", max_iter=60).fit(joined(rows, known.deep), known.labels)
    return lambda some, quick, deep: model.predict_proba(joined(some, deep)), model.classes_, model.coef_.nbytes / 2


def _neighbours(known: Learned, _: Features, rows: csr_matrix) -> tuple[Chances, Array, float]:
    projection, classes = Projection.fit(known.deep), np.unique(known.labels)
    kept = projection.of(known.deep)
    index = NearestNeighbors(n_neighbors=NEIGHBOURS, metric="cosine").fit(kept)
    places: Array = np.searchsorted(classes, known.labels)

    def chances(some: csr_matrix, quick: Array, deep: Array) -> Array:
        far, which = index.kneighbors(projection.of(deep))
        votes = np.zeros((len(which), len(classes)))
        for row, (near, weights) in enumerate(zip(which, softmax(-far / WARMTH), strict=True)):
            np.add.at(votes[row], places[near], weights)
        return votes

    return chances, classes, kept.nbytes
