"""A complaint comes in, on whatever channel: read, merged with what it repeats or opened as a case, acknowledged, on the clock.

Everything happens in one transaction, so that nobody can hold a number without a case. An action decides first (`decide`)
and has the same decision carried out with its turn (`record`); everybody else does both at once (`lodge`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.complaints.classify import Reading
from bot.errors import Changed
from bot.lending.complaint_clock import Deadlines
from bot.lending.complaint_policy import Level
from bot.lending.complaint_states import Verb
from bot.services.complaints import alerts, assigning, following, likeness
from bot.services.complaints.basis import Basis
from bot.services.complaints.facts import reading_of
from bot.services.complaints.lodgement import (
    ATTACHED,
    NEW,
    PREFIX,
    REOPENED,
    REPEATED,
    Decision,
    Lodging,
    mark_of,
)
from bot.services.complaints.opening import keep_contact, open_case, who_of
from bot.services.complaints.readings import keep_reading
from bot.services.complaints.rows import THE_BORROWER, THE_SYSTEM, Row, Who, case, change, move
from bot.services.complaints.timing import queue_clocks
from bot.store.complaint_schema import complaint_contacts
from bot.store.counters import next_number

T = complaint_contacts.c


class Lodge:
    """The one way into the list of cases."""

    def __init__(self, basis: Basis) -> None:
        self.basis = basis

    def read(self, lodging: Lodging, now: datetime) -> Reading:
        """The classification, for `lodge`, and a first look at what is alike: both take a moment, so before a transaction."""
        reading = reading_of(self.basis, lodging, now)
        with self.basis.database.read() as connection:
            likeness.look(connection, self.basis, lodging, reading.l1, now)  # what it compares is remembered
        return reading

    def lodge(
        self, connection: Connection, lodging: Lodging, now: datetime, reading: Reading | None = None
    ) -> Decision:
        """Decide and record at once, in the caller's transaction."""
        _one_at_a_time(connection, lodging.sender)
        decision = self._decide(connection, lodging, reading or reading_of(self.basis, lodging, now), now)
        if decision.kind == NEW:
            ref = next_number(connection, PREFIX, self.basis.today(now))
            decision = replace(decision, ref=ref)
        self._record(connection, lodging, decision, now)
        return decision

    def decide(self, lodging: Lodging, now: datetime) -> Decision:
        """What will become of it, with its number; nothing but the number is taken yet."""
        reading = self.read(lodging, now)
        with self.basis.database.read() as connection:
            decision = self._decide(connection, lodging, reading, now)
        if decision.kind != NEW:
            return decision
        with self.basis.database.write() as connection:
            return replace(decision, ref=next_number(connection, PREFIX, self.basis.today(now)))

    def record(self, connection: Connection, lodging: Lodging, decision: Decision, now: datetime) -> None:
        """Carry out what was decided. Raises Changed when it would be decided otherwise by now."""
        _one_at_a_time(connection, lodging.sender)
        if self._decide(connection, lodging, decision.reading, now).same != decision.same:
            raise Changed
        self._record(connection, lodging, decision, now)

    # -- deciding

    def _decide(self, connection: Connection, lodging: Lodging, reading: Reading, now: datetime) -> Decision:
        policy = self.basis.policy(now)
        found = likeness.look(connection, self.basis, lodging, reading.l1, now)
        if found.case is not None:
            row = found.case
            clocks = Deadlines(row["contact_by"], row["target_by"], row["legal_by"], row["told_by"], row["contain_by"])
            kind = REPEATED if found.same_words else REOPENED if found.reopens else ATTACHED
            if kind == REOPENED:
                clocks = self.basis.deadlines(row["urgency"], now, policy.legal_days[0], now)
            return Decision(
                kind,
                row["ref"],
                reading,
                clocks,
                found.likeness,
                flooded=found.flooded,
                handler=row["handler"],
                received_at=row["received_at"],
            )
        clocks = self.basis.deadlines(reading.urgency, lodging.received_at, policy.legal_days[0], now)
        about = set(lodging.accused) | set(
            assigning.accused(connection, lodging.words, reading.l1, lodging.conversation_id, now)
        )
        handler = assigning.pick(connection, reading.urgency, about)
        return Decision(
            NEW,
            "",
            reading,
            clocks,
            follows=found.follows,
            handler=handler,
            accused=tuple(sorted(about)),
            received_at=lodging.received_at,
        )

    # -- recording

    def _record(self, connection: Connection, lodging: Lodging, decision: Decision, now: datetime) -> None:
        if decision.kind == NEW:
            open_case(connection, self.basis, lodging, decision, now)
        else:
            self._attach(connection, lodging, decision, now)

    def _attach(self, connection: Connection, lodging: Lodging, decision: Decision, now: datetime) -> None:
        row = case(connection, decision.ref, lock=True)
        following.new_link(connection, self.basis, row["ref"], decision.link_id, now)
        if decision.kind == REPEATED:
            connection.execute(
                complaint_contacts.update()
                .where(T.ref == row["ref"], T.sender == lodging.sender, T.mark == mark_of(self.basis, lodging))
                .values(times=T.times + 1)
            )
            return
        keep_contact(connection, self.basis, lodging, decision, "again")
        keep_reading(connection, row["ref"], decision.contact_id, "model", decision.reading, now)
        who, facts = who_of(lodging), {"contact": decision.contact_id, "likeness": decision.likeness}
        if decision.kind == REOPENED:
            reopen(connection, self.basis, row, THE_SYSTEM, now, "the same again within the time", facts)
            return
        row = change(connection, row, "contact", who, now, "", facts)
        row = self._read_anew(connection, row, decision, now)
        if row["state"] == "awaiting_customer":
            move(connection, row, Verb.ANSWERED, THE_BORROWER, now)

    def _read_anew(self, connection: Connection, row: Row, decision: Decision, now: datetime) -> Row:
        """A case that said little is read by what is said now; one that turns out more urgent gets the shorter times."""
        reading, policy = decision.reading, self.basis.policy(now)
        more_urgent = str(reading.urgency) < row["urgency"]
        vague = row["l1"] == likeness.VAGUE and reading.l1 != likeness.VAGUE and row["confidence"] is not None
        if not (more_urgent or vague) or row["confidence"] is None:
            return row
        urgency = min(str(reading.urgency), row["urgency"]) if not vague else str(reading.urgency)
        clocks = self.basis.deadlines(urgency, row["clock_from"], row["legal_days"], now)
        row = change(
            connection,
            row,
            "read_again",
            THE_SYSTEM,
            now,
            "",
            {"from": [row["l1"], row["l2"], row["urgency"]], "contact": decision.contact_id},
            l1=reading.l1 if vague else row["l1"],
            l2=reading.l2 if vague else row["l2"],
            urgency=urgency,
            confidence=reading.confidence,
            flags=sorted({*row["flags"], *reading.flags}),
            clock=row["clock"] + 1,
            contact_by=min(clocks.contact_by, row["contact_by"]),
            contain_by=clocks.contain_by,
            target_by=min(clocks.target_by, row["target_by"]),
            told_by=min(clocks.told_by, row["told_by"]),
        )
        if row["state"] == "acknowledged" and reading.confidence >= policy.sure:
            row = move(connection, row, Verb.TRIAGE, THE_SYSTEM, now)
        queue_clocks(connection, self.basis, row, now)
        if more_urgent and policy.levels[Level(urgency)].alert:
            alerts.urgent(connection, self.basis, row, now)
        return row


def reopen(
    connection: Connection, basis: Basis, row: Row, who: Who, now: datetime, reason: str, facts: dict[str, Any]
) -> Row:
    """A closed case goes on, with times counted from now; whoever is told again."""
    clocks = basis.deadlines(row["urgency"], now, basis.policy(now).legal_days[0], now)
    row = move(
        connection,
        row,
        Verb.REOPEN,
        who,
        now,
        reason,
        facts,
        reopened=row["reopened"] + 1,
        clock=row["clock"] + 1,
        clock_from=now,
        contact_by=clocks.contact_by,
        contacted_at=None,
        contain_by=clocks.contain_by,
        target_by=clocks.target_by,
        legal_by=clocks.legal_by,
        legal_days=basis.policy(now).legal_days[0],
        told_by=clocks.told_by,
        paused_at=None,
        paused_seconds=0,
        closed_at=None,
        resume_on=None,
        resume_told_at=None,
    )
    queue_clocks(connection, basis, row, now)
    return row


def _one_at_a_time(connection: Connection, sender: str) -> None:
    """Two contacts of one person at the same moment are looked at one after the other (SQLite has one writer anyway)."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            sa.text("SELECT pg_advisory_xact_lock(hashtext(:sender))"), {"sender": f"complaint {sender}"}
        )
