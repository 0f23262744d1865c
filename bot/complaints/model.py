"""The learned half of reading a complaint: two linear models (subject, urgency) over character runs, rule signs and vectors.

Learned from `examples/` in seconds when first needed, then kept under `.cache/`, keyed by all it was made of. Chances are
calibrated by one temperature on examples held out (`bot.nlu.calibration`).
"""

from __future__ import annotations

import hashlib
import os
import pickle
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack

from bot.complaints.examples import EXAMPLES, Example, examples
from bot.complaints.taxonomy import RULES, TAXONOMY, rules
from bot.nlu import vectors as sentence_vectors
from bot.nlu.calibration import held_out, likeliest
from bot.nlu.features import Features, clipped
from bot.nlu.linear import Linear
from bot.nlu.normalise import normalise

STRENGTH = 0.3  # of learning
SIGN_WEIGHT = 0.6  # of a rule's sign against a block of runs
FORMAT = "3"
_learning = Lock()


@dataclass(frozen=True)
class Model:
    """What answering needs; `signs` names the columns of rule signs after those of `features`."""

    features: Features
    signs: tuple[str, ...]
    subject: Linear
    urgency: Linear

    def chances(self, text: str) -> tuple[dict[str, float], dict[str, float]]:
        """Of each code and of each level, for normalised text."""
        row = inputs(self.features, self.signs, [text])
        vector = sentence_vectors.DEEP.vector(clipped(text))
        named = zip(self.subject.classes, self.subject.chances(row, vector)[0], strict=True)
        levels = zip(self.urgency.classes, self.urgency.chances(row, vector)[0], strict=True)
        return {key: float(value) for key, value in named}, {key: float(value) for key, value in levels}


def sign_names() -> tuple[str, ...]:
    found = rules()
    return (*found.subjects, *found.urgency)


def hits(text: str) -> frozenset[str]:
    """Names of the rules (urgency) and codes (subjects) whose signs are in normalised text."""
    found = rules()
    bare = found.idioms.sub(" ", text)
    urgent = {name for name, (_, pattern) in found.urgency.items() if pattern.search(bare)}
    return frozenset(urgent | {code for code, pattern in found.subjects.items() if pattern.search(bare)})


def inputs(features: Features, signs: Sequence[str], texts: Sequence[str]) -> csr_matrix:
    """Rows of runs and words, then of rule signs."""
    marks = np.array([[sign in found for sign in signs] for found in map(hits, texts)], dtype=float)
    return hstack([features.of(texts), csr_matrix(marks * SIGN_WEIGHT)]).tocsr()


def learn(known: Sequence[Example], vectors: Any) -> Model:
    """Fit both models, and their temperatures on what `held_out` keeps back."""
    texts = [normalise(one.text) for one in known]
    labels = {
        "subject": np.array([one.code for one in known]),
        "urgency": np.array([str(one.urgency) for one in known]),
    }
    features, signs = Features(), sign_names()
    features.fit(texts)
    matrix = inputs(features, signs, texts)
    made: Mapping[str, Linear] = {
        name: replace(Linear.fit(matrix, vectors, of, STRENGTH), temperature=_temperature(texts, vectors, of, signs))
        for name, of in labels.items()
    }
    return Model(features, signs, made["subject"], made["urgency"])


def _temperature(texts: Sequence[str], vectors: Any, labels: Any, signs: Sequence[str]) -> float:
    """Under which the truths of held-out examples are most likely, with features that never saw them."""
    held = np.array([held_out(text) for text in texts])
    held &= np.isin(labels, labels[~held])
    learned, asked = np.flatnonzero(~held), np.flatnonzero(held)
    features = Features()
    features.fit([texts[one] for one in learned])
    part = Linear.fit(
        inputs(features, signs, [texts[one] for one in learned]), vectors[learned], labels[learned], STRENGTH
    )
    scores = part.scores(inputs(features, signs, [texts[one] for one in asked]), vectors[asked])
    return likeliest(scores, part.classes, labels[asked])


def model() -> Model:
    """The model, learned once however many ask at the same time."""
    with _learning:
        return _model()


@lru_cache(maxsize=1)
def _model() -> Model:
    path = sentence_vectors.CACHE / f"complaints-{_made_of()}.pickle"
    if path.is_file():
        kept: Model = pickle.loads(path.read_bytes())
        return kept
    known = examples()
    made = learn(known, sentence_vectors.DEEP.vectors([clipped(normalise(one.text)) for one in known]))
    path.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as partial:
        pickle.dump(made, partial)
    os.replace(partial.name, path)
    return made


def _made_of() -> str:
    """A hash of everything that the model is made of."""
    here = Path(__file__)
    nlu = Path(sentence_vectors.__file__).parent
    files = [TAXONOMY, RULES, here, *sorted(EXAMPLES.glob("*.yml")), *sorted(nlu.glob("*.yml"))]
    files += [nlu / name for name in ("features.py", "linear.py", "normalise.py", "projection.py")]
    parts = [
        FORMAT,
        version(sentence_vectors.DEEP.package),
        version("scikit-learn"),
        *(path.read_text(encoding="utf-8") for path in files),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
