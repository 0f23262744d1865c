"""One form for what people type in many: script, width, invisible characters, elongation, common typos.

`normalise` is idempotent and loses no digit of what it reads. Every component and every rule reads its result, never
the raw text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

from bot.nlu.mending import mend
from bot.nlu.numerals import DIGITS, UNITS
from bot.nlu.patterns import table

HALF = 2000  # characters read at either end of a very long message: the wish stands at its beginning or its end
ROUNDS = 8  # a mended typo may make another; two rounds are the rule

UNREAD = ("Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me")  # controls, direction marks, joiners, accents that stand alone
SPACE = re.compile(r"\s+")
COMMAND = re.compile(r"^[/\s]+")  # Rasa takes what begins with a slash for an intent; a borrower names none
BETWEEN_HAN = re.compile("(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
COMMA = re.compile(r"(?<=\D),\s+|^,\s+|,\s+(?=\D|$)")
DOTS = re.compile(r"\.{2,}|\u3002{2,}")
_NUMERALS = "".join(DIGITS) + "".join(sign for sign in UNITS if not sign.isascii())
ELONGATED = re.compile(rf"([^\d\s{_NUMERALS}])\1{{2,}}")  # three or more of a sign become one; never of a numeral
_CAPITAL = "\u58f9\u8d30\u53c1\u8086\u4f0d\u9646\u67d2\u634c\u7396\u62fe\u4f70\u4edf"  # as on a cheque; 拾, 陆, 伍 are words too
_PLAIN = "\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341\u767e\u5343"
CAPITALS = re.compile(rf"[{_CAPITAL}](?=[{_CAPITAL}{_NUMERALS}\u5143\u5706\u5757])|(?<=[{_NUMERALS}])[{_CAPITAL}]")
TO_PLAIN = dict(zip(_CAPITAL, _PLAIN, strict=True))


def normalise(text: str) -> str:
    """`text` in Simplified Chinese, half width, lower case, single spaces, typos and regional words in their usual form."""
    current = _clipped(text)
    for _ in range(ROUNDS):
        previous, current = current, _clipped(_once(current))
        if current == previous:
            break
    return current


def _clipped(text: str) -> str:
    return text if len(text) <= 2 * HALF + 1 else f"{text[:HALF]} {text[-HALF:]}"


def _once(text: str) -> str:
    text = text.replace("\uff0c", ", ")  # a Chinese comma never groups digits
    text = unicodedata.normalize("NFKC", text)
    if not text.isprintable() or not text.isascii():
        text = "".join(sign for sign in text if sign.isspace() or unicodedata.category(sign) not in UNREAD)
    text = _to_simplified(text).lower()
    text = DOTS.sub("\u3002", text)  # 「三万...15号」: neither a decimal point nor nothing
    text = SPACE.sub(" ", COMMA.sub(",", text)).strip()
    text = BETWEEN_HAN.sub("", text)
    text = COMMAND.sub("", text)
    text = ELONGATED.sub(r"\1", text)
    text = CAPITALS.sub(lambda found: TO_PLAIN[found.group()], text)
    return mend(_wrong().sub(lambda found: mended()[found.group()], text))


@lru_cache(maxsize=1)
def mended() -> dict[str, str]:
    """What is written otherwise than our training data writes it: typos, and words of other regions.

    No right form holds a wrong one, so that mending ends (tested).
    """
    lists: dict[str, str] = {**table("regional"), **table("typos")}
    return lists


@lru_cache(maxsize=1)
def _wrong() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, mended()), key=len, reverse=True)))


@lru_cache(maxsize=2048)
def _to_simplified(text: str) -> str:
    return text if text.isascii() else str(_converter().convert(text))


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")
