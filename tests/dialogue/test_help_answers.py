"""Reading answers to the questions of repayment help: amounts, time, people, choices. Words of people, not of a file."""

from __future__ import annotations

import pytest

from bot.dialogue import help_answers
from bot.dialogue.turn import FoundEntity, Understanding
from bot.lending.help_policy import Lasting
from bot.nlu.normalise import normalise
from bot.nlu.values import amounts


def understood(words: str, intent: str = "inform") -> tuple[str, Understanding]:
    text = normalise(words)
    found = tuple(
        FoundEntity("amount", one.value, text[one.start : one.end], one.start, one.end) for one in amounts(text)
    )
    return text, Understanding(text, intent, 1.0, entities=found)


@pytest.mark.parametrize(
    ("words", "figure", "yuan"),
    [
        ("3000元", "income", 3000),
        ("三千五百块", "income", 3500),
        ("房租1500元，吃饭1000元", "essentials", 2500),
        ("3000元到4000元", "income", 3000),
        ("3000元到4000元", "essentials", 4000),
        ("工资5000元，兼职1000元", "income", 6000),
        ("800元，最多1000元", "can_pay", 800),
        ("每天两百块", "income", 6000),
        ("一天200元", "income", 6000),
        ("每周500元", "income", 2000),
        ("年薪12万", "income", 10_000),
        ("没有", "other_debts", 0),
        ("一分钱没有", "income", 0),
        ("none", "other_debts", 0),
    ],
)
def test_amounts_a_month(words: str, figure: str, yuan: int) -> None:
    text, understanding = understood(words)
    assert help_answers.money(text, understanding, figure).cents == yuan * 100


@pytest.mark.parametrize(
    ("words", "why"), [("-5", "range"), ("负500元", "range"), ("一点点", "unclear"), ("没看懂", "unclear")]
)
def test_what_is_no_amount(words: str, why: str) -> None:
    text, understanding = understood(words)
    found = help_answers.money(text, understanding, "income")
    assert (found.cents, found.why) == (None, why)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("一个月左右", Lasting.UPTO_1),
        ("下个月就好了", Lasting.UPTO_1),
        ("两三个月吧", Lasting.FROM_1_TO_3),
        ("大概3个月", Lasting.FROM_1_TO_3),
        ("五个月", Lasting.FROM_3_TO_6),
        ("半年", Lasting.FROM_3_TO_6),
        ("半年以上", Lasting.OVER_6),
        ("一年多", Lasting.OVER_6),
        ("可能一直都这样了", Lasting.PERMANENT),
        ("about a month", Lasting.UPTO_1),
        ("six months", Lasting.FROM_3_TO_6),
        ("說不準", None),
    ],
)
def test_how_long(words: str, expected: Lasting | None) -> None:
    text, understanding = understood(words)
    assert help_answers.lasting(text, understanding) is expected


@pytest.mark.parametrize(
    ("words", "people"),
    [("3口人", 3), ("四口人", 4), ("就我一个人", 1), ("3", 3), ("两个人", 2), ("200", None), ("不少", None)],
)
def test_household(words: str, people: int | None) -> None:
    assert help_answers.household(normalise(words)) == people


@pytest.mark.parametrize(
    ("words", "index"),
    [
        ("方案A", 0),
        ("方案B", 1),
        ("选C", 2),
        ("b", 1),
        ("2", 1),
        ("方案一", 0),
        ("我选方案二吧", 1),
        ("option b", 1),
        ("3000", None),
        ("方案D", None),
    ],
)
def test_choice(words: str, index: int | None) -> None:
    text, understanding = understood(words)
    assert help_answers.choice(text, understanding) == index


@pytest.mark.parametrize(
    ("words", "agrees"),
    [
        ("同意", True),
        ("我同意", True),
        ("同意。", True),
        ("嗯", False),
        ("好的", False),
        ("不同意", False),
        ("同意个头", False),
        ("i agree", True),
    ],
)
def test_consent_is_said_in_so_many_words(words: str, agrees: bool) -> None:
    assert help_answers.is_only(normalise(words), "agree") is agrees


@pytest.mark.parametrize(
    ("words", "day"), [("15号", 15), ("15", 15), ("二十号", 20), ("31", 31), ("32", None), ("号", None)]
)
def test_day_of_the_month(words: str, day: int | None) -> None:
    text = normalise(words)
    entities = (FoundEntity("date", text, text, 0, len(text)),) if "号" in text else ()
    assert help_answers.day_of_month(text, Understanding(text, "inform", 1.0, entities=entities)) == day
