"""Early warning on the tables: weeks of each category judged, alarms opened as tasks, tasks closed by people.

An alarm is opened once however often the weeks are judged. Closing one with `restart` begins a new baseline after its cause.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.complaints.reports import Case, to_decide
from bot.complaints.similarity import alike
from bot.complaints.taxonomy import names_of_l1
from bot.complaints.warning.periods import Period
from bot.complaints.warning.rules import Alarm, new_topics, repeating, slow
from bot.complaints.warning.watch import LATEST, Watch, watch
from bot.errors import BadInput, NotFound
from bot.lending.authority import Actor
from bot.services.complaints.basis import Basis
from bot.services.complaints.learning_rows import Active, cases
from bot.services.complaints.rows import new_id
from bot.store.complaint_schema import complaint_contacts, complaints
from bot.store.jobs import Job
from bot.store.learning_schema import complaint_alarms

A = complaint_alarms.c
ALL = "all"
WATCH = "complaint_watch"  # the kind of the weekly job
WEEKS = 60
SEASONS = 4  # a due-date cycle of months, by week: the part of the month that a week begins in
MOST_NEW = 60  # texts of a week that are compared; vectors cost time
MOST_KNOWN = 120
USUAL_WEEKS = 8


def judge(connection: Connection, basis: Basis, now: datetime) -> list[Watch]:
    """Every category over the last complete weeks; the running week is not judged, it would always look calm."""
    weeks = _weeks(basis.today(now))
    found = cases(connection, _start(basis, weeks[0]), _start(basis, weeks[-1] + timedelta(days=7)))
    return _judged(connection, basis, weeks, found)


def alarms_of(connection: Connection, basis: Basis, now: datetime, *, topics: bool = True) -> list[Alarm]:
    """What is alarming in the latest complete weeks; only reads.

    Args:
        topics: whether texts are compared for topics never seen before. Takes seconds: not inside a transaction that writes.
    """
    weeks = _weeks(basis.today(now))
    found = cases(connection, _start(basis, weeks[0]), _start(basis, weeks[-1] + timedelta(days=7)))
    latest = {_name(week) for week in weeks[-LATEST:]}
    alarms = [one for seen in _judged(connection, basis, weeks, found) for one in seen.alarms if one.since in latest]
    alarms += _beside(connection, basis, weeks, found)
    return alarms + _topics(connection, basis, weeks[-1]) if topics else alarms


def open_tasks(connection: Connection, alarms: Sequence[Alarm], now: datetime) -> list[str]:
    """Open what is new as tasks; gives the new ones' ids. Safe to run as often as wanted."""
    known = {tuple(row) for row in connection.execute(sa.select(A.category, A.rule, A.since))}
    made = []
    for one in alarms:
        key = (one.category, one.rule, one.since)
        if key not in known:
            known.add(key)
            made.append(_open(connection, one, now))
    return made


def weekly(services: Any, connection: Connection, job: Job, now: datetime) -> tuple[str, tuple[str, ...]]:
    """The worker's look of a week. New topics are not looked for here: comparing texts would hold up whoever writes."""
    alarms = alarms_of(connection, services.complaints.basis, now, topics=False)
    return f"opened {len(open_tasks(connection, alarms, now))}", ()


def tasks(connection: Connection, state: str = "open") -> list[dict[str, Any]]:
    """Alarms as tasks, the newest first; `state` open, closed or all. Raises BadInput."""
    if state not in ("open", "closed", ALL):
        raise BadInput("state is open, closed or all", code="state")
    query = sa.select(complaint_alarms).order_by(A.opened_at.desc(), A.alarm_id).limit(500)
    if state != ALL:
        query = query.where(A.closed_at.is_(None) if state == "open" else A.closed_at.is_not(None))
    return [dict(row) for row in connection.execute(query).mappings()]


def close(connection: Connection, actor: Actor, alarm_id: str, note: str, restart: str | None, now: datetime) -> None:
    """Say what was done about it. Raises NotFound, BadInput (`note`, `restart`)."""
    if not note.strip():
        raise BadInput("say what was found and done", code="note")
    if restart is not None:
        try:
            datetime.strptime(f"{restart}-1", "%G-W%V-%u")
        except ValueError:
            raise BadInput("restart is a week, such as 2026-W30", code="restart") from None
    done = connection.execute(
        complaint_alarms.update()
        .where(A.alarm_id == alarm_id, A.closed_at.is_(None))
        .values(note=note.strip(), restart=restart, closed_at=now, closed_by=actor.staff_id)
    )
    if done.rowcount == 0:
        raise NotFound(f"no open alarm {alarm_id}")


def _open(connection: Connection, one: Alarm, now: datetime) -> str:
    alarm_id = new_id()
    connection.execute(
        complaint_alarms.insert().values(
            alarm_id=alarm_id,
            category=one.category,
            rule=one.rule,
            since=one.since,
            value=float(one.value),
            bound=float(one.limit),
            opened_at=now,
        )
    )
    return alarm_id


def _judged(connection: Connection, basis: Basis, weeks: Sequence[date], found: Sequence[Case]) -> list[Watch]:
    active = Active(connection)
    sizes = [max(1, sum(active.on(week + timedelta(days=6)).values())) for week in weeks]
    counts = Counter((_week_of(basis, case), key) for case in found for key in (case.l1, ALL))
    restarts = {
        row.category: row.latest
        for row in connection.execute(
            sa.select(A.category, sa.func.max(A.restart).label("latest"))
            .where(A.restart.is_not(None))
            .group_by(A.category)
        )
    }
    first = next((at for at, week in enumerate(weeks) if counts[week, ALL]), len(weeks))
    judged = []
    for category in (ALL, *names_of_l1()):
        periods = [
            Period(_name(week), counts[week, category], size, min(week.day // 8, SEASONS - 1))
            for week, size in list(zip(weeks, sizes, strict=True))[first:]
        ]
        judged.append(watch(category, periods, since=restarts.get(category)))
    return judged


def _beside(connection: Connection, basis: Basis, weeks: Sequence[date], found: Sequence[Case]) -> list[Alarm]:
    """Slow handling, people who come again, new topics: of the last complete week."""
    week = weeks[-1]
    alarms = []
    mine = [days for case in found if _week_of(basis, case) == week and (days := to_decide(case)) is not None]
    before = weeks[-1 - USUAL_WEEKS]
    usual = [days for case in found if before <= _week_of(basis, case) < week and (days := to_decide(case)) is not None]
    late = slow(mine, usual)
    if late is not None:
        alarms.append(Alarm("slow", ALL, _name(week), *late))
    begin = _start(basis, week)
    query = (
        sa.select(complaint_contacts.c.customer_id, sa.func.sum(complaint_contacts.c.times))
        .where(
            complaint_contacts.c.customer_id.is_not(None),
            complaint_contacts.c.at >= begin,
            complaint_contacts.c.at < begin + timedelta(days=7),
        )
        .group_by(complaint_contacts.c.customer_id)
    )
    often = repeating({customer: int(times) for customer, times in connection.execute(query)})
    if often:
        alarms.append(Alarm("repeat", ALL, _name(week), float(len(often)), 0.0))
    return alarms


def _topics(connection: Connection, basis: Basis, week: date) -> list[Alarm]:
    begin, c = _start(basis, week), complaints.c

    def words(since: datetime, until: datetime, most: int) -> list[str]:
        query = sa.select(c.words).where(c.received_at >= since, c.received_at < until, c.state != "merged")
        return list(connection.execute(query.order_by(c.received_at.desc(), c.ref).limit(most)).scalars())

    new = words(begin, begin + timedelta(days=7), MOST_NEW)
    if len(new) < 5:
        return []
    old = words(begin - timedelta(weeks=USUAL_WEEKS), begin, MOST_KNOWN)
    known = [max((alike(one, other) for other in old), default=0.0) for one in new]
    likenesses = [[1.0 if one is other else alike(one, other) for other in new] for one in new]
    groups = new_topics(likenesses, known, basis.policy(begin).likeness)
    return [
        Alarm("new_topic", ALL, f"{_name(week)}#{at}", float(len(group)), 5.0) for at, group in enumerate(groups, 1)
    ]


def _weeks(today: date) -> list[date]:
    """Mondays of the last complete weeks, the oldest first."""
    monday = today - timedelta(days=today.weekday())
    return [monday - timedelta(weeks=back) for back in range(WEEKS, 0, -1)]


def _week_of(basis: Basis, case: Case) -> date:
    day = case.received_at.astimezone(basis.zone).date()
    return day - timedelta(days=day.weekday())


def _name(week: date) -> str:
    return week.strftime("%G-W%V")


def _start(basis: Basis, day: date) -> datetime:
    return datetime.combine(day, time(), basis.zone)
