"""How alike two complaints are, whatever their script: 0 to 1; from 0.85 (the policy's) they are taken for the same.

Three things are weighed: whether they say the same (vectors), whether they are read as about the same subject (the model's
chances), and how many runs of characters they share. A month, an amount or a product that only one of them names tells
two complaints apart although their words are near. Weights: docs/complaints-learning.md.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache

from bot.complaints.model import model
from bot.complaints.taxonomy import rules
from bot.nlu.features import clipped
from bot.nlu.normalise import normalise
from bot.nlu.numerals import DIGITS
from bot.nlu.vectors import DEEP
from bot.nlu.words import products

UNLIKE = 0.1  # of runs: of all pairs that were the same, none shared so little; vectors need not be asked
SAME_WORDS = 0.97  # of runs: nothing else need be asked
NUMBER = re.compile(r"\d+(?:\.\d+)?")
DAY = re.compile("\\d+(?=[\u6708\u53f7\u65e5\u671f])")  # of a month, a day, an instalment
NOT_WORD = re.compile(r"[^\w]")
LEAST_COSINE, SPAN = 0.9, 0.1  # vectors of unrelated complaints are about .9 alike already
MEANING, SUBJECT, RUNS, DIFFERS, MIDDLE = 6.0, 4.0, 0.5, 2.5, 5.47  # fitted on pairs; MIDDLE puts the border at 0.85


def alike(a: str, b: str) -> float:
    """Symmetric; 1 for the same words in either script, 0 where either says nothing."""
    first, second = normalise(a), normalise(b)
    if not any(map(str.isalnum, first)) or not any(map(str.isalnum, second)):
        return 0.0
    if first == second:
        return 1.0
    runs = _cosine(_runs(first), _runs(second))
    if runs < UNLIKE:
        return round(runs, 4)
    apart = DIFFERS if _tell_apart(first, second) else 0.0
    if runs >= SAME_WORDS and not apart:
        return round(min(1.0, runs), 4)
    weighed = MEANING * _meaning(first, second) + SUBJECT * _subject(first, second) + RUNS * runs - apart
    return round(1 / (1 + math.exp(MIDDLE - weighed)), 4)


def _meaning(first: str, second: str) -> float:
    """The cosine of the vectors, stretched: 0 is unrelated, 1 the same."""
    one, other = (DEEP.vector(clipped(text))[0] for text in (first, second))
    return max(-1.0, (float(one @ other) - LEAST_COSINE) / SPAN)


def _subject(first: str, second: str) -> float:
    """Overlap of the chances of their subjects (Bhattacharyya), 0 to 1."""
    one, other = _chances(first), _chances(second)
    return sum(math.sqrt(chance * other[code]) for code, chance in one.items())


@lru_cache(maxsize=256)
def _chances(text: str) -> dict[str, float]:
    return model().chances(clipped(text))[0]


def _tell_apart(first: str, second: str) -> bool:
    """Whether each names a number, or a product, that the other does not."""
    for found in (_numbers, _days, _products):
        here, there = found(first), found(second)
        if here - there and there - here:
            return True
    return any(
        here - there and there - here
        for pattern in rules().apart
        for here, there in [(set(pattern.findall(first)), set(pattern.findall(second)))]
    )


def _numbers(text: str) -> frozenset[str]:
    return frozenset(NUMBER.findall(_in_digits(text)))


def _days(text: str) -> frozenset[str]:
    return frozenset(DAY.findall(_in_digits(text)))


def _in_digits(text: str) -> str:
    return "".join(str(DIGITS.get(sign, sign)) for sign in text)


def _products(text: str) -> frozenset[str]:
    return frozenset(name for name in products() if name in text)


@lru_cache(maxsize=512)
def _runs(text: str) -> Counter[str]:
    """Runs of one to three signs, without punctuation."""
    bare = NOT_WORD.sub("", text)
    return Counter(bare[at : at + n] for n in (1, 2, 3) for at in range(len(bare) - n + 1))


def _cosine(one: Counter[str], other: Counter[str]) -> float:
    length = math.sqrt(sum(n * n for n in one.values())) * math.sqrt(sum(n * n for n in other.values()))
    return sum(n * other[run] for run, n in one.items()) / length if length else 0.0


def words_alike(query: str, text: str) -> float:
    """How much of a query's words a text holds, 0 to 1: quick, without vectors; for searching."""
    asked, found = _runs(normalise(query)), _runs(normalise(text))
    total = sum(len(run) for run in asked)
    return sum(len(run) for run in asked if run in found and len(run) > 1) / total if total else 0.0
