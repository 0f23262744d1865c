"""What a complaint is about and how urgent it is: rules that only ever raise, and a model with its confidence.

A person may correct it; both are kept (`complaint_readings`). Flags tell staff what to mind; none of them shortens a right.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.complaints.model import hits, model
from bot.complaints.taxonomy import rules, subjects
from bot.lending.complaint_policy import Level
from bot.nlu.normalise import normalise
from bot.nlu.vectors import DEEP

PIECE = 1500  # characters read at a time by the rules: a story of twenty pages is read to its end
OVERLAP = 60
MODEL_PIECES = 4  # pieces of a long story whose chances are averaged
MODEL_PIECE = 380  # characters; longer ones are clipped by the features anyway
# Chance of a level, or of a more urgent one, from which the model raises to it: rather too high than too low.
URGENT = 0.2
DANGER = 0.4  # chance of P0 from which the model says so
SURE = 0.6  # chance of P3 below which it is P2
VAGUE = "OTHER/other"


@dataclass(frozen=True)
class Facts:
    """What the lender knows besides the words; unknown is None or False."""

    product: str | None = None
    days_overdue: int | None = None
    settled: bool = False
    instalment_cents: int | None = None
    third_party: bool = False  # whoever complains has no loan here, or says that they are not the borrower
    from_regulator: bool = False  # handed over by an authority
    vulnerable: bool = False


@dataclass(frozen=True)
class Reading:
    """`confidence` is of the subject, calibrated. `why` holds names of rules and models, no words of the complaint."""

    l1: str
    l2: str
    urgency: Level
    confidence: float
    why: tuple[str, ...]
    flags: tuple[str, ...]


def classify(text: str, *, facts: Facts | None = None) -> Reading:
    """Read a complaint in any language and of any length; empty or meaningless text is OTHER with no confidence."""
    facts = facts or Facts()
    whole = _pieces(text)
    if not any(sign.isalnum() for piece in whole for sign in piece):
        return _empty(facts)
    found = frozenset().union(*map(hits, whole))
    chances, levels = _model(whole)
    code, why = _subject(chances, found, facts)
    grave = sum(chance for one, chance in chances.items() if subjects()[one].least <= Level.P1)
    urgency, raised = _urgency(code, levels, grave, found, facts)
    return Reading(
        *code.split("/"),
        urgency,
        round(min(1.0, chances[code]), 4),
        (*why, *raised),
        _flags(whole, found, facts),
    )


def prepare() -> None:
    """Learn or load the model and map the vectors, so that nobody who complains waits for it."""
    DEEP.vector("")
    model()
    rules()


def _pieces(text: str) -> list[str]:
    step = PIECE - OVERLAP
    return [normalise(text[at : at + PIECE]) for at in range(0, max(1, len(text) - OVERLAP), step)]


def _model(whole: list[str]) -> tuple[dict[str, float], dict[str, float]]:
    """Mean chances of the subject over the beginning and the end; of urgency the worst piece."""
    parts = [piece[at : at + MODEL_PIECE] for piece in whole for at in range(0, len(piece), MODEL_PIECE)]
    parts = [part for part in parts if len(part) > MODEL_PIECE // 4] or parts
    if len(parts) > MODEL_PIECES:
        half = MODEL_PIECES // 2
        parts = parts[:half] + parts[-half:]
    read = [model().chances(part) for part in parts]
    chances = {code: sum(one[0][code] for one in read) / len(read) for code in read[0][0]}
    return chances, max((one[1] for one in read), key=lambda levels: levels["P0"] + levels["P1"])


def _subject(chances: dict[str, float], found: frozenset[str], facts: Facts) -> tuple[str, list[str]]:
    code = max(chances, key=lambda one: chances[one])
    why = [f"model:{code}:{chances[code]:.2f}"]
    if facts.settled and code in ("PAY/wrong_debit", "PAY/double"):
        code = "PAY/after_settled"
        why.append("fact:settled")
    if code in found:
        why.append(f"sign:{code}")
    return code, why


def _urgency(
    code: str, levels: dict[str, float], grave: float, found: frozenset[str], facts: Facts
) -> tuple[Level, list[str]]:
    """The most urgent of: what such a subject has at least, any rule's, the facts', the model's where it is sure enough.

    Args:
        grave: the chance of all subjects together that are P1 at least.
    """
    seen = [(subjects()[code].least, "")]
    seen += [(level, f"rule:{name}") for name, (level, _) in rules().urgency.items() if name in found]
    if levels["P0"] >= DANGER:
        seen.append((Level.P0, f"model:P0:{levels['P0']:.2f}"))
    elif levels["P0"] + levels["P1"] >= URGENT:
        seen.append((Level.P1, f"model:P1:{levels['P0'] + levels['P1']:.2f}"))
    elif grave >= URGENT:
        seen.append((Level.P1, f"model:grave:{grave:.2f}"))
    elif levels["P3"] < SURE:
        seen.append((Level.P2, f"model:P2:{levels['P2']:.2f}"))
    named = (
        ("from_regulator", facts.from_regulator),
        ("vulnerable", facts.vulnerable),
        ("third_party", facts.third_party),
    )
    seen += [(Level.P1, f"fact:{name}") for name, holds in named if holds]
    return min((level for level, _ in seen), key=str), [why for _, why in seen if why]


def _flags(whole: list[str], found: frozenset[str], facts: Facts) -> tuple[str, ...]:
    raised = {
        flag
        for flag, (names, pattern) in rules().flags.items()
        if names & found or (pattern is not None and any(pattern.search(piece) for piece in whole))
    }
    if facts.vulnerable:
        raised.add("vulnerable")
    if facts.from_regulator:
        raised.add("regulator")
    return tuple(sorted(raised))


def _empty(facts: Facts) -> Reading:
    urgency, why = _urgency(VAGUE, {"P0": 0.0, "P1": 0.0, "P2": 0.0, "P3": 1.0}, 0.0, frozenset(), facts)
    return Reading(*VAGUE.split("/"), urgency, 0.0, ("empty", *why), _flags([], frozenset(), facts))
