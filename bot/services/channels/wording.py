"""A message for platforms without buttons and cards: cards become lines, choices become numbers. Nothing of a figure is lost.

Words of its own are in `bot/services/channels/words.yml`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.dialogue.speech import turn
from bot.services.channels.model import Choice, Outgoing, SentFile, Traits

WORDS = Path(__file__).with_name("words.yml")
ENGLISH = "en"


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, str]]:
    return yaml.safe_load(WORDS.read_text(encoding="utf-8"))


def word(name: str, language: str, **values: Any) -> str:
    """A word of the catalogue in a language; Traditional is made from Simplified."""
    of = _words()[name]
    text = of["en"] if language == ENGLISH else turn(of["zh"], language)
    return text.format(**values)


def choices(message: Outgoing) -> tuple[Choice, ...]:
    """What the borrower may pick, in the order of its numbers: the card's options, then the buttons that add to them."""
    card = message.card or {}
    found = [Choice(one["title"], one["say"]) for one in card.get("options") or []]
    if card.get("kind") == "compare" and card.get("others"):
        found.append(Choice(card["others"]["title"], card["others"]["say"]))
    if card.get("kind") == "consent":
        found += [Choice(card["agree"], card["say_agree"]), Choice(card["decline"], card["say_decline"])]
    said = {one.say for one in found}
    return (*found, *(one for one in message.buttons if one.say not in said))


def labels(picks: Sequence[Choice]) -> list[str]:
    """What is typed to choose: 1, 2, 3; or A, B, C where a title holds a number that could be meant instead (「分3期」)."""
    numbers = range(1, len(picks) + 1)
    mine = [{int(digits) for digits in re.findall(r"\d+", f"{one.title} {one.say}")} for one in picks]
    unclear = any(found & (set(numbers) - {at}) for at, found in zip(numbers, mine, strict=True))
    return [chr(ord("A") + at - 1) if unclear else str(at) for at in numbers]


def picked(text: str, message: Outgoing) -> str | None:
    """What a typed label says, None when `text` is none of the message's."""
    picks = choices(message)
    typed = unicodedata.normalize("NFKC", text).strip(" .。、)）(（").upper()
    return next((one.say for label, one in zip(labels(picks), picks, strict=True) if label == typed), None)


def sent_file(message: Outgoing, largest: int) -> SentFile | None:
    """The file that a message brings, for platforms that take files of at most `largest` bytes; others get its link."""
    file = (message.card or {}).get("file")
    return SentFile(**file) if file and file["size"] <= largest else None


def in_words(message: Outgoing, *, numbered: bool = True) -> str:
    """Text, card and choices as one plain text. `numbered`: with the line that says how to choose."""
    parts = [message.text, *card_lines(message)]
    picks = choices(message)
    if numbered and picks:
        told = len((message.card or {}).get("options") or ())  # `card_lines` has numbered them, with their details
        marks = labels(picks)
        parts.append("\n".join(f"{marks[at]}. {one.title}" for at, one in enumerate(picks) if at >= told))
        parts.append(word("choose", message.language, first=marks[0], last=marks[-1]))
    return "\n\n".join(part for part in (one.strip() for one in parts) if part)


def card_lines(message: Outgoing) -> Iterator[str]:
    """A card as paragraphs."""
    card = message.card
    if not card:
        return
    kind = card.get("kind")
    if card.get("title"):
        yield str(card["title"])
    if kind in ("choices", "compare"):
        marks = labels(choices(message))
        for at, option in enumerate(card.get("options") or []):
            rows = [*option.get("lines", ()), *_pairs(option.get("rows") or ())]
            badge = f" [{option['badge']}]" if option.get("badge") else ""
            yield "\n".join([f"{marks[at]}. {option['title']}{badge}", *rows, *filter(None, [option.get("note")])])
    else:
        yield "\n".join(_pairs(card["rows"])) if kind in ("facts", "consent") else ""
    if kind == "table":
        yield _table(card["columns"], card["rows"])
    if kind == "consent":
        yield _table(card.get("columns") or (), card.get("table") or ())
    yield from (str(line) for line in (*card.get("notes", ()), *card.get("lines", ())))
    for link in card.get("links") or ():
        yield f"{link['title']}: {message.base_url}{link['href']}"
    if card.get("note"):
        yield str(card["note"])
    if kind == "upload":
        yield word("upload", message.language)


def split(text: str, traits: Traits) -> list[str]:
    """The text in pieces that the platform takes, cut between paragraphs, else lines, else sentences, else anywhere."""
    pieces: list[str] = []
    rest = text.strip()
    while rest and not _fits(rest, traits):
        cut = _cut(rest, traits)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest else pieces


def short(title: str, traits: Traits) -> str:
    """A button's title as long as the platform allows."""
    return title if len(title) <= traits.button_title else title[: traits.button_title - 1] + "…"


def _pairs(rows: Iterable[Iterable[Any]]) -> list[str]:
    return [": ".join(str(part) for part in row) for row in rows]


def _table(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Each row on a line of its own, every figure with the name of its column: no alignment survives a phone."""
    names = [str(name) for name in columns]
    return "\n".join(
        " · ".join(f"{name} {value}".strip() for name, value in zip(names, map(str, row), strict=False) if value)
        for row in rows
    )


def _fits(text: str, traits: Traits) -> bool:
    if traits.longest_bytes and len(text.encode()) > traits.longest_bytes:
        return False
    return len(text) <= traits.longest


def _cut(text: str, traits: Traits) -> int:
    """Where to cut so that the first piece fits: never inside a line that fits as a whole, so no amount is torn."""
    most = traits.longest
    if traits.longest_bytes:
        most = min(most, len(text.encode()[: traits.longest_bytes].decode("utf-8", "ignore")))
    for sign in ("\n\n", "\n", "。", ". ", "；", "，", " "):
        at = text.rfind(sign, 1, most)
        if at > 0:
            return at + (0 if sign.startswith("\n") else len(sign))
    return most
