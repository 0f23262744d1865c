"""Why a borrower cannot pay, as a reason code of hardship practice: 「被裁了」 JOB_LOSS, 「我妈住院」 CARE_FAMILY."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from bot.nlu.found import Found, without_overlap
from bot.nlu.patterns import pattern, table


def reasons(text: str) -> Iterator[Found]:
    """The reasons named in normalised text; where two lie on the same words the more specific one stands."""
    if _any().search(text) is None:
        return
    candidates = (
        Found(*found.span(), found.group(), code)
        for code in table("reasons")["order"]
        for found in pattern("reasons", code).finditer(text)
    )
    yield from without_overlap(candidates)


@lru_cache(maxsize=1)
def _any() -> re.Pattern[str]:
    """All patterns in one: most messages name no reason, and then one look is enough."""
    return re.compile("|".join(f"(?:{pattern('reasons', code).pattern})" for code in table("reasons")["order"]))
