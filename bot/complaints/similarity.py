"""How alike two complaints are, whatever their script: 0 to 1, the policy's threshold (0.85) on it.

Character pairs of the normalised words say whether they are nearly the same words; vectors, whether they say the same in
others. What tells two complaints apart although their words are near: amounts, dates and other numbers that differ.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache

from bot.nlu import vectors
from bot.nlu.features import clipped
from bot.nlu.normalise import normalise

SAME_WORDS = 0.97  # of runs: nothing else need be asked
NUMBER = re.compile(r"\d+(?:\.\d+)?")
SIGN = re.compile(r"[^\w]")
# The cosine of two unrelated complaints is about .82, of two wordings of one matter above .93 (docs/complaints-learning.md).
LEAST_COSINE, FULL_COSINE = 0.82, 0.97
RUNS_SHARE = 0.35  # of runs in the mean with vectors, where both speak
NUMBERS_DIFFER = 0.85  # factor, where each names a number that the other does not


def alike(a: str, b: str) -> float:
    """Symmetric; 1 for the same words in either script, 0 where either says nothing."""
    first, second = _plain(a), _plain(b)
    if not first or not second:
        return 0.0
    if first == second:
        return 1.0
    runs = _cosine(_runs(first), _runs(second))
    if runs >= SAME_WORDS:
        return min(1.0, runs) * _numbers(first, second)
    meaning = _meaning(first, second)
    mixed = max(runs, RUNS_SHARE * runs + (1 - RUNS_SHARE) * meaning, meaning * _translated(first, second))
    return round(min(1.0, mixed) * _numbers(first, second), 4)


def _meaning(first: str, second: str) -> float:
    """The cosine of the vectors, stretched so that 0 is unrelated."""
    one, other = vectors.vector(clipped(first))[0], vectors.vector(clipped(second))[0]
    return min(1.0, max(0.0, (float(one @ other) - LEAST_COSINE) / (FULL_COSINE - LEAST_COSINE)))


def _translated(first: str, second: str) -> float:
    """1 where the two are in different languages, so that runs can say nothing."""
    return 1.0 if _is_latin(first) != _is_latin(second) else 0.0


def _is_latin(text: str) -> bool:
    return sum(sign.isascii() and sign.isalpha() for sign in text) > len(text) / 2


def _numbers(first: str, second: str) -> float:
    here, there = set(NUMBER.findall(first)), set(NUMBER.findall(second))
    return NUMBERS_DIFFER if here - there and there - here else 1.0


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    return normalise(text)


@lru_cache(maxsize=512)
def _runs(text: str) -> Counter[str]:
    """Pairs and threes of neighbouring signs without punctuation."""
    bare = SIGN.sub("", text)
    return Counter(bare[at : at + n] for n in (1, 2, 3) for at in range(len(bare) - n + 1))


def _cosine(one: Counter[str], other: Counter[str]) -> float:
    length = math.sqrt(sum(n * n for n in one.values())) * math.sqrt(sum(n * n for n in other.values()))
    return sum(n * other[run] for run, n in one.items()) / length if length else 0.0
