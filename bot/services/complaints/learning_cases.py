"""The case base on the tables: a closed case is drawn up, read and approved by somebody else, then searched and suggested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.complaints import casebase
from bot.complaints.casebase import Lesson, checked, drawn
from bot.errors import BadInput, Conflict, Forbidden, NotFound
from bot.lending.authority import Actor
from bot.services.complaints.basis import Basis
from bot.services.complaints.rows import case
from bot.store.complaint_schema import complaint_evidence, complaint_people, complaint_remedies, complaint_surveys
from bot.store.desk_schema import staff
from bot.store.learning_schema import complaint_lessons

L = complaint_lessons.c
DRAWN, APPROVED, WITHDRAWN = "drawn", "approved", "withdrawn"
GIVEN = ("proposed", "refused")  # remedies that were not granted
MOST = 5000


def draw(connection: Connection, basis: Basis, actor: Actor, ref: str, now: datetime) -> dict[str, Any]:
    """A closed case as an anonymous draft. Raises NotFound, BadInput (`state`), Conflict (`exists`)."""
    row = case(connection, ref)
    if actor.staff_id in row["accused"]:
        raise NotFound(f"no complaint {ref}")
    if connection.execute(sa.select(L.lesson_id).where(L.ref == ref)).first():
        raise Conflict(f"{ref} is drawn up already", code="exists")
    remedies = [
        dict(one)
        for one in connection.execute(
            sa.select(complaint_remedies).where(
                complaint_remedies.c.ref == ref, complaint_remedies.c.status.not_in(GIVEN)
            )
        ).mappings()
    ]
    kinds = connection.execute(sa.select(complaint_evidence.c.kind).where(complaint_evidence.c.ref == ref)).scalars()
    score = connection.execute(sa.select(complaint_surveys.c.score).where(complaint_surveys.c.ref == ref)).scalar()
    made = drawn(
        row,
        lesson_id=basis.mark("lesson", ref)[:32],
        known=_known(connection, basis, row),
        evidence=list(kinds),
        remedies=remedies,
        satisfaction=score,
    )
    connection.execute(
        complaint_lessons.insert().values(
            lesson_id=made.lesson_id,
            ref=ref,
            status=DRAWN,
            l1=made.l1,
            l2=made.l2,
            contents=asdict(made),
            drawn_by=actor.staff_id,
            drawn_at=now,
        )
    )
    return asdict(made)


def approve(connection: Connection, actor: Actor, lesson_id: str, changes: Mapping[str, Any], now: datetime) -> None:
    """Somebody else has read it and says that it names nobody; texts may be bettered first.

    Raises:
        NotFound, Forbidden (`same_person`), BadInput (`lesson`, `personal`).
    """
    row = _row(connection, lesson_id, DRAWN)
    if row["drawn_by"] == actor.staff_id:
        raise Forbidden("who drew it up does not approve it", code="same_person")
    fixed = {"lesson_id", "l1", "l2", "reviewer"} & set(changes)
    if fixed:
        raise BadInput(f"{', '.join(sorted(fixed))} cannot be changed", code="lesson")
    lesson = checked({**row["contents"], **changes, "reviewer": actor.staff_id}, "lesson")
    connection.execute(
        complaint_lessons.update()
        .where(L.lesson_id == lesson_id)
        .values(status=APPROVED, contents=asdict(lesson), approved_by=actor.staff_id, approved_at=now)
    )


def withdraw(connection: Connection, lesson_id: str) -> None:
    """It is found no more: outdated, or it names somebody after all. Raises NotFound."""
    if (
        connection.execute(
            complaint_lessons.update().where(L.lesson_id == lesson_id, L.status != WITHDRAWN).values(status=WITHDRAWN)
        ).rowcount
        == 0
    ):
        raise NotFound(f"no lesson {lesson_id}")


def waiting(connection: Connection) -> list[dict[str, Any]]:
    """Drafts to be read, the oldest first."""
    query = sa.select(L.lesson_id, L.ref, L.contents, L.drawn_by, L.drawn_at).where(L.status == DRAWN)
    return [dict(row) for row in connection.execute(query.order_by(L.drawn_at, L.lesson_id)).mappings()]


def search(connection: Connection, basis: Basis, now: datetime, words: str, l1: str, l2: str) -> list[dict[str, Any]]:
    found = casebase.search(_approved(connection), basis.today(now), words, l1=l1, l2=l2)
    return [{"score": score, **asdict(one)} for score, one in found]


def suggest(connection: Connection, basis: Basis, actor: Actor, ref: str, now: datetime) -> list[dict[str, Any]]:
    """Lessons for an open case. Raises NotFound."""
    row = case(connection, ref)
    if actor.staff_id in row["accused"]:
        raise NotFound(f"no complaint {ref}")
    found = casebase.suggestions(_approved(connection), basis.today(now), row["words"], row["l1"], row["l2"])
    return [{"score": score, **asdict(one)} for score, one in found]


def exported(connection: Connection, basis: Basis, now: datetime) -> str:
    """Every approved lesson as a pack."""
    return casebase.pack(_approved(connection), basis.today(now))


def imported(connection: Connection, actor: Actor, text: str, now: datetime) -> dict[str, int]:
    """Lessons of a pack as drafts: also of others a person reads each first. Known ones are left as they are.

    Raises:
        BadInput: see `casebase.unpack`.
    """
    lessons = casebase.unpack(text)
    known = set(connection.execute(sa.select(L.lesson_id)).scalars())
    new = [one for one in lessons if one.lesson_id not in known]
    for one in new:
        if not one.lesson_id.isalnum() or len(one.lesson_id) > 32:
            raise BadInput(f"lesson_id {one.lesson_id[:40]!r} must be at most 32 letters and digits", code="lesson")
        connection.execute(
            complaint_lessons.insert().values(
                lesson_id=one.lesson_id,
                status=DRAWN,
                l1=one.l1,
                l2=one.l2,
                contents=asdict(one),
                drawn_by=f"pack:{actor.staff_id}"[:64],
                drawn_at=now,
            )
        )
    return {"new": len(new), "known": len(lessons) - len(new)}


def _known(connection: Connection, basis: Basis, row: Mapping[str, Any]) -> list[str]:
    """Names, phones and ids of everybody in a case: the customer, who complained, all staff."""
    words = [row["ref"], row["customer_id"] or "", row["loan_id"] or ""]
    person = (
        connection.execute(sa.select(complaint_people).where(complaint_people.c.ref == row["ref"])).mappings().first()
    )
    if person is not None:
        words += [person["name"] or "", person["phone"] or "", person["email"] or ""]
    if row["customer_id"] is not None:
        try:
            customer = basis.loans.customer(row["customer_id"])
            words += [customer.name, customer.phone or ""]
        except NotFound:
            pass  # held no more: the rules mask what they can
    for one in connection.execute(sa.select(staff.c.staff_id, staff.c.name)):
        words += [one.name, one.staff_id]
    return words


def _approved(connection: Connection) -> list[Lesson]:
    query = sa.select(L.contents).where(L.status == APPROVED).order_by(L.approved_at.desc(), L.lesson_id).limit(MOST)
    return [lesson_of(contents) for contents in connection.execute(query).scalars()]


def lesson_of(contents: Mapping[str, Any]) -> Lesson:
    lists = {"evidence", "remedy", "tags"}
    names = {one.name for one in fields(Lesson)}
    values: dict[str, Any] = {
        key: tuple(value) if key in lists else value for key, value in contents.items() if key in names
    }
    return Lesson(**values)


def _row(connection: Connection, lesson_id: str, status: str) -> dict[str, Any]:
    found = (
        connection.execute(sa.select(complaint_lessons).where(L.lesson_id == lesson_id, L.status == status))
        .mappings()
        .first()
    )
    if found is None:
        raise NotFound(f"no lesson {lesson_id} that is {status}")
    return dict(found)
