"""The training data as data: complete, without doubles, every FAQ item answered. Failures name file and line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import yaml

from bot.names import Intent
from bot.nlu.normalise import normalise
from bot.settings import ROOT

FEWEST = 25
FEWEST_OF_ITEM = 4
ITEMS = 60


def examples() -> Iterator[tuple[Path, int, str, str]]:
    """(file, line, intent, text) of every training example."""
    for path in sorted((ROOT / "data").rglob("nlu.yml")):
        intent = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            stripped = line.strip()
            if stripped.startswith("- intent:"):
                intent = stripped.partition(":")[2].strip()
            elif stripped.startswith("- ") and intent:
                yield path.relative_to(ROOT), number, intent, stripped[2:]


def test_every_intent_has_enough_examples_and_no_other_name_is_used() -> None:
    count: dict[str, int] = defaultdict(int)
    for path, line, intent, _ in examples():
        base, _, item = intent.partition("/")
        assert base in {known.value for known in Intent}, f"{path}:{line}: unknown intent {intent}"
        count[intent] += 1
        del item
    for intent in Intent:
        if intent is not Intent.FALLBACK:
            assert count[intent.value] >= FEWEST, f"{intent.value}: {count[intent.value]} examples"
    for name, number in count.items():
        assert "/" not in name or number >= FEWEST_OF_ITEM, f"{name}: {number} examples"


def test_no_example_twice() -> None:
    seen: dict[str, tuple[Path, int, str]] = {}
    for path, line, intent, text in examples():
        key = normalise(text)
        if key in seen and seen[key][2].partition("/")[0] != intent.partition("/")[0]:
            first = seen[key]
            raise AssertionError(f"{path}:{line}: {text!r} is {intent} here and {first[2]} at {first[0]}:{first[1]}")
        seen.setdefault(key, (path, line, intent))


def test_every_faq_item_has_an_answer_with_its_source() -> None:
    items = {intent for _, _, intent, _ in examples() if "/" in intent}
    text = (ROOT / "data" / "faq" / "responses.yml").read_text(encoding="utf-8")
    answers = yaml.safe_load(text)["responses"]
    assert {f"utter_{item}" for item in items} == set(answers)
    assert len(items) >= ITEMS
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if line.startswith("  utter_"):
            assert lines[number - 1].strip().startswith("# source:"), f"responses.yml:{number + 1}: no source"
