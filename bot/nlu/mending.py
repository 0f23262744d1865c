"""Characters of the same sound put right within the words of our trade: 提钱还宽 -> 提前还款, 花被 -> 花呗.

A stretch is mended only if it sounds like a word of `data/lexicon`, shares a character with it, is no word itself and
cuts no other word in two. What a sound table cannot know stands in `typos.yml`.
"""

from __future__ import annotations

import itertools
import os
import re
from functools import lru_cache

from bot.nlu.numerals import DIGITS, UNITS
from bot.nlu.words import cut, is_word, lexicon

os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")  # sounds of single characters are enough: 45 MB less
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "1")

HAN = re.compile("[\u4e00-\u9fff]{2,}")
LONGEST = 5
READINGS = 2  # the commonest of a character
_NUMERALS = frozenset("".join(DIGITS) + "".join(UNITS))


def mend(text: str) -> str:
    """`text` (normalised) with such slips put right; idempotent, of the same length."""
    for stretch in HAN.finditer(text):
        for start, end, word in _candidates(stretch.group(), stretch.start()):
            if _stands_alone(text, start, end):
                return mend(text[:start] + word + text[end:])
    return text


def _candidates(run: str, offset: int) -> list[tuple[int, int, str]]:
    """(start, end, word) of stretches that sound like a word without being it; longer ones first."""
    found = []
    for length in range(min(LONGEST, len(run)), 1, -1):
        for start in range(len(run) - length + 1):
            window = run[start : start + length]
            word = _sounding_like(window)
            if word is not None:
                found.append((offset + start, offset + start + length, word))
    return found


@lru_cache(maxsize=8192)
def _sounding_like(window: str) -> str | None:
    heard = [sounds(sign) for sign in window]
    if not all(heard) or not _known_sounds() >= {one[0] for one in heard}:
        return None
    for spoken in itertools.product(*heard):
        word = _index().get(spoken)
        if word is not None and word != window and _alike(window, word) and not is_word(window):
            return word
    return None


def _alike(window: str, word: str) -> bool:
    different = [sign for sign, other in zip(window, word, strict=True) if sign != other]
    return 2 * len(different) <= len(word) and not _NUMERALS & set(different)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether the words of `text` begin and end where the stretch does, and it takes no sign from a word of ours."""
    edges = {at for word, at in cut(text)} | {at + len(word) for word, at in cut(text)}
    return start in edges and end in edges and not _shares_a_sign(text, start, end)


def _shares_a_sign(text: str, start: int, end: int) -> bool:
    for edge in (start, end):
        for length in range(2, LONGEST + 1):
            for first in range(max(0, edge - length + 1), edge):
                if text[first : first + length] in _terms() and len(text) >= first + length:
                    return True
    return False


@lru_cache(maxsize=1)
def _terms() -> frozenset[str]:
    return frozenset(lexicon())


@lru_cache(maxsize=1)
def _index() -> dict[tuple[str, ...], str]:
    """How the words of the lexicon sound -> the word; of two that sound alike neither is chosen."""
    found: dict[tuple[str, ...], str | None] = {}
    for word in lexicon():
        if HAN.fullmatch(word) and len(word) <= LONGEST:
            for spoken in itertools.product(*(sounds(sign) for sign in word)):
                found[spoken] = None if found.get(spoken, word) != word else word
    return {spoken: word for spoken, word in found.items() if word is not None}


@lru_cache(maxsize=1)
def _known_sounds() -> frozenset[str]:
    return frozenset(sound for word in lexicon() for sign in word for sound in sounds(sign))


@lru_cache(maxsize=8192)
def sounds(sign: str) -> tuple[str, ...]:
    """How a Chinese character is read, without tone, commonest first; nothing for another sign."""
    from pypinyin import Style, pinyin

    if not "\u4e00" <= sign <= "\u9fff":
        return ()
    return tuple(pinyin(sign, style=Style.NORMAL, heteronym=True)[0][:READINGS])
