"""What a message points at: a loan by its number, tail or place; a term; a month; a person's own numbers.

Phone numbers and id tails come out masked: entities are stored, and the login reads the message itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.lending.masking import mask_phone
from bot.nlu.found import Found
from bot.nlu.numerals import read_number
from bot.nlu.patterns import pattern, table
from bot.nlu.redact import MASK

SEPARATORS = re.compile(r"[\s-]")


def read_term(words: str) -> int | None:
    """Months or instalments: 「6期」 6, 「三个月」 3, 「半年」 6, 「两年」 24. None: no term."""
    named: dict[str, int] = table("references")["named_terms"]
    if words in named:
        return named[words]
    found = pattern("references", "term").fullmatch(words)
    count = _int(found["count"]) if found else None
    return (
        None if found is None or count is None else count * (12 if found["unit"] in table("references")["years"] else 1)
    )


def read_ordinal(words: str) -> int | None:
    """「第二个」 2, 「最后一笔」 -1, 「另一笔」 0, "the second one" 2; a lone 「2」 too. None: no count."""
    found = pattern("references", "ordinal").fullmatch(words)
    if found is None:
        lone = pattern("references", "only_ordinal").fullmatch(words)
        return _lone(lone) if lone else None
    return _ordinal(found)


def terms(text: str) -> Iterator[Found]:
    """Months or instalments named in a message."""
    for name in ("named_term", "term"):
        for found in pattern("references", name).finditer(text):
            months = read_term(found.group())
            if months:
                yield Found(*found.span(), found.group(), months)
    for found in pattern("references", "split_term").finditer(text):
        payments = _int(found["count"] or found["english"])
        if payments and payments > 1:
            yield Found(*found.span(), found.group(), payments)


def periods(text: str) -> Iterator[Found]:
    """「下个月」 1, 「本月」 0, 「上个月」 -1."""
    for found in pattern("references", "period").finditer(text):
        yield Found(*found.span(), found.group(), table("references")["periods"][found.group()])


def ordinals(text: str) -> Iterator[Found]:
    """Which of several is meant; a message that is only a digit counts too."""
    whole = pattern("references", "only_ordinal").fullmatch(text)
    if whole:
        count = _lone(whole)
        if count:
            yield Found(0, len(text), text, count)
        return
    for found in pattern("references", "ordinal").finditer(text):
        count = _ordinal(found)
        if count is not None:
            yield Found(*found.span(), found.group(), count)


def loan_numbers(text: str) -> Iterator[Found]:
    """「LN1004A」, 「尾号004A」: the number or its end, in capitals."""
    for found in pattern("references", "loan_number").finditer(text):
        yield Found(*found.span(), found.group(), SEPARATORS.sub("", found.group()).upper())
    for found in pattern("references", "loan_tail").finditer(text):
        name = next(name for name in ("tail", "tail2", "tail3") if found[name])
        yield Found(*found.span(name), found[name], found[name].upper())


def phones(text: str) -> Iterator[Found]:
    """Mobile numbers, as 138****0001."""
    for found in pattern("references", "phone").finditer(text):
        masked = mask_phone(SEPARATORS.sub("", found.group())[-11:])
        yield Found(*found.span(), masked, masked)


def id_tails(text: str) -> Iterator[Found]:
    """That the last four of an id number were given; never which."""
    for found in pattern("references", "id_tail").finditer(text):
        span = found.span("tail") if found["tail"] else found.span("tail2")
        yield Found(*span, MASK * 4, MASK * 4)


def _ordinal(found: re.Match[str]) -> int | None:
    words = table("references")
    if found["count"] or found["number"]:
        return _int(found["count"] or found["number"])
    if found["english"] or found["english2"]:
        return int(words["english"][found["english"] or found["english2"]])
    return next((int(value) for word, value in words["ordinals"].items() if found["named"].startswith(word)), None)


def _lone(found: re.Match[str]) -> int | None:
    return _int(found["counted"] or found["bare"])


def _int(words: str) -> int | None:
    counts: dict[str, int] = table("references")["counts"]
    if words in counts:
        return counts[words]
    number = read_number(words)
    return int(number) if number is not None and number == int(number) else None
