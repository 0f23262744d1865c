"""The nearest examples: their shares, and what they add to a linear model."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from bot.nlu.joint import Joint
from bot.nlu.neighbours import LEAST, NEAREST, Neighbours, remembered
from bot.nlu.projection import Projection


def examples(seed: int, many: int = 60) -> tuple[csr_matrix, np.ndarray, np.ndarray]:
    """Three kinds, each around a place of its own, in sparse rows and vectors."""
    random = np.random.default_rng(seed)
    kinds = np.arange(many) % 3
    vectors = random.normal(0, 0.1, (many, 8))
    vectors[np.arange(many), kinds] += 1
    return csr_matrix(np.maximum(vectors, 0)), vectors, np.array(["a", "b", "c"])[kinds]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_shares_are_of_one_and_the_nearest_win(seed: int) -> None:
    rows, vectors, labels = examples(seed)
    near = Neighbours.fit(remembered(rows), vectors, labels, Projection.fit(vectors))
    shares = np.exp(near.scores(rows, vectors)) - LEAST
    assert np.allclose(shares.sum(axis=1), 1.0, atol=1e-6)
    assert (np.array(["a", "b", "c"])[shares.argmax(axis=1)] == labels).all()


def test_one_message_is_read_as_in_a_batch_and_packing_changes_little() -> None:
    rows, vectors, labels = examples(1)
    joint = Joint.fit(rows, vectors, labels, 0.1)
    many = joint.packed().chances(rows, vectors)
    alone = np.vstack([joint.packed().chances(rows[at], vectors[at : at + 1]) for at in range(rows.shape[0])])
    assert np.allclose(many, alone, atol=1e-4)
    assert np.allclose(many, joint.chances(rows, vectors), atol=1e-3)
    assert np.allclose(many.sum(axis=1), 1.0, atol=1e-6)


def test_fewer_examples_than_neighbours_are_no_trouble() -> None:
    rows, vectors, labels = examples(2, many=NEAREST - 4)
    near = Neighbours.fit(remembered(rows), vectors, labels, Projection.fit(vectors))
    assert np.isfinite(near.scores(rows, vectors)).all()
