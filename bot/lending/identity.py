"""Who may be told what: the level each datum needs, in one table (requirements 3.2, rule 3).

Asked by the bot now, by desk, outreach and notifications later. A level belongs to a channel session.
"""

from __future__ import annotations

from enum import IntEnum


class Level(IntEnum):
    ANONYMOUS = 0
    BOUND = 1  # the lender's own login vouches for the session
    PROVEN = 2  # a one-time code, or the lender's login with a second factor
    STRONG = 3  # a fresh code for one action, or a person: changes and signatures (later work)


DATUM_LEVEL: dict[str, Level] = {
    "faq": Level.ANONYMOUS,
    "request_ref": Level.ANONYMOUS,  # of one's own session
    "loan_count": Level.BOUND,
    "product": Level.BOUND,
    "loan_tail": Level.BOUND,
    "masked_name": Level.BOUND,
    "requests": Level.BOUND,
    "amount": Level.PROVEN,
    "date": Level.PROVEN,
    "overdue": Level.PROVEN,
    "schedule": Level.PROVEN,
    "payment": Level.PROVEN,
    "card_tail": Level.PROVEN,
    "history": Level.PROVEN,
    "change": Level.STRONG,
}


def may_disclose(datum: str, level: int) -> bool:
    """Whether a session at `level` may be told `datum`; a datum not in the table may never be told."""
    needed = DATUM_LEVEL.get(datum)
    return needed is not None and level >= needed
