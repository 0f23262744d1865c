"""The writer's own words of a mail: without what was quoted, forwarded, or put there by the mail program.

Own rules (`email.yml`) know the Chinese and English forms; mail-parser-reply then looks for those of other languages.
Only replies and forwards quote: in a first mail nothing but a signature is taken away, so no words of a borrower are lost.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import yaml
from mailparser_reply import EmailReplyParser

LONGEST = 30_000  # characters looked at: what is longer is a quotation, or nothing that anyone reads
LONGEST_PARSED = (4_000, 300)  # characters and characters of a line that the library's patterns get
WRAPPED = 3  # lines over which programs wrap the line above a quotation
HEAD = 6  # lines of the head of a quoted mail
OTHERS = ["en", "de", "fr", "es", "it", "ja", "ko"]


@lru_cache(maxsize=1)
def _words() -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load(Path(__file__).with_name("email.yml").read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=32)
def pattern(name: str) -> re.Pattern[str]:
    """A pattern of the catalogue; a list is one of its lines."""
    found = _words()[name]
    return re.compile("|".join(found) if isinstance(found, list) else str(found), re.IGNORECASE)


def own_words(text: str, *, reply: bool) -> str:
    """What the writer says. `reply`: the mail answers or forwards another, so it may quote."""
    lines = [line.rstrip() for line in text[:LONGEST].split("\n")]
    if reply:
        lines = _unquoted(lines)
    words = "\n".join(_unsigned(lines)).strip()
    return _library(words) if reply else words


def _unquoted(lines: list[str]) -> list[str]:
    """Lines above a quotation, and those between and below it where every quoted line is marked (">")."""
    kept: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.lstrip().startswith(">"):
            at += 1
            continue
        if pattern("cut").fullmatch(line.strip()) or _is_head(lines, at):
            break
        wide = _attribution(lines, at)
        if wide:
            at += wide
            below = next((one for one in lines[at:] if one.strip()), "")
            if not below.lstrip().startswith(">"):
                break  # quoted without marks, to the end
            continue
        kept.append(line)
        at += 1
    while kept and re.fullmatch(r"[-_=*\s]*", kept[-1]):
        kept.pop()
    return kept


def _attribution(lines: list[str], at: int) -> int:
    """How many lines from here say who wrote the quotation below, and when; 0: none."""
    for wide in range(1, WRAPPED + 1):
        part = lines[at : at + wide]
        if len(part) < wide or not part[-1].strip() or not part[0].strip():
            return 0
        joined = " ".join(part)
        if len(joined) > 400:
            return 0
        if pattern("wrote").search(joined):
            return wide if pattern("when").search(joined) else 0
    return 0


def _is_head(lines: list[str], at: int) -> bool:
    if not pattern("from").match(lines[at]):
        return False
    return sum(bool(pattern("fields").match(line)) for line in lines[at + 1 : at + 1 + HEAD]) >= 2


def _unsigned(lines: list[str]) -> list[str]:
    """Without a signature under the usual "-- ", and without the program's own last line."""
    mark = next((at for at, line in enumerate(lines) if line.strip() == "--" and at), len(lines))
    kept = lines[:mark]
    while kept and (not kept[-1].strip() or pattern("signed").fullmatch(kept[-1].strip())):
        kept.pop()
    return kept


def _library(words: str) -> str:
    most, widest = LONGEST_PARSED
    if not words or len(words) > most or max(map(len, words.split("\n"))) > widest:
        return words
    # Only where it splits: what it takes for signatures ("- 500", "Thanks, …") may be the borrower's words.
    return (EmailReplyParser(languages=OTHERS).parse_reply(words) or "").strip() or words
