"""The borrower's side of waiting: joining the queue, one's place in it, a callback or a message instead, leaving.

A place is `queued_at` and survives whatever happens to pages and agents. Numbers are given only where today's waits
allow them (`bot.lending.waiting`). Every function runs inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from bot.dialogue.lexicon import word
from bot.dialogue.turn import Button, Speaker
from bot.lending import routing
from bot.lending.routing import Waiting
from bot.lending.waiting import Estimate, estimate
from bot.services import events
from bot.services.desk import callbacks, ownership
from bot.services.desk import handover_rows as ho
from bot.services.desk.basis import Basis
from bot.store import conversation_rows as rows
from bot.store.conversation_rows import Conversation
from bot.store.desk_schema import customer_managers, handovers

QUEUE, CLOSED, NOBODY, FULL = "queue", "closed", "nobody", "full"


@dataclass(frozen=True)
class Outlook:
    """What asking for a person leads to now. `position` and `estimate` are of the queue; `at_once`: somebody is free."""

    way: str  # queue | closed | nobody | full
    queue: str
    priority: int
    position: int = 0
    estimate: Estimate | None = None
    at_once: bool = False
    wanted: str | None = None


class Queue:
    """`owed_cents` gives a customer's open principal, for the queue of high value."""

    def __init__(self, basis: Basis, owed_cents: Callable[[str], int]) -> None:
        self.basis = basis
        self._owed_cents = owed_cents

    # -- looking

    def outlook(self, connection: Connection, reason: str, speaker: Speaker, language: str, now: datetime) -> Outlook:
        """Where a request would stand if it came now."""
        policy = self.basis.policy(now)
        owed = self._owed_cents(speaker.customer_id) if speaker.customer_id else 0
        place = policy.place(reason, owed)
        wanted = _manager(connection, speaker.customer_id) if place.queue == policy.high_value.queue else None
        waiting = ho.waiting(connection)
        mine = Waiting("~", place.queue, place.priority, now, language, speaker.channel, wanted)
        there = ho.servers(connection, policy, self.basis.there_since(now))
        way = QUEUE
        if not self.basis.is_open(now):
            way = CLOSED
        elif not any(routing.could_serve(one, place.queue, language, policy) for one in there):
            way = NOBODY
        elif sum(1 for one in waiting if one.queue == place.queue) >= policy.full_at and place.priority > 0:
            way = FULL
        position, expected = self._place(connection, waiting, mine, now)
        free = position == 1 and routing.choose(there, mine, now, policy) is not None
        return Outlook(way, place.queue, place.priority, position, expected, free, wanted)

    def place(self, connection: Connection, handover: ho.Row, now: datetime) -> tuple[int, Estimate | None]:
        """The present place of somebody who waits, 1 is next, and how long that takes."""
        waiting = ho.waiting(connection)
        mine = next((one for one in waiting if one.ref == handover["ref"]), None)
        if mine is None:
            return 0, None
        return self._place(connection, [one for one in waiting if one is not mine], mine, now)

    def _place(
        self, connection: Connection, others: list[Waiting], mine: Waiting, now: datetime
    ) -> tuple[int, Estimate | None]:
        policy = self.basis.policy(now)
        line = routing.order([*(one for one in others if one.queue == mine.queue), mine], now, policy)
        position = line.index(mine) + 1
        finished = ho.finished_waits(connection, mine.queue, self.basis.midnight(now))
        return position, estimate(finished, position, now, policy.finished_for_estimate)

    def time_words(self, outlook_estimate: Estimate | None, language: str, *, at_once: bool = False) -> str:
        """How long, in words: a span, or honestly that it cannot be said."""
        if at_once:
            return word("queue_now", language)
        if outlook_estimate is None:
            return word("queue_time_unknown", language)
        low, high = outlook_estimate.minutes
        return word("queue_time", language, low=low, high=high)

    # -- changing

    def ask(
        self,
        connection: Connection,
        ref: str,
        conversation_id: str,
        speaker: Speaker,
        outlook: Outlook,
        reason: str,
        language: str,
        product: str | None,
        now: datetime,
    ) -> None:
        """Store the handover; with `queue` the conversation is the queue's from now on, otherwise the bot keeps it."""
        status = "waiting" if outlook.way == QUEUE else "message"
        conversation = rows.conversation(connection, conversation_id, lock=True)
        if status == "waiting" and conversation.owner != ownership.BOT:
            return
        connection.execute(
            handovers.insert().values(
                ref=ref,
                conversation_id=conversation_id,
                session_id=speaker.session_id,
                customer_id=speaker.customer_id,
                channel=speaker.channel,
                language=language,
                product=product,
                reason=reason,
                queue=outlook.queue,
                priority=outlook.priority,
                status=status,
                wanted=outlook.wanted,
                position=outlook.position if status == "waiting" else None,
                queued_at=now,
            )
        )
        if status == "waiting":
            self._wait(connection, conversation, ref, reason, outlook, now)

    def again(
        self, connection: Connection, ref: str, conversation_id: str, outlook: Outlook, reason: str, now: datetime
    ) -> None:
        """A borrower who was promised an answer wants to wait after all: the old place counts."""
        conversation = rows.conversation(connection, conversation_id, lock=True)
        if conversation.owner != ownership.BOT or outlook.way != QUEUE:
            return
        due = callbacks.due_of(connection, ref)
        if due is not None:
            callbacks.end(connection, due["callback_id"], callbacks.CANCELLED, now)
        priority = min(outlook.priority, ho.row(connection, ref)["priority"])
        ho.change(connection, ref, status="waiting", position=outlook.position, priority=priority)
        self._wait(connection, conversation, ref, reason, outlook, now)

    def _wait(
        self, connection: Connection, conversation: Conversation, ref: str, reason: str, outlook: Outlook, now: datetime
    ) -> None:
        ownership.give(connection, conversation, ownership.WAITING, now, why=reason)
        facts = {"ref": ref, "queue": outlook.queue, "reason": reason, "position": outlook.position}
        events.record(connection, events.Origin(now, conversation.conversation_id), [_event("handover_queued", facts)])

    def book(self, connection: Connection, ref: str, at: datetime, now: datetime) -> None:
        """A callback instead of waiting; the bot is back meanwhile."""
        callbacks.book(connection, ho.row(connection, ref), at, now)
        self._stop_waiting(connection, ref, "callback", now)

    def leave_message(self, connection: Connection, ref: str, now: datetime) -> None:
        """What was said stays for a colleague, who answers later."""
        self._stop_waiting(connection, ref, "message", now)

    def leave(self, connection: Connection, ref: str, now: datetime) -> None:
        """The borrower no longer wants a person."""
        self._stop_waiting(connection, ref, "left", now)
        ho.end_request(connection, ref, "withdrawn")

    def _stop_waiting(self, connection: Connection, ref: str, status: str, now: datetime) -> None:
        handover = ho.row(connection, ref)
        conversation = rows.conversation(connection, handover["conversation_id"], lock=True)
        closed = {"closed_at": now} if status == "left" else {}
        ho.change(connection, ref, status=status, **closed)
        if conversation.owner == ownership.WAITING:
            ownership.give(connection, conversation, ownership.BOT, now, why=status)
        events.record(
            connection,
            events.Origin(now, handover["conversation_id"]),
            [_event("handover_" + status, {"ref": ref, "queue": handover["queue"]})],
        )

    def slots(self, connection: Connection, queue: str, now: datetime, not_before: datetime | None = None) -> list[Any]:
        """The next callback windows with room."""
        basis = self.basis
        return callbacks.free_slots(
            connection, queue, now, basis.policy(now), basis.times(now), basis.zone, not_before=not_before
        )

    def choices(self, language: str) -> list[Button]:
        """What a waiting borrower may do: wait, be called back, leave a message."""
        return [
            Button(word(key, language), word(key, language)) for key in ("wait_on", "call_me_back", "leave_message")
        ]


def _manager(connection: Connection, customer_id: str | None) -> str | None:
    if customer_id is None:
        return None
    found = customer_managers.select().where(customer_managers.c.customer_id == customer_id)
    row = connection.execute(found).first()
    return None if row is None else str(row.staff_id)


def _event(kind: str, facts: dict[str, Any]) -> events.Event:
    return events.Event(kind, events.SYSTEM, facts)
