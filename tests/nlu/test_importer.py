"""Examples are copied and hashed cheaply, and are still the same to Rasa."""

from __future__ import annotations

import copy
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.importer import Line, OnceImporter

DATA = st.fixed_dictionaries(
    {TEXT: st.text(max_size=9), INTENT: st.sampled_from(["query_due", " query_due"])},
    optional={ENTITIES: st.lists(st.fixed_dictionaries({"start": st.integers(0, 3), "value": st.text(max_size=3)}))},
)


@given(DATA)
def test_a_copy_is_equal_and_shares_nothing_that_changes(data: dict[str, object]) -> None:
    line, plain = Line.of(Message(data)), Message(data)
    assert line.fingerprint() == plain.fingerprint()
    twin = copy.deepcopy(line)
    assert twin == plain
    twin.set(TEXT, "另一句")
    twin.get(ENTITIES, []).append({"start": 9})
    assert line.fingerprint() == plain.fingerprint()
    assert line.as_dict() == plain.as_dict()


def test_what_is_set_is_hashed_anew() -> None:
    line = Line.of(Message({TEXT: "多少", INTENT: " query_due "}))
    before = line.fingerprint()
    line.set(INTENT, " query_due ")
    assert line.fingerprint() == before
    line.set(INTENT, "query_due")
    assert line.fingerprint() == Message({TEXT: "多少", INTENT: "query_due"}).fingerprint() != before


def test_files_are_read_once_and_merge_as_rasas_own(tmp_path: Path) -> None:
    (tmp_path / "nlu.yml").write_text(
        'version: "3.1"\nnlu:\n  - intent: query_due\n    examples: |\n      - 这期多少\n      - 这期多少\n      - 下期呢\n',
        encoding="utf-8",
    )
    importer = OnceImporter(None, None, str(tmp_path))
    assert importer.get_nlu_data("zh") is importer.get_nlu_data()
    merged = TrainingData().merge(importer.get_nlu_data())
    assert [one.get(TEXT) for one in merged.training_examples] == ["这期多少", "下期呢"]
