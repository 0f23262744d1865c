"""Numbers as people write them: 三千五, 1.2万, 12万3千4百, 3w5, 两百五. Exact, as `Decimal`.

Read by `bot.nlu.amounts` and `bot.nlu.days` from normalised text. A general converter (cn2an) serves the tests as
oracle; it cannot read mixed forms such as 「12万3千」 or 「3w5」, which is how amounts arrive in chat.
"""

from __future__ import annotations

import re
from decimal import Decimal

DIGITS = {
    sign: value
    for value, signs in enumerate(("零〇○", "一壹幺", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for sign in signs
}
UNITS = {
    "十": 10,
    "拾": 10,
    "百": 100,
    "佰": 100,
    "千": 1000,
    "仟": 1000,
    "k": 1000,
    "万": 10**4,
    "w": 10**4,
    "亿": 10**8,
}
GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
PLAIN = re.compile(r"\d+(?:\.\d+)?")
TOKEN = re.compile(rf"(?P<digits>\d+(?:\.\d+)?)|(?P<digit>[{''.join(DIGITS)}])|(?P<unit>[{''.join(UNITS)}])")
SPACED_UNIT = re.compile(rf"\s+(?=[{''.join(UNITS)}])")
MYRIAD = 10**4


def read_number(words: str) -> Decimal | None:
    """The number that `words` write, or None when they are not exactly one number.

    「三千五」 is 3500 and 「三千零五」 3005: a last digit without a unit takes the next smaller one, unless 零 comes before.
    Digits alone (「五零零零」) are read one by one. 「1,2」 is no number: groups are of three.
    """
    words = SPACED_UNIT.sub("", words.strip())
    if GROUPED.fullmatch(words):
        return Decimal(words.replace(",", ""))
    if PLAIN.fullmatch(words):
        return Decimal(words)
    words = words.replace("个", "") if words[-1:] in ("万", "亿", "w") else words
    tokens = [(str(found.lastgroup), found.group()) for found in TOKEN.finditer(words)]
    if not tokens or "".join(text for _, text in tokens) != words:
        return None
    if all(kind == "digit" for kind, _ in tokens):
        digits = "".join(str(DIGITS[text]) for _, text in tokens)
        return Decimal(digits) if len(digits) != 2 or digits[0] == "0" else None  # 「三五」 is "three or five"
    return _with_units(tokens)


def _with_units(tokens: list[tuple[str, str]]) -> Decimal | None:
    """Sections of up to 9,999, each followed by 万 or 亿."""
    total = section = Decimal(0)
    pending: Decimal | None = None  # a coefficient that waits for its unit
    last, literal = 0, False  # the last unit; whether 零 has made the next digit a plain one
    for kind, text in tokens:
        if kind == "unit":
            unit = UNITS[text]
            if unit < MYRIAD:
                if pending is None and unit != 10:
                    return None
                if last and last < MYRIAD and unit >= last:
                    return None
                section += (Decimal(1) if pending is None else pending) * unit
            else:
                section += pending or 0
                if unit == 10**8 and not section:
                    total *= unit
                elif not section or (last and unit >= last >= MYRIAD):
                    return None
                else:
                    total, section = (total + section) * unit if unit == 10**8 else total + section * unit, Decimal(0)
            pending, last, literal = None, unit, False
        elif kind == "digit" and DIGITS[text] == 0:
            if pending is not None:
                return None
            literal = True
        elif pending is not None:
            return None
        else:
            pending = Decimal(DIGITS[text]) if kind == "digit" else Decimal(text)
    return _ended(total + section, pending, last, literal)


def _ended(number: Decimal, pending: Decimal | None, last: int, literal: bool) -> Decimal | None:
    """What stands after the last unit: 5 in 「三千五」 is 500, in 「三千零五」 5, and 「3万5000」 is as written."""
    if pending is None:
        return number
    if pending >= last:
        return None
    single = pending < 10 and pending == int(pending)
    return number + (pending * last / 10 if single and not literal and last > 10 else pending)
