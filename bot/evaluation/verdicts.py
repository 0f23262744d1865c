"""What a model makes of every case, with the time that took."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from bot.dialogue.reading import Reader, read
from bot.evaluation.cases import Case
from bot.names import Intent

FALLBACK = Intent.FALLBACK.value


@dataclass(frozen=True)
class Verdict:
    """`best` is the first reading even where the borrower was asked back; `answered` says whether they were not."""

    case: Case
    best: str
    confidence: float
    answered: bool
    decided_by: str
    ranking: tuple[tuple[str, float], ...]
    seconds: float
    item: str = ""  # the FAQ item whose answer was given

    @property
    def right(self) -> bool:
        return self.best == self.case.intent


def judge(reader: Reader, cases: Iterable[Case]) -> list[Verdict]:
    """Read every case as the conversation service would, without dialogue state."""
    verdicts = []
    for case in cases:
        started = time.perf_counter()
        meant = read(reader, case.text)
        seconds = time.perf_counter() - started
        best, confidence = meant.intent, meant.confidence
        if best == FALLBACK and meant.ranking:
            best, confidence = meant.ranking[0]
        verdicts.append(
            Verdict(
                case,
                best,
                confidence,
                meant.intent != FALLBACK,
                meant.decided_by,
                meant.ranking,
                seconds,
                meant.item or "",
            )
        )
    return verdicts
