"""Typing slips as people make them: homophones and near-homophones of a pinyin keyboard, slipped and swapped keys.

Used to measure how much understanding loses; randomness is an argument, so that a measurement can be repeated.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from random import Random

from pypinyin import Style, lazy_pinyin

EVERY = 12  # signs: one slip about that often, at least one in a message
# Common characters are what a keyboard offers first: the 3,755 of GB 2312's first level.
_COMMON = tuple(
    bytes((row, cell)).decode("gb2312")
    for row in range(0xB0, 0xD8)
    for cell in range(0xA1, 0xFF)
    if not (row == 0xD7 and cell > 0xF9)
)
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_CONFUSED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"), ("l", "n"), ("h", "f"))


def with_slips(text: str, random: Random) -> str:
    """`text` with a slip about every `EVERY` signs; digits are left alone, since another amount is another message."""
    signs = list(text)
    places = [at for at, sign in enumerate(signs) if _may_slip(sign)]
    if not places:
        return text
    for at in sorted(random.sample(places, max(1, len(places) // EVERY)), reverse=True):
        signs[at : at + 1] = _slipped(signs[at], random)
    return "".join(signs)


def _may_slip(sign: str) -> bool:
    return sign in _homophones() or (sign.isascii() and sign.isalpha())


def _slipped(sign: str, random: Random) -> list[str]:
    if sign.isascii():
        kind = random.choice(("near", "twice", "missing"))
        return {"near": [random.choice(_neighbours(sign.lower()))], "twice": [sign, sign], "missing": []}[kind]
    if random.random() < 0.1:
        return random.choice(([], [sign, sign]))
    alike = _nearly(sign) if random.random() < 0.25 else []
    return [random.choice(alike or _homophones()[sign])]


def _neighbours(letter: str) -> str:
    row = next(row for row in _ROWS if letter in row)
    at = row.index(letter)
    return row[max(0, at - 1) : at] + row[at + 1 : at + 2]


@lru_cache(maxsize=1)
def _by_sound() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for sign in _COMMON:
        found[lazy_pinyin(sign, style=Style.NORMAL)[0]].append(sign)
    return found


@lru_cache(maxsize=1)
def _homophones() -> dict[str, list[str]]:
    """sign -> other common signs of the same sound (tones are not typed); signs without any are left out."""
    return {
        sign: [other for other in alike if other != sign]
        for alike in _by_sound().values()
        for sign in alike
        if len(alike) > 1
    }


def _nearly(sign: str) -> list[str]:
    """Signs of a sound that is easily taken for this one's: zh for z, in for ing."""
    sound = lazy_pinyin(sign, style=Style.NORMAL)[0]
    alike = []
    for one, other in _CONFUSED:
        for a, b in ((one, other), (other, one)):
            swapped = b + sound[len(a) :] if len(a) <= 2 and sound.startswith(a) else sound
            if swapped == sound and len(a) > 1 and sound.endswith(a):
                swapped = sound[: -len(a)] + b
            if swapped != sound:
                alike += _by_sound().get(swapped, [])
    return alike
