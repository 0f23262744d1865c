"""Lines of a document: Chinese breaks between any two signs, but not before a comma or after an opening bracket; words, numbers and
case numbers stay whole. The library that draws our PDFs breaks only at spaces, and would stretch what is left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

CLOSING = "，。、；：？！）」』》〉】”’％…—·"
OPENING = "（「『《〈【“‘"
_TOKEN = re.compile(r"\s+|[!-~\u00a0-\u02af\u2010-\u2015]+|.")  # spaces, a word or number with its signs, any one sign


def wrapped(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """`text` in lines of at most `width`, as `measure` gives it; its own line breaks stay."""
    return [line for paragraph in text.split("\n") for line in _filled(paragraph, width, measure)]


def _filled(paragraph: str, width: float, measure: Callable[[str], float]) -> Iterator[str]:
    line = ""
    for unit in _units(paragraph):
        if line.strip() and measure((line + unit).rstrip()) > width:
            yield line.rstrip()
            line = unit.lstrip()
        else:
            line += unit
        while measure(line.rstrip()) > width and len(line) > 1:  # a word that is longer than a line
            most = next(n for n in range(len(line) - 1, 0, -1) if n == 1 or measure(line[:n]) <= width)
            yield line[:most]
            line = line[most:]
    yield line.rstrip()


def _units(paragraph: str) -> Iterator[str]:
    """What is never torn apart: a token with the signs that open before and close after it."""
    unit = ""
    for token in _TOKEN.findall(paragraph):
        if unit and token not in CLOSING and unit[-1] not in OPENING:
            yield unit
            unit = ""
        unit += token
    if unit:
        yield unit
