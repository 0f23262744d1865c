"""The training examples with the place where each is written, and what is wrong with them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.names import Intent
from bot.nlu.normalise import normalise

FEWEST = 40  # examples of an intent, its items not counted
FEWEST_OF_ITEM = 5
MARKED = re.compile(r"\[[^\[\]]+\](?:\([^()]+\)|\{[^{}]+\})")  # Rasa's way to mark an entity
KNOWN = frozenset(intent.value for intent in Intent if intent is not Intent.FALLBACK)


@dataclass(frozen=True)
class Example:
    """One line of training data. `item` is the FAQ item inside the intent, or empty."""

    path: Path
    line: int
    intent: str
    item: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}"


def examples(data: Path) -> Iterator[Example]:
    """Every example under `data`, in the order of files and lines; paths are relative to the folder above."""
    for path in sorted(data.rglob("*.yml")):
        intent = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            stripped = line.strip()
            if stripped.startswith("- intent:"):
                intent = stripped.partition(":")[2].strip() if line.startswith("  - intent") else ""
            elif re.match(r"\S|  - ", line):
                intent = ""
            elif intent and stripped.startswith("- "):
                base, _, item = intent.partition("/")
                yield Example(path.relative_to(data.parent), number, base, item, stripped[2:].strip())


def mistakes(found: Iterable[Example]) -> list[str]:
    """What may not be trained on, each with file and line: a wrong name, an unclosed entity, one text under two
    intents, the same text twice, too few examples."""
    told: list[str] = []
    seen: dict[str, Example] = {}
    count: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], Example] = {}
    for one in found:
        key = (one.intent, one.item)
        count[key] += 1
        first.setdefault(key, one)
        if one.intent not in KNOWN:
            told.append(f"{one.place}: {one.intent!r} is no intent of the taxonomy")
        if re.search(r"[\[\]{}]", MARKED.sub("", one.text)):
            told.append(f"{one.place}: an entity is not closed: {one.text!r}")
        other = seen.setdefault(normalise(one.text), one)
        if other.intent != one.intent:
            told.append(f"{one.place}: {one.text!r} is {one.intent} here and {other.intent} at {other.place}")
        elif other is not one:
            told.append(f"{one.place}: {one.text!r} stands already at {other.place}")
    for key, number in count.items():
        fewest = FEWEST_OF_ITEM if key[1] else FEWEST
        if number < fewest:
            name = "/".join(filter(None, key))
            told.append(f"{first[key].place}: {name} has {number} examples; at least {fewest} are needed")
    missing = KNOWN - {intent for intent, item in count if not item}
    return told + [f"no examples of {intent}" for intent in sorted(missing)]


def near_duplicates(found: Iterable[Example], share: float = 0.8) -> Iterator[tuple[Example, Example, float]]:
    """Pairs of examples that share that much of their character pairs (Jaccard), the second later than the first."""
    by_pair: dict[str, list[int]] = defaultdict(list)
    kept: list[tuple[Example, frozenset[str]]] = []
    for one in found:
        pairs = character_pairs(one.text)
        counts = Counter(at for pair in pairs for at in by_pair[pair])
        for at, common in counts.items():
            other, theirs = kept[at]
            alike = common / (len(pairs) + len(theirs) - common)
            if alike >= share:
                yield other, one, alike
        for pair in pairs:
            by_pair[pair].append(len(kept))
        kept.append((one, pairs))


def overlapping(found: Iterable[Example], texts: Iterable[str], share: float = 0.8) -> Iterator[tuple[Example, int]]:
    """Examples that say what line (from 1) of an evaluation set says, nearly word for word."""
    theirs = [character_pairs(text) for text in texts]
    by_pair: dict[str, list[int]] = defaultdict(list)
    for at, pairs in enumerate(theirs):
        for pair in pairs:
            by_pair[pair].append(at)
    for one in found:
        pairs = character_pairs(one.text)
        counts = Counter(at for pair in pairs for at in by_pair.get(pair, ()))
        for at, common in counts.items():
            if common / (len(pairs) + len(theirs[at]) - common) >= share:
                yield one, at + 1


def character_pairs(text: str) -> frozenset[str]:
    """Neighbouring signs of the normalised text without punctuation; its edges count."""
    bare = "^" + re.sub(r"[^\w]", "", normalise(text)) + "$"
    return frozenset(bare[at : at + 2] for at in range(len(bare) - 1))
