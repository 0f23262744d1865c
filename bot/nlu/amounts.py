"""Amounts of money in people's words, as integer cents.

Three degrees of certainty, from the message alone:
- with a currency sign or word, anywhere: ¥1,234.56, 五百块, 12块8毛5, 30000 yuan;
- with 百, 千, 万, w or k, unless it counts something else (三百天) or names something (第一百笔);
- bare digits of three and more, unless they are part of a date, a number of a thing, or counted.

A message that is nothing but a number is an amount too, of any size; whether 「15」 is yuan or a day is decided by the
question that it answers (`bot.dialogue.context`; `read_date` reads it as a day when told to).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from bot.nlu.found import Found
from bot.nlu.numerals import read_number
from bot.nlu.patterns import pattern

LARGEST = Decimal(10) ** 15  # yuan; more is not an amount anybody means
BEFORE = 12  # characters looked at before a number


def read_amount(words: str) -> int | None:
    """Cents of an amount in normalised words; a sign is kept, so that a negative one can be refused. None: no amount."""
    words = words.strip()
    found = pattern("amounts", "amount").fullmatch(words) or pattern("amounts", "small_change").fullmatch(words)
    return _cents(found) if found else None


def amounts(text: str) -> Iterator[Found]:
    """The amounts in a normalised message, in order of their place."""
    if whole := pattern("amounts", "whole_number").fullmatch(text):
        value = read_amount(whole["words"])
        if value is not None:
            yield Found(0, whole.end("words"), whole["words"], value)
        return
    at = 0
    while found := _next(text, at):
        start, end = found
        value = read_amount(text[start:end])
        if value is not None:
            yield Found(start, end, text[start:end], value)
        at = end


def _next(text: str, at: int) -> tuple[int, int] | None:
    """The span of the next amount from `at`."""
    while True:
        found = pattern("amounts", "amount").search(text, at)
        change = pattern("amounts", "small_change").search(text, at)
        if change and (found is None or change.start() <= found.start()):
            return change.span()
        if found is None:
            return None
        span = _certain(text, found)
        if span is not None:
            return span
        at = max(found.end("number"), found.start() + 1)


def _certain(text: str, found: re.Match[str]) -> tuple[int, int] | None:
    start = found.start("sign") if found["sign"] else found.start("mark") if found["mark"] else found.start("number")
    if found["mark"] or found["currency"]:
        return (start, len(found.group().rstrip()) + found.start())
    number, end = found["number"], found.end("number")
    before = text[max(0, found.start("number") - BEFORE) : found.start("number")]
    if pattern("amounts", "named").search(before) or _glued(text, found.start("number"), end):
        return None
    if not pattern("amounts", "large_unit").search(number):
        bare = pattern("amounts", "bare").fullmatch(number)
        dialled = pattern("amounts", "dialled").search(before)
        return None if not bare or dialled or pattern("amounts", "counted").match(text, end) else (start, end)
    if not pattern("amounts", "counted").match(text, end):
        return (start, end)
    units = list(pattern("amounts", "large_unit").finditer(number))  # 「三万六期」: the six counts the instalments
    tail = number[units[-1].end() :]
    own = 1 if pattern("amounts", "two_digits").fullmatch(tail) else 0  # 「四千五一个月」: only the one counts
    end = found.start("number") + units[-1].end() + own
    return (start, end) if end < found.end("number") else None


def _glued(text: str, start: int, end: int) -> bool:
    """Whether letters or other digits touch the number: part of a code, a version, a clock time."""
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    if before and before in _PAUSES:  # 「不对,5万」 pauses, 12,5 and 10:30 do not
        return text[max(0, start - 2) : start - 1].isdigit()
    return (
        before in _SIGNS
        or (before.isascii() and before.isalnum())
        or after in _AFTER
        or (after.isascii() and after.isalnum())
    )


_PAUSES = (",", ":")
_SIGNS = tuple("./-_#\u25cf")
_AFTER = tuple(":/_\u25cf")


def _cents(found: re.Match[str]) -> int | None:
    parts = found.groupdict()
    number = read_number(parts["number"]) if parts.get("number") else Decimal(0)
    tenth = read_number(parts["tenth"]) if parts.get("tenth") else Decimal(0)
    cent = read_number(parts["cent"]) if parts.get("cent") else Decimal(0)
    if number is None or tenth is None or cent is None or number > LARGEST:
        return None
    cents = int((number * 100 + tenth * 10 + cent).quantize(Decimal(1), ROUND_HALF_UP))
    return -cents if parts.get("sign") else cents
