"""Which language and script a message is in; without a sign of its own it keeps the conversation's."""

from __future__ import annotations

import re
from functools import lru_cache

from opencc import OpenCC

from bot.nlu.patterns import table

SIMPLIFIED, TRADITIONAL, ENGLISH = "zh-Hans", "zh-Hant", "en"
HAN = re.compile("[\u3400-\u9fff]")
LATIN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2,}(?![A-Za-z0-9])")
LONG_WORD = 4  # letters of a single word that is English and not a unit, a bank or a code


def detect(text: str, previous: str = SIMPLIFIED) -> str:
    """`zh-Hans`, `zh-Hant` or `en` of `text`; `previous` when nothing in it tells.

    A single Chinese character makes a message Chinese, also among English words.
    """
    han = HAN.findall(text)
    if not han:
        words = LATIN.findall(text)
        plain = len(words) > 1 or any(
            len(word) >= LONG_WORD or word.lower() in table("script")["english"] for word in words
        )
        return ENGLISH if plain or (words and previous == ENGLISH) else previous
    traditional = sum(_is_traditional(sign) for sign in han)
    simplified = sum(_is_simplified(sign) for sign in han)
    if traditional == simplified:
        return previous if previous != ENGLISH else SIMPLIFIED
    return TRADITIONAL if traditional > simplified else SIMPLIFIED


@lru_cache(maxsize=8192)
def _is_traditional(sign: str) -> bool:
    return str(_converters()[0].convert(sign)) != sign


@lru_cache(maxsize=8192)
def _is_simplified(sign: str) -> bool:
    """Simplified only: 后, 台, 里 are characters of both."""
    return str(_converters()[1].convert(sign)) != sign and sign not in table("script")["both"]


@lru_cache(maxsize=1)
def _converters() -> tuple[OpenCC, OpenCC]:
    return OpenCC("t2s"), OpenCC("s2t")
