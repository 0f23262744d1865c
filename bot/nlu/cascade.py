"""Three readings of a message, each asked only where the cheaper ones are not sure enough.

Sparse features alone cost under a millisecond, with the quick encoder's vector three, with the deep one's five times as much.
Where a cheaper reading is sure it is as good as both together, which is what the rest gets (docs/nlu.md has the
shares and figures). All three learn from the same examples and are calibrated on the same held-out ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from bot.nlu.calibration import held_out, likeliest
from bot.nlu.features import Features
from bot.nlu.joint import Joint
from bot.nlu.linear import UNCALIBRATED, Linear, softmax
from bot.nlu.neighbours import remembered

Array = Any

QUICK_SHARE = 0.25  # of the quick reading's scores where the deep one is asked as well


@dataclass(frozen=True)
class Learned:
    """What all readings learn from: normalised texts, their vectors from both encoders, their intents, and how much each
    example weighs (all alike, if None)."""

    texts: Sequence[str]
    quick: Array
    deep: Array
    labels: Array
    weights: Array | None = None

    def of(self, chosen: Array) -> Learned:
        """Those examples for which `chosen` is true."""
        texts = [text for text, kept in zip(self.texts, chosen, strict=True) if kept]
        weights = None if self.weights is None else self.weights[chosen]
        return Learned(texts, self.quick[chosen], self.deep[chosen], self.labels[chosen], weights)


@dataclass(frozen=True)
class Strengths:
    """Inverse regularisation of the sparse model and of those with vectors."""

    sparse: float
    joint: float


STRENGTHS = Strengths(0.6, 0.1)  # as the product learns
SURE = 0.97, 0.9  # from what chance on the sparse reading, and the quick one, answer alone in the product


@dataclass(frozen=True)
class Cascade:
    """`features` make the rows that every reading takes. `temperature` is that of both joint readings together."""

    features: Features
    sparse: Linear
    quick: Joint
    deep: Joint
    temperature: float = UNCALIBRATED

    @classmethod
    def fit(cls, learned: Learned, strengths: Strengths) -> Cascade:
        """Uncalibrated."""
        features = Features()
        matrix = features.fit(learned.texts)
        columns = remembered(matrix)
        return cls(
            features,
            Linear.fit(matrix, None, learned.labels, strengths.sparse, weights=learned.weights),
            Joint.fit(matrix, learned.quick, learned.labels, strengths.joint, columns, learned.weights),
            Joint.fit(matrix, learned.deep, learned.labels, strengths.joint, columns, learned.weights),
        )

    @property
    def classes(self) -> tuple[str, ...]:
        return self.sparse.classes

    def warmed(self, warmths: tuple[float, float, float]) -> Cascade:
        """With the temperatures that `temperatures` found."""
        sparse, quick, both = warmths
        return replace(
            self,
            sparse=replace(self.sparse, temperature=sparse),
            quick=replace(self.quick, temperature=quick),
            temperature=both,
        )

    def packed(self) -> Cascade:
        """For file and use."""
        return replace(self, sparse=self.sparse.packed(), quick=self.quick.packed(), deep=self.deep.packed())

    def scores(self, rows: csr_matrix, quick: Array, deep: Array) -> Array:
        """Of both joint readings together; one row a message, one column a class."""
        return _mixed(self.quick.scores(rows, quick), self.deep.scores(rows, deep))

    def chances(
        self, row: csr_matrix, quick: Callable[[], Array], deep: Callable[[], Array], sure: tuple[float, float]
    ) -> tuple[Array, str]:
        """The probabilities for one message, and the reading that gave them. `sure`: from what on the sparse reading, and the
        quick one, answer alone. The vectors are functions since they are computed only where asked for."""
        chances = self.sparse.chances(row)[0]
        if chances.max() >= sure[0]:
            return chances, "sparse"
        first = self.quick.scores(row, quick())
        chances = softmax(first / self.quick.temperature)[0]
        if chances.max() >= sure[1]:
            return chances, "quick"
        both = _mixed(first, self.deep.scores(row, deep()))
        return softmax(both / self.temperature)[0], "deep"


def _mixed(quick: Array, deep: Array) -> Array:
    return QUICK_SHARE * quick + (1 - QUICK_SHARE) * deep


def temperatures(learned: Learned, strengths: Strengths) -> tuple[float, float, float]:
    """Of the sparse reading, the quick one and the mean of both joint ones: those under which the truths of held-out examples
    are likeliest. Features and models for it never saw these, so that unknown words are unknown to them too."""
    held = np.array([held_out(text) for text in learned.texts])
    held &= np.isin(learned.labels, learned.labels[~held])  # an intent that would be left without examples keeps them
    if not held.any():
        return UNCALIBRATED, UNCALIBRATED, UNCALIBRATED
    part, asked = Cascade.fit(learned.of(~held), strengths), learned.of(held)
    rows = part.features.of(asked.texts)
    scores = (
        part.sparse.scores(rows),
        part.quick.scores(rows, asked.quick),
        part.scores(rows, asked.quick, asked.deep),
    )
    first, second, third = (likeliest(some, part.classes, asked.labels) for some in scores)
    return first, second, third
