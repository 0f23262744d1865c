"""Reading what is typed during a login: a phone, four characters of an id number, six digits, a word to steer.

The lists are in `login.yml`. Nothing here decides who anybody is.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import yaml

MASK = "●"
_SEPARATORS = re.compile(r"[\s\-‐-―·.]")
_PUNCTUATION = re.compile(r"[\s'’，。,.！!？?、；;：:“”\"「」『』（）()\[\]~～]+")
_PHONE = re.compile(r"(?<![0-9])(?:\+?0{0,2}86)?(1[0-9]{10})(?![0-9])")
_ID_NUMBER = re.compile(r"(?<![0-9])[0-9]{14}([0-9]{3}[0-9Xx])(?![0-9])")
_TAIL = re.compile(r"^[0-9]{3}[0-9Xx]$")
_CODE = re.compile(r"^[0-9]{6}$")


@lru_cache(maxsize=1)
def phrases() -> dict[str, tuple[str, ...]]:
    """The lists of `login.yml`, folded as `fold` does."""
    lists = yaml.safe_load((Path(__file__).parent / "login.yml").read_text(encoding="utf-8"))
    return {name: tuple(sorted((fold(one) for one in words), key=len, reverse=True)) for name, words in lists.items()}


def fold(text: str) -> str:
    """Width and case folded, script simplified, punctuation and spaces removed."""
    from bot.nlu.normalise import normalise  # here: its dictionaries load at first use

    return _PUNCTUATION.sub("", normalise(unicodedata.normalize("NFKC", text)).lower())


def says(text: str, kind: str) -> bool:
    """Whether the whole message is one of the phrases of `kind`."""
    return len(text) <= 60 and fold(text) in phrases()[kind]


def digits(text: str) -> str:
    """Width folded, separators inside numbers removed: 「１３８ 0000-0001」 → "13800000001"."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))


def phone(text: str) -> str | None:
    """The one mobile number in the message."""
    found = set(_PHONE.findall(digits(text)))
    return str(found.pop()) if len(found) == 1 else None


def id_tail(text: str) -> str | None:
    """The last four characters of an id number, alone, among the usual words, or at the end of a whole number."""
    whole = _ID_NUMBER.search(digits(text))
    if whole:
        return whole.group(1).upper()
    bare = _bare(text, "around_tail")
    return bare.upper() if _TAIL.match(bare) else None


def code(text: str) -> str | None:
    """Six digits, alone or among the usual words."""
    bare = _bare(text, "around_code")
    return bare if _CODE.match(bare) else None


def numeric(text: str) -> bool:
    """Whether the message is hardly more than a number, so that it can only be a mistyped value."""
    bare = _bare(text, "around_phone")
    return 4 <= len(bare) <= 24 and sum(character.isdigit() for character in bare) >= len(bare) - 1


def mask(text: str) -> str:
    """Every digit (and an id number's X) hidden, whatever its width."""
    folded = unicodedata.normalize("NFKC", text)
    return re.sub(r"[0-9]|(?<=[0-9])[Xx]", MASK, folded)


def _bare(text: str, around: str) -> str:
    bare = fold(digits(text))
    for word in phrases()[around]:
        bare = bare.replace(word, "")
    return bare
