"""Weights are scikit-learn's where everything is known, and smaller where something never was seen."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu.features import READ, Features, clipped, runs_of, words_of

TEXTS = [
    "这个月要还多少钱",
    "怎么还款",
    "提前还三万要多少",
    "我要还还还还款",
    "how much do i owe",
    "ln1004a还剩几期",
    "20号",
]


def fitted() -> Features:
    features = Features()
    features.fit(TEXTS)
    return features


FEATURES = fitted()
ANY = st.text(st.sampled_from("".join(TEXTS) + "不识 ,"), max_size=40)


def test_weights_of_known_parts_are_those_of_the_vectorisers() -> None:
    blocks = [TfidfVectorizer(analyzer=parts, sublinear_tf=True).fit(TEXTS) for parts in (runs_of, words_of)]
    expected = np.sort(hstack([block.transform(TEXTS) for block in blocks]).toarray(), axis=1)
    assert np.allclose(np.sort(FEATURES.of(TEXTS).toarray(), axis=1), expected, atol=1e-12)


@given(st.lists(ANY, min_size=1, max_size=4))
def test_rows_are_valid_and_never_longer_than_two_blocks(texts: list[str]) -> None:
    found = FEATURES.of(texts)
    found.check_format(full_check=True)
    assert found.shape == (len(texts), FEATURES.width)
    assert (found.multiply(found).sum(axis=1) <= 2 + 1e-9).all()


@given(ANY)
def test_what_was_never_seen_lessens_the_rest(text: str) -> None:
    def length(row: str) -> float:
        weights = FEATURES.of([row])
        return float(weights.multiply(weights).sum())

    assert length("怎么还款") > length("怎么还款" + "龘靐齉爩") > length("龘靐齉爩")
    assert length(text) <= 2 + 1e-9


def test_training_and_answering_see_the_same() -> None:
    features = Features()
    assert np.allclose(features.fit(TEXTS).toarray(), features.of(TEXTS).toarray())


def test_runs_are_of_one_to_three_characters() -> None:
    assert sorted(runs_of("还三")) == sorted(["^", "还", "三", "$", "^还", "还三", "三$", "^还三", "还三$"])


def test_a_long_story_keeps_its_ends() -> None:
    story = "开头" + "话" * 5000 + "结尾"
    assert len(clipped(story)) == READ + 1
    assert clipped(story).startswith("开头")
    assert clipped(story).endswith("结尾")


def test_gibberish_is_not_known() -> None:
    assert FEATURES.known("怎么还款") == 1.0
    assert FEATURES.known("龘靐齉爩") == 0.0
    assert FEATURES.known("qwzx vbnm") == 0.0
    assert FEATURES.known("!?") == 1.0
