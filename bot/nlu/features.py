"""Sparse features of a message: runs of characters, of their sounds, and words, weighted by TF-IDF.

Sounds (pinyin, without what people mix up: zh and z, ing and in) are what a slip on the keyboard leaves as it was. What stands
in a single training example teaches nothing about others and has no column, which halves the model.

Unlike scikit-learn's vectoriser the length of a message counts what training never saw, with the weight of the rarest:
gibberish then has hardly any known weight instead of looking certain, and held-out scores mean what they say. A single
message is weighed without matrices being checked and stacked, which costs a sixth.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from scipy.sparse import csr_matrix

from bot.nlu.mending import sounds
from bot.nlu.words import cut, products

HAN_PAIR = re.compile("(?=([\u4e00-\u9fff]{2}))")
LATIN = re.compile("[a-z]{3,}")
NUMBERS = "0123456789"
LONGEST_RUN = 3  # characters; a fourth won nothing in cross-validation
WORD = "\t"  # before the name of a word, so that words and character runs are different features
SOUND = "\v"  # before a run of sounds
SPOKEN = re.compile("[\u4e00-\u9fff]|[a-z]+|[^\u4e00-\u9fffa-z]")  # what makes one sound
MIXED_UP = tuple(
    (re.compile(one), other)
    for one, other in (("^zh", "z"), ("^ch", "c"), ("^sh", "s"), ("^l", "n"), ("^f", "h"), ("(?<=[aei])ng$", "n"))
)
FEWEST = 2  # examples with a part, for it to be a feature
PRODUCT = "\u8d37\u6b3e"  # 贷款: what any product's name is read as
READ = 400  # characters: the first and last parts of a long story carry the wish


def clipped(text: str) -> str:
    """A long story's beginning and end: the wish often comes last."""
    return text if len(text) <= READ else text[: READ // 2] + " " + text[-READ // 2 :]


def plain(text: str) -> str:
    """`text` as features read it: every credit product is one word, since what is asked of them is the same."""
    return _products().sub(PRODUCT, text) if _products().search(text) else text


@lru_cache(maxsize=1)
def _products() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, products())))


def words_of(text: str) -> list[str]:
    """Words and pairs of neighbours, digits folded into one sign; edges are neighbours too."""
    words = ["0" if word[0] in NUMBERS else word for word, _ in cut(text)]
    return words + [f"{a}_{b}" for a, b in itertools.pairwise(["^", *words, "$"])]


def runs_of(text: str) -> list[str]:
    """Character runs of one to three; edges are marked, since beginnings and ends of messages tell much."""
    framed = f"^{text}$"
    return [framed[at : at + n] for n in range(1, LONGEST_RUN + 1) for at in range(len(framed) - n + 1)]


def sounds_of(text: str) -> list[str]:
    """Runs of one to three sounds."""
    heard = ["^", *map(_sound, SPOKEN.findall(text)), "$"]
    return [" ".join(heard[at : at + n]) for n in range(1, LONGEST_RUN + 1) for at in range(len(heard) - n + 1)]


@lru_cache(maxsize=8192)
def _sound(spoken: str) -> str:
    sound = next(iter(sounds(spoken)), spoken) if len(spoken) == 1 else spoken
    for one, other in MIXED_UP:
        sound = one.sub(other, sound) if sound != spoken else sound
    return sound


def _signs(text: str) -> list[str]:
    """What a message is made of, as far as `Features.known` asks."""
    return [*HAN_PAIR.findall(text), *LATIN.findall(text)]


class Features:
    """Fitted once in training, stored with the model."""

    def __init__(self) -> None:
        self._columns: dict[str, int] = {}
        self._rarity: list[float] = []  # inverse document frequency, by column
        self._unseen = 1.0
        self._seen: frozenset[str] = frozenset()  # character pairs and Latin words, also those of one example

    @property
    def width(self) -> int:
        """Columns of the matrices."""
        return len(self._rarity)

    def fit(self, texts: Sequence[str]) -> csr_matrix:
        """Learn the weights from normalised texts; gives their matrix."""
        seen: Counter[str] = Counter()
        blocks = [self._blocks(text) for text in texts]  # kept: cutting texts into words is most of the work
        for parts in itertools.chain.from_iterable(blocks):
            seen.update(parts.keys())
        kept = sorted(part for part, count in seen.items() if count >= FEWEST)
        self._columns = {part: column for column, part in enumerate(kept)}
        self._rarity = [math.log((1 + len(texts)) / (1 + seen[part])) + 1 for part in self._columns]
        self._unseen = math.log((1 + len(texts)) / 2) + 1
        self._seen = frozenset(part for text in texts for part in _signs(plain(text)))
        return self._matrix(blocks)

    def of(self, texts: Iterable[str]) -> csr_matrix:
        """One row a text; what training never saw has no column, but has its share of the row's length."""
        return self._matrix(self._blocks(text) for text in texts)

    def _matrix(self, rows: Iterable[tuple[Counter[str], ...]]) -> csr_matrix:
        columns: list[int] = []
        values: list[float] = []
        ends = [0]
        for blocks in rows:
            for parts in blocks:
                length = 0.0
                block: list[float] = []
                for part, count in parts.items():
                    column = self._columns.get(part)
                    weight = (1.0 + math.log(count)) * (self._unseen if column is None else self._rarity[column])
                    length += weight * weight
                    if column is not None:
                        columns.append(column)
                        block.append(weight)
                values += [weight / math.sqrt(length) for weight in block]
            ends.append(len(columns))
        shape = (len(ends) - 1, self.width)
        return csr_matrix((np.array(values), np.array(columns, dtype=np.int32), np.array(ends, dtype=np.int32)), shape)

    def names(self) -> list[str]:
        """What each column counts: a run of characters or sounds, or a word."""
        return [part.removeprefix(WORD).removeprefix(SOUND) for part in self._columns]

    def known(self, text: str) -> float:
        """How much of a message was ever seen in training: the share of its character pairs, of its words if Latin."""
        parts = _signs(plain(text))
        return sum(part in self._seen for part in parts) / len(parts) if parts else 1.0

    @staticmethod
    def _blocks(text: str) -> tuple[Counter[str], ...]:
        """What is counted; each block has a length of its own, so that words weigh as much as runs."""
        read = plain(clipped(text))
        return (
            Counter(runs_of(read)),
            Counter(WORD + word for word in words_of(read)),
            Counter(SOUND + run for run in sounds_of(read)),
        )
