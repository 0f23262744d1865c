"""What sentence vectors differ in, and how much of it is kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.nlu.projection import Projection


def around(seed: int, many: int = 50, width: int = 12) -> np.ndarray:
    """Vectors that have much in common and differ in three directions."""
    random = np.random.default_rng(seed)
    return (
        5.0 + random.normal(0, 1, (many, 3)) @ random.normal(0, 1, (3, width)) + random.normal(0, 0.01, (many, width))
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([None, 2, 3, 6, 12, 99]))
def test_rows_have_length_one_and_no_more_directions_than_asked(seed: int, directions: int | None) -> None:
    vectors = around(seed)
    read = Projection.fit(vectors, directions).of(vectors)
    assert read.shape == (50, min(directions or 12, 12))
    assert np.allclose(np.linalg.norm(read, axis=1), 1.0, atol=1e-5)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_the_widest_directions_keep_who_is_near_whom(seed: int) -> None:
    vectors = around(seed)
    whole, part = (Projection.fit(vectors, directions).of(vectors) for directions in (None, 3))
    assert np.allclose(whole @ whole.T, part @ part.T, atol=0.05)


def test_a_vector_like_the_mean_of_all_is_no_trouble() -> None:
    vectors = around(1)
    assert np.isfinite(Projection.fit(vectors, 3).of(vectors.mean(axis=0)[None, :])).all()


@pytest.mark.parametrize("directions", [None, 4])
def test_one_row_is_read_as_in_a_batch(directions: int | None) -> None:
    vectors = around(2)
    projection = Projection.fit(vectors, directions)
    alone = np.vstack([projection.of(vectors[at : at + 1]) for at in range(len(vectors))])
    assert np.allclose(projection.of(vectors), alone, atol=1e-6)
