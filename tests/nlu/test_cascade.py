"""Three readings: the cheapest that is sure answers, and no vector is computed that nobody asks for."""

from __future__ import annotations

import numpy as np
import pytest

from bot.nlu.calibration import TEMPERATURES
from bot.nlu.cascade import Cascade, Learned, Strengths, temperatures
from bot.nlu.linear import UNCALIBRATED, softmax

STRENGTHS = Strengths(0.6, 0.1)
WORDS = {"a": "怎么还款", "b": "不想借款", "c": "为何扣费"}


def learned(many: int = 120) -> Learned:
    """Three kinds; each with words of its own, and a place of its own in both vectors."""
    random = np.random.default_rng(3)
    labels = np.array(["abc"[at % 3] for at in range(many)])
    places = random.normal(0, 0.1, (many, 8))
    places[np.arange(many), np.arange(many) % 3] += 1
    texts = [f"{WORDS[label]}{at // 3}" for at, label in enumerate(labels)]
    return Learned(texts, places, places[:, ::-1].copy(), labels)


@pytest.fixture(scope="module")
def cascade() -> Cascade:
    return Cascade.fit(learned(), STRENGTHS).packed().warmed(temperatures(learned(), STRENGTHS))


@pytest.mark.parametrize(
    ("sure", "reading", "asked"),
    [((0.0, 0.0), "sparse", []), ((1.1, 0.0), "quick", ["quick"]), ((1.1, 1.1), "deep", ["quick", "deep"])],
)
def test_each_reading_is_asked_only_where_the_one_before_is_unsure(
    cascade: Cascade, sure: tuple[float, float], reading: str, asked: list[str]
) -> None:
    known, computed = learned(), []

    def vector(name: str) -> np.ndarray:
        computed.append(name)
        return getattr(known, name)[:1]

    row = cascade.features.of(known.texts[:1])
    chances, by = cascade.chances(row, lambda: vector("quick"), lambda: vector("deep"), sure)
    assert (by, computed) == (reading, asked)
    assert cascade.classes[int(chances.argmax())] == known.labels[0]
    assert chances.sum() == pytest.approx(1.0, abs=1e-5)


def test_one_message_is_read_as_in_a_batch(cascade: Cascade) -> None:
    known = learned()
    rows = cascade.features.of(known.texts)
    many = softmax(cascade.scores(rows, known.quick, known.deep) / cascade.temperature)
    for at in range(6):
        alone, _ = cascade.chances(
            rows[at], lambda at=at: known.quick[at : at + 1], lambda at=at: known.deep[at : at + 1], (1.1, 1.1)
        )  # type: ignore[misc]
        assert np.allclose(many[at], alone, atol=1e-3)


def test_calibration_holds_something_out_or_says_nothing() -> None:
    assert all(one in TEMPERATURES for one in temperatures(learned(), STRENGTHS))
    few = learned(3)
    assert temperatures(few, STRENGTHS) == (UNCALIBRATED,) * 3


def test_an_example_without_weight_teaches_nothing() -> None:
    known = learned()
    wrong = known.labels == "b"
    labels = np.where(wrong & (np.arange(len(wrong)) % 2 == 0), "c", known.labels)  # half of b is called c
    heeded, ignored = (
        Cascade.fit(Learned(known.texts, known.quick, known.deep, labels, weights), STRENGTHS)
        for weights in (None, np.where(labels == known.labels, 1.0, 1e-6))
    )
    row = heeded.features.of(["不想借款"])
    c = heeded.classes.index("c")
    assert heeded.sparse.scores(row)[0, c] > ignored.sparse.scores(row)[0, c]
