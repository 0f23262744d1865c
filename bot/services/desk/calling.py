"""A person is called from a turn of the bot: the record, the place in the queue or the promise of a callback, all with the turn.

Nobody there, closed or full is never a loop: a known borrower gets a callback with an hour, anybody else a message with the
time of its answer. Asking again while an answer is owed takes the old place as soon as somebody is there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.dialogue.turn import Turn
from bot.lending.position import position
from bot.services.desk import callbacks
from bot.services.desk import handover_rows as ho
from bot.services.desk.queue import NOBODY, QUEUE, Outlook, Queue
from bot.services.requests import Requests
from bot.store.conversation_schema import events

KIND = "hand_over"
RECENT = timedelta(days=30)


@dataclass(frozen=True)
class Called:
    """`slot`: the hour of the callback; `by`: when a person answers otherwise; `again`: it was asked for before."""

    ref: str
    outlook: Outlook
    by: datetime
    slot: datetime | None = None
    again: bool = False

    @property
    def waits(self) -> bool:
        return self.outlook.way == QUEUE


class Calling:
    """Used by the actions."""

    def __init__(self, queue: Queue, requests: Requests) -> None:
        self._queue, self._requests = queue, requests

    def call(self, turn: Turn, reason: str, urgency: str = "person", kind: str = KIND) -> Called:
        """Bring a person, with this turn.

        Args:
            reason: of the desk's policy. Somebody who has spoken of illness, a death and the like is served sooner.
            urgency: of the service times.
        """
        basis, now, speaker = self._queue.basis, turn.now, turn.speaker
        conversation_id = turn.conversation_id
        with basis.database.read() as connection:
            if reason == KIND and self._vulnerable(connection, turn):
                reason = "vulnerable"
            owed = ho.owed(connection, conversation_id, speaker.session_id if speaker.customer_id is None else None)
            outlook = self._queue.outlook(connection, reason, speaker, turn.language, now)
            due = callbacks.due_of(connection, owed["ref"]) if owed is not None else None
            slot = self._slot(connection, turn, outlook, urgency)
        by = basis.times(now).answer_by(now.astimezone(basis.zone), urgency)
        turn.handover, turn.with_person = reason, outlook.way == QUEUE
        if owed is not None:
            ref = owed["ref"]
            turn.decide("handover", reason=reason, ref=ref, way=outlook.way, again=True)
            if outlook.way == QUEUE:
                turn.later(lambda c: self._queue.again(c, ref, conversation_id, outlook, reason, now))
            return Called(ref, outlook, by, due["from_at"] if due is not None else None, True)
        ref = self._requests.record(turn, kind=kind, prefix="RG", by=by, words=turn.understanding.text).ref
        turn.decide("handover", reason=reason, ref=ref, way=outlook.way, again=False)
        product = self._product(turn)
        turn.later(
            lambda c: self._queue.ask(c, ref, conversation_id, speaker, outlook, reason, turn.language, product, now)
        )
        if slot is not None:
            turn.later(lambda c: self._queue.book(c, ref, slot, now))
        return Called(ref, outlook, by, slot)

    def _product(self, turn: Turn) -> str | None:
        """The product of the borrower's most pressing loan: the longest overdue, else the next to fall due."""
        customer_id = turn.speaker.customer_id
        found = []
        for loan in turn.services.loans.loans(customer_id) if customer_id else ():
            now = position(loan, turn.today)
            if now.due is not None or now.days_overdue:
                found.append((-now.days_overdue, now.due.due_on if now.due else turn.today, loan.product.product_id))
        return min(found)[2] if found else None

    def call_back(self, turn: Turn, wanted: datetime | None) -> Called | tuple[datetime, ...]:
        """Book a callback for a known borrower at the hour asked for, or at the next one; otherwise the hours to choose from.

        Args:
            wanted: aware; None: any hour, unless one is booked already: then a new one must be named.
        """
        basis, now, speaker = self._queue.basis, turn.now, turn.speaker
        hour = wanted.replace(minute=0, second=0, microsecond=0) if wanted is not None else None
        with basis.database.read() as connection:
            owed = ho.owed(connection, turn.conversation_id)
            due = callbacks.due_of(connection, owed["ref"]) if owed is not None else None
            outlook = self._queue.outlook(connection, KIND, speaker, turn.language, now)
            queue = owed["queue"] if owed is not None else outlook.queue
            slots = self._queue.slots(connection, queue, now, not_before=hour)
            offered = slots or self._queue.slots(connection, queue, now)
        if not slots or (hour is None and due is not None) or (hour is not None and slots[0] != hour):
            return tuple(offered)
        slot: datetime = slots[0]
        by = basis.times(now).answer_by(now.astimezone(basis.zone), "person")
        if owed is None:
            outlook = replace(outlook, way=NOBODY)  # a call, not a place in the queue
            ref = self._requests.record(turn, kind=KIND, prefix="RG", by=by, words=turn.understanding.text).ref
            turn.later(
                lambda c: self._queue.ask(
                    c, ref, turn.conversation_id, speaker, outlook, KIND, turn.language, None, now
                )
            )
        else:
            ref = owed["ref"]
        turn.later(lambda c: self._queue.book(c, ref, slot, now))
        turn.decide("callback_booked", ref=ref, hour=slot.isoformat())
        return Called(ref, outlook, by, slot, owed is not None)

    def _slot(self, connection: Connection, turn: Turn, outlook: Outlook, urgency: str) -> datetime | None:
        """The next callback hour, for somebody whose phone is known; whoever is in danger is not told to wait for an hour."""
        speaker = turn.speaker
        if outlook.way == QUEUE or urgency == "urgent" or speaker.customer_id is None:
            return None
        if turn.services.loans.customer(speaker.customer_id).phone is None:
            return None
        slots = self._queue.slots(connection, outlook.queue, turn.now)
        return slots[0] if slots else None

    def _vulnerable(self, connection: Connection, turn: Turn) -> bool:
        query = (
            sa.select(events.c.event_id)
            .where(
                events.c.conversation_id == turn.conversation_id,
                events.c.kind == "vulnerable",
                events.c.at >= turn.now - RECENT,
            )
            .limit(1)
        )
        return connection.execute(query).first() is not None
