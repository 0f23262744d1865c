"""Weights are scikit-learn's where everything is known, and smaller where something never was seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu.features import FEWEST, READ, Features, clipped, runs_of, sounds_of, words_of

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
    kinds = (runs_of, words_of, sounds_of)
    blocks = [TfidfVectorizer(analyzer=parts, sublinear_tf=True).fit_transform(TEXTS).toarray() for parts in kinds]
    shared = np.hstack(
        [block[:, (block > 0).sum(axis=0) >= FEWEST] for block in blocks]
    )  # one text's own are no features
    assert shared.shape == FEATURES.of(TEXTS).shape
    assert np.allclose(np.sort(FEATURES.of(TEXTS).toarray(), axis=1), np.sort(shared, axis=1), atol=1e-12)


@pytest.mark.parametrize(
    ("typed", "meant"), [("提钱还宽", "提前还款"), ("正信", "征信"), ("帐单", "账单"), ("证辛", "征信")]
)
def test_slips_sound_like_what_was_meant(typed: str, meant: str) -> None:
    assert sounds_of(typed) == sounds_of(meant)
    assert sounds_of(typed) != sounds_of("合同")


@given(st.lists(ANY, min_size=1, max_size=4))
def test_rows_are_valid_and_never_longer_than_three_blocks(texts: list[str]) -> None:
    found = FEATURES.of(texts)
    found.check_format(full_check=True)
    assert found.shape == (len(texts), FEATURES.width)
    assert (found.multiply(found).sum(axis=1) <= 3 + 1e-9).all()


@given(ANY)
def test_what_was_never_seen_lessens_the_rest(text: str) -> None:
    def length(row: str) -> float:
        weights = FEATURES.of([row])
        return float(weights.multiply(weights).sum())

    assert length("怎么还款") > length("怎么还款" + "龘靐齉爩") > length("龘靐齉爩")
    assert length(text) <= 3 + 1e-9


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
