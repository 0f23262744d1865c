"""Training examples that the others, taken together, would put under another intent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.nlu.calibration import held_out
from bot.nlu.cascade import STRENGTHS, Cascade, Learned
from bot.nlu.examples import Example
from bot.nlu.features import clipped
from bot.nlu.linear import softmax
from bot.nlu.normalise import normalise
from bot.nlu.vectors import DEEP, QUICK


def misplaced(found: Sequence[Example]) -> list[tuple[Example, str, float]]:
    """(example, the intent it reads as, how sure) of the held-out examples, surest first."""
    texts = [normalise(one.text) for one in found]
    held = np.array([held_out(text) for text in texts])
    labels = np.array([one.intent for one in found])
    short = [clipped(text) for text in texts]
    everything = Learned(texts, QUICK.vectors(short), DEEP.vectors(short), labels)
    model, asked = Cascade.fit(everything.of(~held), STRENGTHS), everything.of(held)
    scores = model.scores(model.features.of(asked.texts), asked.quick, asked.deep)
    chances = softmax(scores / model.temperature)
    told = []
    for at, row in zip(np.flatnonzero(held), chances, strict=True):
        guess = model.classes[int(row.argmax())]
        if guess != labels[at]:
            told.append((found[at], guess, float(row.max())))
    return sorted(told, key=lambda one: -one[2])
