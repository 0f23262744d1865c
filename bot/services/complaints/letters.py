"""The decision letter as data: what it must contain, drafted from the file, checked before it can be sent. Looks: `letter_looks`.

The lint is about completeness (conclusion, grounds, remedies, review, mediation, regulator, court) and tone. What stands in
quotation marks is somebody else's and not judged.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml
from sqlalchemy.engine import Connection

from bot.dialogue import format as fmt
from bot.dialogue.speech import ENGLISH, script, turn
from bot.errors import BadInput, Conflict, NotFound
from bot.lending.complaint_policy import ComplaintPolicy
from bot.lending.masking import mask_name
from bot.nlu.normalise import normalise
from bot.services.complaints import remedies
from bot.services.complaints.basis import Basis
from bot.services.complaints.payment_port import INSTRUCTED
from bot.services.complaints.rows import Row, Who, change, new_id
from bot.services.desk import guard
from bot.store.complaint_schema import complaint_letters

LANGUAGES = ("zh-Hans", "zh-Hant", "en")
L = complaint_letters.c
LONGEST = 8000
QUOTED = re.compile('[\u300c\u201c"][^\u300d\u201d"]{1,200}[\u300d\u201d"]')
AMOUNT = re.compile(r"\u00a5\s?([\d,]+(?:\.\d{1,2})?)")
TONE = ("feel", "blame", "hurry")
GUARDED = (
    "card_number",
    "threat",
    "forbidden",
    "promise_of_result",
    "rude",
)  # a letter may name third parties and hours
_GRANTED = (remedies.APPROVED, remedies.EXECUTED, INSTRUCTED)
LISTED = "remedy"  # the one section that is a list


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "letter.yml").read_text(encoding="utf-8"))
    return found


def sections() -> tuple[str, ...]:
    return tuple(catalogue()["sections"])


def words(key: str, language: str, **values: object) -> str:
    """A sentence of the letter; Traditional is made from the Simplified one, what was filled in stays."""
    chinese, english = catalogue()["words"][key]
    return str((english if language == ENGLISH else turn(chinese, language)).format(**values))


def hours(policy: ComplaintPolicy, language: str) -> str:
    """When the regulator's line is open."""
    return policy.regulator_hours_en if language == ENGLISH else turn(policy.regulator_hours, language)


def draft(connection: Connection, basis: Basis, row: Row, language: str, now: datetime) -> dict[str, Any]:
    """A letter proposed from the file: what colleagues wrote in its script, whoever complained in their own words. Raises BadInput (`language`)."""
    if language not in LANGUAGES:
        raise BadInput(f"language is one of {', '.join(LANGUAGES)}", code="language")
    policy = basis.policy(now)
    name = words("nobody", language)
    if row["customer_id"] is not None:
        name = mask_name(basis.loans.customer(row["customer_id"]).name)
    until = row["review_until"] or basis.today(now) + timedelta(days=policy.review_days)
    values = {
        "ref": row["ref"],
        "name": name,
        "received_on": fmt.day(row["received_at"].astimezone(basis.zone).date(), language),
        "hotline": basis.hotline,
        "lender_name": basis.lender_name,
        "today": fmt.day(basis.today(now), language),
        "review_until": fmt.day(until, language),
        "review_days": policy.review_days,
        "regulator": policy.regulator,
        "regulator_hours": hours(policy, language),
    }
    told = words("complaint", language, words=row["words"][:600])
    if row["demand"]:
        told += "\n" + words("demand", language, demand=row["demand"][:400])
    given = {
        key: words(key, language, **values)
        for key in ("greeting", "received", "mediation", "regulator", "court", "contact", "closing")
    }
    return {
        key: {
            **given,
            "complaint": told,
            "findings": script(row["findings"], language),
            "merit": words(f"merit_{row['merit']}", language) if row["merit"] else "",
            "grounds": script(row["grounds"], language),
            LISTED: _remedies(connection, row["ref"], language),
            "review": words("reviewed" if row["reviews"] else "review", language, **values),
        }[key]
        for key in sections()
    }


def _remedies(connection: Connection, ref: str, language: str) -> list[str]:
    granted = [one for one in remedies.of_case(connection, ref) if one["status"] in _GRANTED]
    said = [
        words(f"remedy_{one['kind']}", language, cents=fmt.yuan(one["cents"]), words=script(one["words"], language))
        for one in granted
    ]
    return said or [words("remedy_none", language)]


def check(
    connection: Connection, basis: Basis, row: Row, language: str, contents: Mapping[str, Any]
) -> list[dict[str, str]]:
    """What keeps a letter from being sent: `{rule, where, words}` each. Raises BadInput (`contents`, `language`)."""
    parts = _parts(contents, language)
    english = language == ENGLISH
    found: list[dict[str, str]] = []

    def fault(rule: str, where: str) -> None:
        if not any(one["rule"] == rule and one["where"] == where for one in found):
            said = catalogue()["faults"][rule][1 if english else 0]
            found.append({"rule": rule, "where": where, "words": said if english else turn(said, language)})

    for where, text in parts.items():
        if not text.strip():
            fault("missing", where)
    patterns = catalogue()["tone"]
    if row["ref"] not in parts["received"]:
        fault("number", "received")
    if row["merit"] is None or words(f"merit_{row['merit']}", language) not in parts["merit"]:
        fault("merit", "merit")
    if not row["reviews"] and not re.search(patterns["review"], normalise(parts["review"])):
        fault("review", "review")
    for rule in ("mediation", "court"):
        if not re.search(patterns[rule], normalise(parts[rule])):
            fault(rule, rule)
    if basis.policy(basis.clock.now()).regulator not in parts["regulator"]:
        fault("regulator", "regulator")
    for where in _wrong_amounts(connection, row, parts):
        fault("amount", where)
    for where, text in parts.items():
        plain = QUOTED.sub(" ", text)
        for hit in guard.check(plain.replace(basis.hotline, "")):
            if hit.rule in GUARDED:
                fault(hit.rule, where)
        for rule in TONE:
            if re.search(patterns[rule], normalise(plain)):
                fault(rule, where)
    return found


def _wrong_amounts(connection: Connection, row: Row, parts: Mapping[str, str]) -> list[str]:
    """Money granted must stand in the remedies, and no other amount there."""
    granted = {
        fmt.yuan(one["cents"]).replace(",", "").lstrip("\u00a5")
        for one in remedies.of_case(connection, row["ref"])
        if one["status"] in _GRANTED and one["cents"]
    }
    said = {one.replace(",", "") for one in AMOUNT.findall(parts[LISTED])}
    return [LISTED] if granted != said else []


def keep(
    connection: Connection, basis: Basis, row: Row, who: Who, language: str, contents: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """Store a version with its faults; nothing is ever overwritten. Raises BadInput (`contents`, `language`)."""
    faults = check(connection, basis, row, language, contents)
    newest = sa.select(sa.func.coalesce(sa.func.max(L.version), 0)).where(L.ref == row["ref"])
    made = {
        "letter_id": new_id(),
        "version": int(connection.execute(newest).scalar_one()) + 1,
        "sha256": digest(contents),
    }
    connection.execute(
        complaint_letters.insert().values(
            **made, ref=row["ref"], language=language, contents=dict(contents), lint=faults, by=who.actor, at=now
        )
    )
    facts = {"letter": made["letter_id"], "version": made["version"], "faults": len(faults)}
    change(connection, row, "letter", who, now, "", facts)
    return {**made, "faults": faults}


def letter(connection: Connection, ref: str, letter_id: str) -> dict[str, Any]:
    """One version. Raises NotFound."""
    found = (
        connection.execute(sa.select(complaint_letters).where(L.letter_id == letter_id, L.ref == ref))
        .mappings()
        .first()
    )
    if found is None:
        raise NotFound(f"no letter {letter_id[:32]} of {ref}")
    return dict(found)


def of_case(connection: Connection, ref: str) -> list[dict[str, Any]]:
    query = sa.select(complaint_letters).where(L.ref == ref).order_by(L.version)
    return [dict(one) for one in connection.execute(query).mappings()]


def sendable(connection: Connection, row: Row, letter_id: str) -> dict[str, Any]:
    """The letter, when it may be sent: without faults, and written after the decision's last change.

    Raises:
        NotFound, Conflict (`letter_faults`, `letter_old`).
    """
    found = letter(connection, row["ref"], letter_id)
    if found["lint"]:
        rules = sorted({one["rule"] for one in found["lint"]})
        raise Conflict(f"the letter has faults: {', '.join(rules)}", code="letter_faults", faults=rules)
    if row["decided_at"] is not None and found["at"] < row["decided_at"]:
        raise Conflict("the letter was written before the decision", code="letter_old")
    return found


def digest(contents: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(contents, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _parts(contents: Mapping[str, Any], language: str) -> dict[str, str]:
    """Every section as text. Raises BadInput."""
    if language not in LANGUAGES:
        raise BadInput(f"language is one of {', '.join(LANGUAGES)}", code="language")
    if set(contents) - set(sections()):
        raise BadInput(f"sections are {', '.join(sections())}", code="contents")
    parts = {}
    for key in sections():
        value = contents.get(key, [] if key == LISTED else "")
        lines = value if key == LISTED else [value]
        if not isinstance(lines, list) or not all(isinstance(one, str) and len(one) <= LONGEST for one in lines):
            raise BadInput(f"{key} must be {'a list of words' if key == LISTED else 'words'}", code="contents")
        parts[key] = "\n".join(lines)
    return parts
