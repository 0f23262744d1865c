"""Reading answers to the questions of repayment help. Used to tell an answer from a new wish, and by the actions.

A question is the value of the slot `asked`: `help_` and what is asked for. Nothing here knows a loan.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.dialogue.turn import Understanding
from bot.lending.help_policy import Lasting
from bot.names import Entity, Intent
from bot.nlu.days import bare_day
from bot.nlu.values import read_number

PREFIX = "help_"
SHORT = 16
PUNCTUATION = "。.，,?？!！ ~～"
# What a free answer may be taken for by the model without being a wish of its own.
WEAK = frozenset(
    intent.value
    for intent in (
        Intent.INFORM,
        Intent.CANNOT_REPAY,
        Intent.NEGOTIATE_PLAN,
        Intent.CHITCHAT,
        Intent.FALLBACK,
        Intent.OUT_OF_SCOPE,
        Intent.MONEY_GUIDANCE,
        Intent.OVERDUE_STATUS,
        Intent.FEEDBACK,
        Intent.ABUSE,
    )
)
FREE = ("help_reason", "help_since")
MONEY = ("help_income", "help_essentials", "help_other_debts", "help_can_pay")


@dataclass(frozen=True)
class Money:
    """An amount a month. `per` is the unit said: month, day, week, year; `why` says what is wrong with it."""

    cents: int | None
    per: str = "month"
    why: str = ""


@lru_cache(maxsize=1)
def _lists() -> dict[str, Any]:
    lists: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "help.yml").read_text(encoding="utf-8"))
    return lists


@lru_cache(maxsize=32)
def _pattern(name: str) -> re.Pattern[str]:
    contents = _lists()["patterns"]
    return re.compile(contents[name].replace("{number}", contents["number"]))


def says(text: str, kind: str) -> bool:
    """Whether the normalised text holds one of the phrases of `kind`."""
    lowered = text.lower()
    return any(phrase in lowered for phrase in _lists()[kind])


def is_only(text: str, kind: str) -> bool:
    """Whether the message is one of the phrases and nothing else."""
    return text.lower().strip(PUNCTUATION) in _lists()[kind]


def says_whole(text: str, kind: str) -> bool:
    """A phrase alone, or a longer phrase (four signs at least) anywhere."""
    return is_only(text, kind) or any(one in text.lower() for one in _lists()[kind] if len(one) > 3)


def says_nothing(text: str) -> bool:
    """Zero in words: 「没有」 alone, 「一分没有」 anywhere."""
    return is_only(text, "nothing") or any(one in text for one in _lists()["nothing"] if len(one) > 2)


def is_answer(asked: str, understanding: Understanding, text: str) -> bool:
    """Whether a message answers the question `asked`; text is normalised. What was decided at the edge is no answer."""
    if says(text, "enough") or (len(text) <= SHORT and says(text, "skip")):
        return True
    kinds = {entity.kind for entity in understanding.entities}
    if asked in FREE:
        known = {Entity.REASON.value, Entity.DATE.value, Entity.PERIOD.value} & kinds
        return understanding.intent in WEAK or (bool(known) and len(text) <= 3 * SHORT)
    if asked == "help_lasting":
        return lasting(text, understanding) is not None or understanding.intent in WEAK
    if asked == "help_household":
        return household(text) is not None
    if asked in MONEY:
        vague = understanding.intent in WEAK and len(text) <= SHORT
        return Entity.AMOUNT.value in kinds or says_nothing(text) or bool(_pattern("negative").search(text)) or vague
    if asked in ("help_due_day", "help_day"):
        return day_of_month(text, understanding) is not None
    if asked == "help_promise_day":
        return bool({Entity.DATE.value, Entity.PERIOD.value} & kinds) or bare_day(text) is not None
    if asked == "help_order":
        return order(text) is not None
    if asked == "help_choice":
        return choice(text, understanding) is not None or says(text, "none_fits") or correction(text, understanding)
    if asked in ("help_consent", "help_sign"):
        return any(is_only(text, kind) for kind in ("agree", "decline", "resend")) or (
            len(text) <= SHORT and (says(text, "decline") or says(text, "resend"))
        )
    return False


def order(text: str) -> str | None:
    """「今天就办结清」: settle, shorter or lower."""
    bare = text.lower().strip(PUNCTUATION)
    return next((one for one in ("settle", "shorter", "lower") if bare in _lists()[f"order_{one}"]), None)


def correction(text: str, understanding: Understanding) -> bool:
    """Whether figures of the budget are put right: an amount with a word for what it is."""
    if not understanding.values(Entity.AMOUNT.value):
        return False
    return topic_of(text) is not None or says(text, "only") or len(text) <= SHORT


def topic_of(text: str) -> str | None:
    """Which figure of the budget a message names."""
    return next((one[len("topic_") :] for one in TOPICS if says(text, one)), None)


TOPICS = ("topic_income", "topic_essentials", "topic_other_debts", "topic_can_pay")


def choice(text: str, understanding: Understanding) -> int | None:
    """The option named: 「方案二」, "B", 「第一个」; 0 is the first."""
    bare = text.lower().strip(PUNCTUATION)
    found = _pattern("letter").fullmatch(bare) or _pattern("named_letter").search(bare)
    if found:
        return next(number for number, signs in enumerate(_lists()["letters"]) if found.group(1) in signs)
    ordinal = next(iter(understanding.values(Entity.ORDINAL.value)), None)
    return int(ordinal) - 1 if isinstance(ordinal, int) and 1 <= ordinal <= 3 and len(bare) <= SHORT else None


def money(text: str, understanding: Understanding, figure: str = "") -> Money:
    """The amount a month that a message names for a figure of the budget.

    Several amounts are a list to be added (「房租1500，吃饭1000」), or a range (「3000到4000」), of which the prudent end counts: the
    higher of costs, the lower of everything else. Of what can be paid the lowest amount counts.
    """
    if _pattern("negative").search(text):
        return Money(None, why="range")
    amounts = understanding.values(Entity.AMOUNT.value)
    if not amounts:
        return Money(0) if says_nothing(text) else Money(None, why="unclear")
    cents = _together([int(one) for one in amounts], text, figure)
    for kind, factor, per in (("a_day", 30, "day"), ("a_week", 4, "week")):
        if says(text, kind):
            return Money(cents * factor, per)
    if says(text, "a_year"):
        return Money(cents // 12, "year")
    return Money(cents)


def _together(amounts: list[int], text: str, figure: str) -> int:
    costs = figure in ("essentials", "other_debts")
    if len(amounts) == 1:
        return amounts[0]
    if _pattern("range").search(text):
        return max(amounts) if costs else min(amounts)
    return min(amounts) if figure == "can_pay" else sum(amounts)


def lasting(text: str, understanding: Understanding) -> Lasting | None:
    """How long the trouble will last."""
    for kind, value in (
        ("permanent", Lasting.PERMANENT),
        ("years", Lasting.OVER_6),
        ("few_months", Lasting.FROM_1_TO_3),
    ):
        if says(text, kind):
            return value
    if says(text, "half_year"):
        return Lasting.OVER_6 if says(text, "or_more") else Lasting.FROM_3_TO_6
    found = _pattern("months").search(text)
    number = read_number(found.group(1)) if found else None
    months = int(number) if number is not None else None
    if months is None:
        terms = [value for value in understanding.values(Entity.TERM.value) if isinstance(value, int)]
        months = terms[0] if terms else None
    if months is not None:
        if months <= 1:
            return Lasting.UPTO_1
        if months <= 3:
            return Lasting.FROM_1_TO_3
        return Lasting.FROM_3_TO_6 if months <= 6 else Lasting.OVER_6
    return Lasting.UPTO_1 if says(text, "one_month") else None


def days_wanted(text: str) -> int | None:
    """「晚三天」, "5 more days": how many days."""
    found = _pattern("days").search(text)
    number = read_number(found.group(1)) if found else None
    if number is None and says(text, "few_days"):
        return 7
    return int(number) if number is not None and 1 <= number <= 31 else None


def household(text: str) -> int | None:
    """How many people: 「四口人」, "3"."""
    bare = text.strip(PUNCTUATION)
    found = _pattern("people").search(text)
    number = read_number(found.group(1) if found else bare) if found or len(bare) <= 2 else None
    if number is None and says(text, "alone"):
        return 1
    return int(number) if number is not None and 1 <= number <= 20 else None


def day_of_month(text: str, understanding: Understanding) -> int | None:
    """A day from 1 to 28: 「15号」, "the 15th"."""
    words = bare_day(text.strip(PUNCTUATION))
    raw = words or next((str(one) for one in understanding.values(Entity.DATE.value)), "")
    found = _pattern("day").search(raw.strip())
    number = read_number(found.group(1)) if found else None
    return int(number) if number is not None and 1 <= number <= 31 else None


def values(understanding: Understanding, kind: Entity) -> tuple[Any, ...]:
    return understanding.values(kind.value)
