"""Reads the frozen proof set and gives figures only: nobody who writes rules or examples looks at its lines."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bot.complaints.classify import classify
from bot.complaints.similarity import alike

PROOF = Path(__file__).parent / "proof"
THRESHOLD = 0.85
GRAVE = ("P0", "P1")


@dataclass(frozen=True)
class Figures:
    total: int
    l1: float
    l2: float
    urgency: float
    by_level: dict[str, float]  # share of each true level that was read exactly so
    grave: int
    grave_recall: float  # of P0 and P1, read as P0 or P1
    grave_precision: float
    p0_recall: float
    p0_as_grave: float
    confusion: dict[tuple[str, str], int]
    missed_l1: dict[str, int]  # true L1 of grave ones that were missed: a class, no line
    by_language: dict[str, float]  # L1 accuracy

    def lines(self) -> list[str]:
        told = [f"{self.total} complaints: L1 {self.l1:.3f}, L1/L2 {self.l2:.3f}, urgency {self.urgency:.3f}"]
        told += [f"  {level}: exact {share:.3f}" for level, share in sorted(self.by_level.items())]
        told.append(f"  P0/P1 recall {self.grave_recall:.4f} of {self.grave}, precision {self.grave_precision:.3f}")
        told.append(f"  P0 as P0 {self.p0_recall:.3f}, as P0/P1 {self.p0_as_grave:.3f}; missed by L1 {self.missed_l1}")
        told.append(f"  L1 by language { ({key: round(value, 3) for key, value in self.by_language.items()}) }")
        return told


def broken_hashes() -> list[str]:
    """Names of files that are not what SHA256SUMS says."""
    listed = [line.split() for line in (PROOF / "SHA256SUMS").read_text(encoding="utf-8").splitlines() if line.strip()]
    return [name for digest, name in listed if hashlib.sha256((PROOF / name).read_bytes()).hexdigest() != digest]


def rows(name: str) -> list[dict[str, str]]:
    with (PROOF / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def readings() -> Figures:
    pairs: Counter[tuple[str, str]] = Counter()
    missed: Counter[str] = Counter()
    right: Counter[str] = Counter()
    language: dict[str, list[bool]] = {}
    given = rows("complaints.tsv")
    for row in given:
        read = classify(row["text"])
        pairs[row["urgency"], str(read.urgency)] += 1
        right["l1"] += read.l1 == row["l1"]
        right["l2"] += (read.l1, read.l2) == (row["l1"], row["l2"])
        language.setdefault(row["lang"], []).append(read.l1 == row["l1"])
        if row["urgency"] in GRAVE and str(read.urgency) not in GRAVE:
            missed[row["l1"]] += 1
    levels = {true for true, _ in pairs}
    of = {level: sum(n for (true, _), n in pairs.items() if true == level) for level in levels}
    grave = sum(of[level] for level in GRAVE)
    caught = sum(n for (true, read), n in pairs.items() if true in GRAVE and read in GRAVE)
    called = sum(n for (_, read), n in pairs.items() if read in GRAVE)
    return Figures(
        len(given),
        right["l1"] / len(given),
        right["l2"] / len(given),
        sum(n for (true, read), n in pairs.items() if true == read) / len(given),
        {level: pairs[level, level] / of[level] for level in levels},
        grave,
        caught / grave,
        caught / called,
        pairs["P0", "P0"] / of["P0"],
        (pairs["P0", "P0"] + pairs["P0", "P1"]) / of["P0"],
        dict(pairs),
        dict(missed),
        {key: sum(found) / len(found) for key, found in language.items()},
    )


def duplicates() -> tuple[float, float, int]:
    """Precision and recall of `alike` at the policy's threshold, and how many pairs."""
    given = rows("pairs.tsv")
    same = [row["same"].strip().lower() in ("1", "true", "yes", "same") for row in given]
    called = [alike(row["text_a"], row["text_b"]) >= THRESHOLD for row in given]
    both = sum(a and b for a, b in zip(same, called, strict=True))
    return both / max(1, sum(called)), both / sum(same), len(given)
