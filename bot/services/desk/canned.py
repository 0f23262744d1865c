"""Ready replies with figures from the engine, so that no amount is ever typed by hand."""

from __future__ import annotations

import contextlib
import string
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.dialogue import format as fmt
from bot.dialogue.speech import ENGLISH, turn
from bot.errors import BadInput
from bot.lending.loan import Loan, Status
from bot.lending.position import position
from bot.lending.settlement import quote_settlement

WORDS = Path(__file__).parent / "canned.yml"


def replies(language: str, desk_language: str, values: Mapping[str, str]) -> list[dict[str, str]]:
    """Those whose every variable is known, filled in the borrower's language and script: key, title, text."""
    made = []
    for key, (title, title_en, text, text_en) in _table().items():
        template = text_en if language == ENGLISH else text
        if _names(template) <= set(values):
            filled = turn(template, language).format_map(dict(values))
            made.append({"key": key, "title": title_en if desk_language == ENGLISH else title, "text": filled})
    return made


def values(loans: tuple[Loan, ...], today: date, language: str, agent_name: str) -> dict[str, str]:
    """What the engine knows today of the most pressing loan: overdue ones first, then the next due."""
    found = {"agent_name": agent_name, "today": fmt.day(today, language)}
    open_loans = [(loan, now) for loan in loans if (now := position(loan, today)).status is not Status.SETTLED]
    if not open_loans:
        return found
    far = date.max
    loan, now = min(open_loans, key=lambda one: (-one[1].days_overdue, one[1].due.due_on if one[1].due else far))
    found["loan_id"] = loan.loan_id
    if now.due is not None:
        found |= {"due_amount": fmt.yuan(now.due.owed.total), "due_date": fmt.day(now.due.due_on, language)}
    if now.days_overdue:
        found |= {
            "days_overdue": str(now.days_overdue),
            "overdue_amount": fmt.yuan(now.overdue.total),
            "penalty_amount": fmt.yuan(now.overdue.penalty + now.overdue.compound),
        }
    with contextlib.suppress(BadInput):  # what a person must work out first has no figure, and so no reply
        found["payoff_amount"] = fmt.yuan(quote_settlement(loan, today, today).total)
    return found


def _names(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return table
