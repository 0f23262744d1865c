"""Chinese words of a text: jieba with the lexicon of our trade, in an instance of our own (jieba's is process-global)."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path

import jieba

LEXICON = Path(__file__).resolve().parents[2] / "data" / "lexicon"
FREQUENCY = 20_000  # higher than any split of the same characters


@lru_cache(maxsize=1)
def _tokenizer() -> jieba.Tokenizer:
    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    for word in lexicon():
        tokenizer.add_word(word, FREQUENCY)
    return tokenizer


@lru_cache(maxsize=1)
def lexicon() -> tuple[str, ...]:
    """The words of our trade, and the names of products."""
    lines = [line for path in sorted(LEXICON.glob("*.txt")) for line in path.read_text(encoding="utf-8").splitlines()]
    return tuple(word for line in lines if (word := line.partition("#")[0].strip()))


@lru_cache(maxsize=1)
def products() -> tuple[str, ...]:
    """The names of credit products, longest first."""
    lines = (LEXICON / "products.txt").read_text(encoding="utf-8").splitlines()
    names = {name for line in lines if (name := line.partition("#")[0].strip())}
    return tuple(sorted(names, key=len, reverse=True))


def is_word(text: str) -> bool:
    """Whether the dictionary, or the lexicon, knows it as a word."""
    return bool(_tokenizer().FREQ.get(text))


@lru_cache(maxsize=4096)
def cut(text: str) -> tuple[tuple[str, int], ...]:
    """The words of normalised text with their start offsets; spaces are left out.

    Remembered: several components ask for the words of one message, and training asks for those of every example thrice.
    """
    return tuple((word, start) for word, start, _ in _tokenizer().tokenize(text) if word.strip())
