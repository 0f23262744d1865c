"""The case base: closed complaints without people in them, as lessons for the next ones. Pure; rows come from services.

A lesson is drawn up by rule (`drawn`), read and approved by a person, and only then found, suggested or shared in a pack.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from bot.complaints.anonymise import anonymise, doubtful
from bot.complaints.similarity import alike, words_alike
from bot.complaints.taxonomy import subjects
from bot.errors import BadInput
from bot.lending.complaint_policy import MERITS, PREVENTABILITY, ROOT_CAUSES, Level

FORMAT, VERSION = "daihou-case-pack", 1
MOST = 10_000  # lessons of a pack
LONGEST = 8_000  # characters of a text
NEAR = 20  # lessons that likeness is asked of, after words and taxonomy have chosen them
SAME_SUBJECT, SAME_L1 = 0.3, 0.1  # what taxonomy adds to words, in choosing


@dataclass(frozen=True)
class Lesson:
    """One anonymous case. `days`: received to decided. `satisfaction` 1-5. `clause`: what rule or contract term decided it."""

    lesson_id: str
    l1: str
    l2: str
    urgency: str
    product: str = ""
    channel: str = ""
    facts: str = ""
    demand: str = ""
    evidence: tuple[str, ...] = ()
    clause: str = ""
    merit: str = ""
    remedy: tuple[str, ...] = ()
    cents: int = 0
    days: float | None = None
    satisfaction: int | None = None
    root_cause: str = ""
    preventability: str = ""
    lesson: str = ""
    script: str = ""
    do: str = ""
    dont: str = ""
    tags: tuple[str, ...] = ()
    reviewer: str = ""
    valid_until: str = ""  # ISO date; empty: no end

    @property
    def words(self) -> str:
        return " ".join(filter(None, (self.facts, self.demand, self.clause, self.lesson, *self.tags)))

    def valid(self, today: date) -> bool:
        return not self.valid_until or date.fromisoformat(self.valid_until) >= today


TEXTS = ("facts", "demand", "clause", "lesson", "script", "do", "dont")
LISTS = ("evidence", "remedy", "tags")


def drawn(
    case: Mapping[str, Any],
    *,
    lesson_id: str,
    known: Iterable[str],
    evidence: Sequence[str],
    remedies: Sequence[Mapping[str, Any]],
    satisfaction: int | None,
) -> Lesson:
    """A closed case as a lesson to be approved.

    Args:
        case: a row of `complaints`.
        known: names, phones, employers and ids of its people, masked wherever they stand.

    Raises:
        BadInput: not closed.
    """
    if case["state"] != "closed":
        raise BadInput(f"{case['ref']} is not closed", code="state")
    known = tuple(known)
    took = None if case["decided_at"] is None else (case["decided_at"] - case["received_at"]).total_seconds() / 86400
    return Lesson(
        lesson_id=lesson_id,
        l1=case["l1"],
        l2=case["l2"],
        urgency=case["urgency"],
        product=case["product"] or "",
        channel=case["channel"],
        facts=anonymise("\n".join(filter(None, (case["words"], case["findings"]))), known)[:LONGEST],
        demand=anonymise(case["demand"], known)[:LONGEST],
        evidence=tuple(sorted(set(evidence))),
        clause=anonymise(case["grounds"], known)[:LONGEST],
        merit=case["merit"] or "",
        remedy=tuple(sorted({str(one["kind"]) for one in remedies})),
        cents=sum(one["cents"] or 0 for one in remedies),
        days=None if took is None else round(took, 2),
        satisfaction=satisfaction,
        root_cause=case["root_cause"] or "",
        preventability=case["preventability"] or "",
        lesson=anonymise(case["lesson"], known)[:LONGEST],
    )


def search(
    lessons: Iterable[Lesson], today: date, words: str = "", *, l1: str = "", l2: str = "", most: int = 20
) -> list[tuple[float, Lesson]]:
    """Valid lessons by words and taxonomy, the best first; without words the newest order given."""
    fitting = [one for one in lessons if one.valid(today) and l1 in ("", one.l1) and l2 in ("", one.l2)]
    if not words.strip():
        return [(0.0, one) for one in fitting[:most]]
    scored = [(round(words_alike(words, one.words), 4), one) for one in fitting]
    return sorted((one for one in scored if one[0] > 0), key=lambda one: -one[0])[:most]


def suggestions(
    lessons: Iterable[Lesson],
    today: date,
    words: str,
    l1: str,
    l2: str,
    *,
    most: int = 5,
    likeness: Callable[[str, str], float] = alike,
) -> list[tuple[float, Lesson]]:
    """Lessons for an open case: chosen by taxonomy and words, ordered by likeness of what was told."""
    near = sorted(
        (one for one in lessons if one.valid(today)),
        key=lambda one: (
            -(words_alike(words, one.words) + SAME_SUBJECT * ((one.l1, one.l2) == (l1, l2)) + SAME_L1 * (one.l1 == l1))
        ),
    )[:NEAR]
    scored = [(likeness(words, one.facts) + SAME_SUBJECT * ((one.l1, one.l2) == (l1, l2)), one) for one in near]
    return [(round(min(1.0, score), 4), one) for score, one in sorted(scored, key=lambda one: -one[0])[:most]]


def pack(lessons: Sequence[Lesson], made_on: date) -> str:
    """Approved lessons as JSON for another lender or a new installation, with a hash over them."""
    contents = [asdict(replace(one, reviewer="")) for one in lessons]
    return json.dumps(
        {
            "format": FORMAT,
            "version": VERSION,
            "made_on": made_on.isoformat(),
            "sha256": _digest(contents),
            "lessons": contents,
        },
        ensure_ascii=False,
        indent=1,
    )


def unpack(text: str) -> list[Lesson]:
    """Lessons of a pack, every one checked; nothing of a pack with a mistake is taken.

    Raises:
        BadInput: `format`, `hash`, or `lesson` with its position and field; also where words still look personal.
    """
    try:
        loaded = json.loads(text)
    except ValueError as error:
        raise BadInput(f"no JSON: {error}", code="format") from None
    if not isinstance(loaded, dict) or loaded.get("format") != FORMAT or loaded.get("version") != VERSION:
        raise BadInput(f"not a {FORMAT} of version {VERSION}", code="format")
    contents = loaded.get("lessons")
    if not isinstance(contents, list) or len(contents) > MOST:
        raise BadInput(f"lessons must be a list of at most {MOST}", code="format")
    if loaded.get("sha256") != _digest(contents):
        raise BadInput("the lessons are not those that the pack was made of", code="hash")
    found = [checked(one, f"lessons[{at}]") for at, one in enumerate(contents)]
    if len({one.lesson_id for one in found}) != len(found):
        raise BadInput("a lesson stands twice", code="lesson")
    return found


def checked(entry: Any, where: str) -> Lesson:
    """A lesson from what somebody sent. Raises BadInput naming `where` and field."""
    names = {one.name for one in fields(Lesson)}
    if not isinstance(entry, dict) or not {"lesson_id", "l1", "l2", "urgency"} <= set(entry) <= names:
        raise BadInput(f"{where}: fields must be of {', '.join(sorted(names))}", code="lesson")
    made = {
        **entry,
        **{name: tuple(entry.get(name) or ()) for name in LISTS if isinstance(entry.get(name, []), list | tuple)},
    }
    for name in names - {"cents", "days", "satisfaction", *LISTS}:
        if not isinstance(made.get(name, ""), str) or len(made.get(name, "")) > LONGEST:
            raise BadInput(f"{where}.{name} must be a text of at most {LONGEST} characters", code="lesson")
    for name in LISTS:
        if not isinstance(made[name], tuple) or not all(isinstance(one, str) and len(one) <= 80 for one in made[name]):
            raise BadInput(f"{where}.{name} must be a list of short words", code="lesson")
    catalogues = {
        "urgency": [one.value for one in Level],
        "merit": ["", *MERITS],
        "root_cause": ["", *ROOT_CAUSES],
        "preventability": ["", *PREVENTABILITY],
    }
    for name, allowed in catalogues.items():
        if made.get(name, "") not in allowed:
            raise BadInput(f"{where}.{name} must be one of {', '.join(filter(None, allowed))}", code="lesson")
    if f"{made['l1']}/{made['l2']}" not in subjects():
        raise BadInput(f"{where}: {made['l1']}/{made['l2']} is not in the taxonomy", code="lesson")
    _numbers(made, where)
    for name in TEXTS:
        left = doubtful(made.get(name, ""))
        if left:
            raise BadInput(f"{where}.{name} may name a person ({', '.join(left)})", code="personal")
    return Lesson(**made)


def _numbers(made: Mapping[str, Any], where: str) -> None:
    cents, days, score = made.get("cents", 0), made.get("days"), made.get("satisfaction")
    if not isinstance(cents, int) or isinstance(cents, bool) or cents < 0:
        raise BadInput(f"{where}.cents must be whole cents", code="lesson")
    if days is not None and (not isinstance(days, int | float) or isinstance(days, bool) or days < 0):
        raise BadInput(f"{where}.days must be a number of days", code="lesson")
    if score is not None and score not in (1, 2, 3, 4, 5):
        raise BadInput(f"{where}.satisfaction must be 1 to 5", code="lesson")
    try:
        date.fromisoformat(made.get("valid_until") or "2000-01-01")
    except ValueError:
        raise BadInput(f"{where}.valid_until must be a date", code="lesson") from None


def _digest(contents: Any) -> str:
    return hashlib.sha256(json.dumps(contents, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
