"""Values in people's words, as one form each: integer cents, dates, months, counts. The interface for other layers.

All read normalised text (`bot.nlu.normalise`); the words of an entity already are. Where a message's values are
found: `bot.nlu.entities`. How each kind is written: `amounts.yml`, `days.yml`, `references.yml`.
"""

from __future__ import annotations

from bot.nlu.amounts import amounts, read_amount
from bot.nlu.days import dates, read_date, read_date_or_reason, read_month
from bot.nlu.found import Found
from bot.nlu.numerals import read_number
from bot.nlu.references import read_ordinal, read_term

__all__ = [
    "Found",
    "amounts",
    "dates",
    "read_amount",
    "read_date",
    "read_date_or_reason",
    "read_month",
    "read_number",
    "read_ordinal",
    "read_term",
]
