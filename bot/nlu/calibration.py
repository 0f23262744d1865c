"""Scores become honest probabilities: the temperature under which held-out truths are most likely.

Features and models for it never saw the held-out examples, so that unknown words are unknown to them too.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from bot.nlu.features import Features
from bot.nlu.joint import Joint
from bot.nlu.linear import UNCALIBRATED, Linear, softmax

Array = Any

HELD_OUT = 8  # one example in so many, chosen by its text
TEMPERATURES = np.geomspace(0.02, 1.0, 40)


def temperatures(
    texts: Sequence[str], vectors: Array, labels: Array, sparse: float, joint: float
) -> tuple[float, float]:
    """Those of the sparse and of the joint model, whose inverse regularisations are given."""
    held = np.array([held_out(text) for text in texts])
    held &= np.isin(labels, labels[~held])  # an intent that would be left without examples keeps them
    if not held.any():
        return UNCALIBRATED, UNCALIBRATED
    features = Features()
    known = features.fit([texts[at] for at in np.flatnonzero(~held)])
    asked, truths = features.of(texts[at] for at in np.flatnonzero(held)), labels[held]
    alone = Linear.fit(known, None, labels[~held], sparse)
    both = Joint.fit(known, vectors[~held], labels[~held], joint)
    return (
        likeliest(alone.scores(asked), alone.classes, truths),
        likeliest(both.scores(asked, vectors[held]), both.classes, truths),
    )


def likeliest(scores: Array, classes: Sequence[str], truths: Array) -> float:
    """The temperature under which the truths are most likely."""
    places: Array = np.searchsorted(np.array(classes), truths)
    rows = np.arange(len(places))
    losses = [-np.log(softmax(scores / one)[rows, places] + 1e-12).mean() for one in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(losses))])


def held_out(text: str) -> bool:
    """Whether an example is kept for calibration: by its text alone, so that every comparison leaves out the same."""
    return zlib.crc32(text.encode()) % HELD_OUT == 0
