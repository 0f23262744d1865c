"""Phone-, id- and card-shaped runs of digits, masked before a tracker, a log or an event sees the words.

By shape alone, whatever their checksum: in any width or numeral (also Chinese ones), with spaces, hyphens, dots or
invisible characters between. In doubt it masks. Amounts, dates, loan and reference numbers stay readable; what is
given up: three or more amounts in a row without a word between them and not all round.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bot.nlu.numerals import DIGITS

MASK = "\u25cf"
SPOKEN = {"\u6d1e": "0", "\u62d0": "7"}  # how numbers are said over a bad line; not in DIGITS: they are words too
GAP = frozenset("\t\n\r -\u2010\u2011\u2012\u2013\u2014\u2212._\u00b7\u30fb/()+|,~*'")
WIDEST_GAP = 3  # visible characters between two digits of one number
LONG = 11  # digits in one piece, or in a run that begins like a mobile number
CARD = range(13, 20)  # digits of a card; ids of 15 and 18 lie inside
MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"0\d{9,11}")
ROUND_AMOUNT = re.compile(r"[1-9]\d*00")
KEPT = re.compile(
    r"(?<![\d-])(?:19|20)\d\d([-/.])(?:1[0-2]|0?[1-9])\1(?:3[01]|[12]\d|0?[1-9])(?![\d-])"  # a date
    r"|(?<![\d.])\d{1,7}\.\d\d(?![\d.])"  # yuan and cents
    r"|(?<=[\u00a5$])\s?\d{1,3}(?:,\d{3})+(?:\.\d\d)?(?!\d)"  # a marked amount
    r"|(?<![A-Za-z])[A-Z]{2}-20\d{6}-\d{4,6}(?!\d)"  # a reference number of ours
)


@dataclass
class _Group:
    """Digits without a gap: `digits` stand in `text[start:end]`."""

    digits: str
    start: int
    end: int
    kept: bool


def redact(text: str) -> str:
    """`text` with the digits of every personal number turned to ●; everything else as it was."""
    if sum(1 for sign in text if _digits(sign)) < LONG // 2:  # one sign may hold two digits
        return text
    spans = [found.span() for found in KEPT.finditer(_same_length(text))]
    hidden: list[_Group] = []
    for run in _runs(text, spans):
        if sum(len(group.digits) for group in run) >= LONG:
            hidden += _personal(run)
    if not hidden:
        return text
    signs = list(text)
    for group in hidden:
        for at in range(group.start, group.end):
            if _digits(signs[at]):
                signs[at] = MASK
        if (
            group.end < len(text)
            and text[group.end] in "xX\uff38\uff58"
            and not text[group.end + 1 : group.end + 2].isalpha()
        ):
            signs[group.end] = MASK
    return "".join(signs)


def _runs(text: str, kept: list[tuple[int, int]]) -> list[list[_Group]]:
    """Digits with nothing but narrow gaps between them."""
    runs: list[list[_Group]] = []
    gap = WIDEST_GAP + 1  # before the first digit
    touching = False  # whether the last character was a digit
    for at, sign in enumerate(text):
        digits = _digits(sign)
        if digits:
            if touching or (gap == 0 and runs):
                group = runs[-1][-1]
                group.digits, group.end = group.digits + digits, at + 1
            else:
                group = _Group(digits, at, at + 1, any(start <= at < end for start, end in kept))
                if gap <= WIDEST_GAP and runs:
                    runs[-1].append(group)
                else:
                    runs.append([group])
            gap, touching = 0, True
            continue
        touching = False
        if _invisible(sign):
            continue
        gap = (
            gap + 1
            if sign in GAP or sign.isspace() or unicodedata.normalize("NFKC", sign)[:1] in GAP
            else WIDEST_GAP + 1
        )
        if sign == "," and text[at + 1 : at + 2] == " ":
            gap = WIDEST_GAP + 1  # a list
    return runs


def _personal(run: list[_Group]) -> list[_Group]:
    """The groups of a run that are, alone or with their neighbours, the number of a person or a card."""
    hidden = {id(group): group for group in run if len(group.digits) >= LONG}
    for first in range(len(run)):
        digits = ""
        for last in range(first, len(run)):
            digits += run[last].digits
            if len(digits) >= CARD.stop:
                break
            window = run[first : last + 1]
            if len(window) > 1 and _is_personal(digits, window):
                hidden.update((id(group), group) for group in window)
    return list(hidden.values())


def _is_personal(digits: str, window: list[_Group]) -> bool:
    if MOBILE.fullmatch(digits) or (LANDLINE.fullmatch(digits) and len(window) <= 3):
        return True
    if _has_birthday(digits):
        return True
    if len(digits) not in CARD or any(group.kept or MOBILE.fullmatch(group.digits) for group in window):
        return False
    return not all(ROUND_AMOUNT.fullmatch(group.digits) for group in window) or all(
        len(group.digits) == 4 for group in window[:-1]
    )


def _has_birthday(digits: str) -> bool:
    """Whether 15, 17 or 18 digits hold a date where an id number holds the day of birth."""
    if len(digits) not in (15, 17, 18):
        return False
    born = "19" + digits[6:12] if len(digits) == 15 else digits[6:14]
    try:
        return 1900 <= date(int(born[:4]), int(born[4:6]), int(born[6:])).year <= 2099
    except ValueError:
        return False


@lru_cache(maxsize=4096)
def _digits(sign: str) -> str:
    """The ASCII digits that a character stands for: 1 for １, ①, 一, 壹; empty for others."""
    if sign in DIGITS:
        return str(DIGITS[sign]) if sign != "\u4e24" else ""
    value = unicodedata.digit(sign, None)
    if value is not None:
        return str(value)
    plain = unicodedata.normalize("NFKC", sign)
    return plain if plain.isascii() and plain.isdigit() else SPOKEN.get(sign, "")


def _invisible(sign: str) -> bool:
    """Characters without a width of their own: joiners, direction marks, the keycap around a digit."""
    return unicodedata.category(sign) in ("Cf", "Cc", "Mn", "Me") and not sign.isspace()


def _same_length(text: str) -> str:
    """Width-folded text, character by character, so that places stay."""
    if text.isascii():
        return text
    folded = (unicodedata.normalize("NFKC", sign) for sign in text)
    return "".join(new if len(new) == 1 else old for old, new in zip(text, folded, strict=True))
