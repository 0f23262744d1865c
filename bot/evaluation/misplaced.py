"""Training examples that the others, taken together, would put under another intent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.nlu.calibration import held_out
from bot.nlu.examples import Example
from bot.nlu.features import Features, clipped
from bot.nlu.joint import Joint
from bot.nlu.normalise import normalise
from bot.nlu.vectors import vectors


def misplaced(found: Sequence[Example]) -> list[tuple[Example, str, float]]:
    """(example, the intent it reads as, how sure) of the held-out examples, surest first."""
    texts = [normalise(one.text) for one in found]
    held = np.array([held_out(text) for text in texts])
    labels = np.array([one.intent for one in found])
    by_vector = vectors([clipped(text) for text in texts])
    features = Features()
    rows = features.fit([text for text, out in zip(texts, held, strict=True) if not out])
    model = Joint.fit(rows, by_vector[~held], labels[~held], 0.1)
    chances = model.chances(features.of(text for text, out in zip(texts, held, strict=True) if out), by_vector[held])
    told = []
    for at, row in zip(np.flatnonzero(held), chances, strict=True):
        guess = model.classes[int(row.argmax())]
        if guess != labels[at]:
            told.append((found[at], guess, float(row.max())))
    return sorted(told, key=lambda one: -one[2])
