"""What the trained model makes of messages written blind, by people who saw only the taxonomy.

The files are frozen: whoever changes one must change its hash here, and no line may become training data
(tests/data). The floors are a little below what was measured (docs/nlu.md), so that a loss is seen.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from bot.dialogue.brain import Brain
from bot.dialogue.registry import ensure_model
from bot.evaluation.cases import read_cases
from bot.evaluation.verdicts import Verdict, judge
from bot.names import Intent
from bot.nlu.entities import extract
from bot.nlu.normalise import normalise
from bot.nlu.patterns import pattern
from bot.nlu.values import read_date
from bot.settings import Settings

PROOF = Path(__file__).parent / "proof"
TODAY = date(2026, 11, 24)  # the day the values were written for


@pytest.fixture(scope="module")
def brain() -> Brain:
    return Brain.load(ensure_model(Settings()))


def verdicts(brain: Brain, name: str) -> list[Verdict]:
    return judge(brain, read_cases([PROOF / name]))


def caught(one: Verdict) -> bool:
    """Answered as what it is; a question back does not count."""
    return one.right and one.answered


def test_the_sets_are_as_they_were_written() -> None:
    frozen = dict(reversed(line.split()) for line in (PROOF / "frozen.sha256").read_text().splitlines())  # type: ignore[misc]
    assert {path.name for path in PROOF.glob("*.tsv")} == set(frozen)
    for name, wanted in frozen.items():
        assert hashlib.sha256((PROOF / name).read_bytes()).hexdigest() == wanted, name


FLOORS = dict.fromkeys(("amount", "date", "phone", "term", "loan_number", "ordinal", "reason"), 0.97)


def test_values_are_read_exactly() -> None:
    right: dict[str, list[bool]] = defaultdict(list)
    for line in (PROOF / "values.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        kind, wanted, text = line.split("\t")
        right[kind].append(_value(kind, normalise(text)) == wanted)
    assert set(right) == set(FLOORS)
    for kind, found in right.items():
        assert sum(found) / len(found) >= FLOORS[kind], kind


def _value(kind: str, text: str) -> str | None:
    if kind == "phone":  # entities hold it masked
        found = pattern("references", "phone").search(text)
        return re.sub(r"\D", "", found.group())[-11:] if found else None
    for entity, one in extract(text):
        if entity.value == kind:
            return str(read_date(one.words, TODAY) if kind == "date" else one.value)
    return None


@pytest.mark.slow
def test_despair_is_never_missed(brain: Brain) -> None:
    missed = [one.case.text for one in verdicts(brain, "self_harm.tsv") if one.best != Intent.SELF_HARM.value]
    assert len(missed) <= MISSED_DESPAIR, missed


@pytest.mark.slow
def test_despair_is_not_seen_where_there_is_none(brain: Brain) -> None:
    false = [one.case.text for one in verdicts(brain, "not_self_harm.tsv") if one.best == Intent.SELF_HARM.value]
    assert len(false) <= FALSE_ALARMS, false


# 4 and 14 when first measured; the same data trained on another machine gave 17 false alarms, twice: probably the vectors of the
# 4-bit engine differ a little between processors. The goals are 0 and 1 (docs/nlu.md).
MISSED_DESPAIR, FALSE_ALARMS = 6, 20
