"""What lies on the same words is told apart, and every value has the form that `names.Entity` says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.message import Message

from bot.names import Entity
from bot.nlu.entities import ValueExtractor, extract
from bot.nlu.normalise import normalise

CASES: list[tuple[str, list[tuple[Entity, Any]]]] = [
    ("如果我20号先还三万", [(Entity.DATE, "20号"), (Entity.AMOUNT, 3_000_000)]),
    ("LN1004A下个月还多少", [(Entity.LOAN_NUMBER, "LN1004A"), (Entity.PERIOD, 1)]),
    ("尾号004A那笔", [(Entity.LOAN_NUMBER, "004A")]),
    ("pay 3000 on 5 december", [(Entity.DATE, "5 december"), (Entity.AMOUNT, 300_000)]),
    ("那笔三万的", [(Entity.AMOUNT, 3_000_000)]),
    ("另一笔呢", [(Entity.ORDINAL, 0)]),
    ("第3期是哪天", []),
    ("分12期还", [(Entity.TERM, 12)]),
    ("20号", [(Entity.DATE, "20号")]),
    ("上个月扣了我1500", [(Entity.PERIOD, -1), (Entity.AMOUNT, 150_000)]),
    ("6222 0202 0011 2233 445", []),
    ("花呗怎么还", [(Entity.PRODUCT, "花呗")]),
    ("5", [(Entity.AMOUNT, 500), (Entity.ORDINAL, 5)]),  # the question it answers decides
    ("Ｄｅｃ ５", [(Entity.DATE, "dec 5")]),
    ("二十號還兩千二", [(Entity.DATE, "二十号"), (Entity.AMOUNT, 220_000)]),
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_values_of_a_message(text: str, expected: list[tuple[Entity, Any]]) -> None:
    assert sorted((k.value, f.value) for k, f in extract(normalise(text))) == sorted((k.value, v) for k, v in expected)


@pytest.mark.parametrize("text", ["我的手机13800000001", "138 0000 0001", "身份证后四位0011", "身份证尾号001X"])
def test_personal_numbers_come_out_masked(text: str) -> None:
    found = list(extract(normalise(text)))
    assert {kind for kind, _ in found} <= {Entity.PHONE, Entity.ID_TAIL}
    assert found
    assert all("*" in str(one.value) or "\u25cf" in str(one.value) for _, one in found)
    assert all(one.words == one.value for _, one in found)


@given(
    st.text(
        st.sampled_from("第还一二三十百千万两块元号月日期个笔年.,-¥0123456789 wkLNA下上这周五底明天后"), max_size=30
    )
)
def test_spans_lie_in_the_text_and_values_keep_their_form(text: str) -> None:
    text = normalise(text)
    for kind, one in extract(text):
        assert 0 <= one.start < one.end <= len(text)
        if kind in (Entity.AMOUNT, Entity.ORDINAL, Entity.TERM, Entity.PERIOD):
            assert type(one.value) is int
        else:
            assert isinstance(one.value, str)
        if kind not in (Entity.PHONE, Entity.ID_TAIL):
            assert text[one.start : one.end].strip() == one.words.strip()


def test_the_component_puts_values_into_the_message() -> None:
    message = Message.build("20号还三万")
    ValueExtractor().process([message])
    assert [(e["entity"], e["value"], e["raw"], e["start"], e["end"]) for e in message.get("entities")] == [
        ("date", "20号", "20号", 0, 3),
        ("amount", 3_000_000, "三万", 4, 6),
    ]
