"""The training data as data: complete, without doubles, every FAQ item answered. Failures name file and line."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from bot.nlu.examples import Example, examples, mistakes, near_duplicates, overlapping
from bot.settings import ROOT

ITEMS = 200
MOST_TO_FEWEST = 15.0  # examples of the fullest intent to those of the emptiest; the classes are balanced in training
NEAR = 0.8  # shared character pairs
FAQ = ROOT / "data" / "faq"
PROOF = ROOT / "tests" / "nlu" / "proof"


@pytest.fixture(scope="module")
def found() -> list[Example]:
    return list(examples(ROOT / "data"))


def test_nothing_in_the_training_data_is_mistaken(found: list[Example]) -> None:
    assert mistakes(found) == []


def test_rasa_reads_the_lines_that_we_read(found: list[Example]) -> None:
    """A comment inside a block, or an odd indentation, would end it for YAML and not for us."""
    ours = Counter((str(one.path), one.intent, one.item) for one in found)
    rasas: Counter[tuple[str, str, str]] = Counter()
    for path in sorted((ROOT / "data").rglob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu") or []:
            if "intent" in block:
                intent, _, item = block["intent"].partition("/")
                rasas[str(path.relative_to(ROOT)), intent, item] += len(block["examples"].strip().splitlines())
    assert {key: (count, rasas[key]) for key, count in ours.items() if rasas[key] != count} == {}
    assert ours.total() == rasas.total()


def test_no_intent_has_many_times_the_examples_of_another(found: list[Example]) -> None:
    count = Counter(one.intent for one in found)
    assert max(count.values()) / min(count.values()) <= MOST_TO_FEWEST, (
        count.most_common()[:3] + count.most_common()[-3:]
    )


def test_nearly_the_same_words_never_stand_under_two_intents(found: list[Example]) -> None:
    told = [
        f"{b.place}: {b.text!r} ({b.intent}) is nearly {a.text!r} ({a.intent}) of {a.place}"
        for a, b, _ in near_duplicates(found, NEAR)
        if a.intent != b.intent
    ]
    assert told == []


def test_no_example_says_what_a_proof_set_says(found: list[Example]) -> None:
    for path in sorted(PROOF.glob("*.tsv")):
        texts = [line.split("\t")[-1] for line in path.read_text(encoding="utf-8").splitlines()]
        told = [f"{one.place}: {one.text!r} is nearly {path.name}:{line}" for one, line in overlapping(found, texts)]
        assert told == []


def test_every_faq_item_has_an_answer_with_its_source(found: list[Example]) -> None:
    items = {f"{one.intent}/{one.item}" for one in found if one.item}
    answers: dict[str, list[dict[str, object]]] = {}
    for path in sorted((FAQ / "responses").glob("*.yml")):
        text = path.read_text(encoding="utf-8")
        answers |= yaml.safe_load(text)["responses"]
        lines = text.splitlines()
        for number, line in enumerate(lines):
            if line.startswith("  utter_"):
                assert lines[number - 1].strip().startswith("# source:"), f"{path}:{number + 1}: no source"
    assert {f"utter_{item}" for item in items} == set(answers)
    assert len(items) >= ITEMS
    for name, variations in answers.items():
        languages = [(one.get("metadata") or {}).get("lang") for one in variations]  # type: ignore[attr-defined]
        assert languages == [None, "en"], f"{name}: one Chinese and one English text are needed"


MISTAKEN = """version: "3.1"
nlu:
  - intent: query_due
    examples: |
      - 这个月还多少
      - [三千(amount) 够吗
  - intent: query_dew
    examples: |
      - 几号还
  - intent: query_balance
    examples: |
      - 这个月还多少？
      - 这个月还多少?
"""


def test_mistakes_are_told_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "nlu.yml").write_text(MISTAKEN, encoding="utf-8")
    told = "\n".join(mistakes(examples(tmp_path / "data")))
    assert "data/nlu.yml:6: an entity is not closed" in told
    assert "data/nlu.yml:9: 'query_dew' is no intent of the taxonomy" in told
    assert "data/nlu.yml:13: '这个月还多少?' stands already at data/nlu.yml:12" in told
    assert "query_due has 2 examples" in told
    assert "no examples of self_harm" in told


def test_the_same_words_under_two_intents_are_told(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "nlu.yml").write_text(MISTAKEN.replace("还多少？", "还多少"), encoding="utf-8")
    told = "\n".join(mistakes(examples(tmp_path / "data")))
    assert "data/nlu.yml:12: '这个月还多少' is query_balance here and query_due at data/nlu.yml:5" in told
