from __future__ import annotations

import pytest

from bot.lending.identity import DATUM_LEVEL, Level, may_disclose


@pytest.mark.parametrize(
    ("datum", "least"),
    [
        ("faq", 0),
        ("loan_count", 1),
        ("product", 1),
        ("loan_tail", 1),
        ("masked_name", 1),
        ("amount", 2),
        ("date", 2),
        ("overdue", 2),
        ("schedule", 2),
        ("history", 2),
        ("change", 3),
    ],
)
def test_datum_is_told_from_its_level_on(datum: str, least: int) -> None:
    assert [may_disclose(datum, level) for level in Level] == [level >= least for level in Level]


def test_unknown_datum_is_never_told() -> None:
    assert not may_disclose("salary", Level.STRONG)


def test_nothing_of_a_loan_is_told_to_the_anonymous() -> None:
    assert {datum for datum in DATUM_LEVEL if may_disclose(datum, Level.ANONYMOUS)} == {"faq", "request_ref"}
