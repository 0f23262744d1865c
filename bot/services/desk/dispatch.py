"""What the desk does by itself: gives waiting borrowers to agents, takes conversations back from agents who lost the line,
turns hopeless waiting into callbacks, follows missed callbacks up. Safe with any number of processes at once.

One conversation, one transaction: its row is locked first (and passed over while somebody else holds it), then what was
seen is looked at again. A process that dies before the commit leaves the borrower waiting where they were.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.dialogue.lexicon import word
from bot.lending import routing
from bot.services import events
from bot.services.desk import callbacks, ownership
from bot.services.desk import handover_rows as ho
from bot.services.desk.basis import Basis
from bot.services.desk.queue import Queue
from bot.services.notices import language_of
from bot.store.desk_schema import handovers, presence, staff

T = handovers.c


class Dispatch:
    """`notifier` tells the supervisor; `queue` knows places and slots."""

    def __init__(self, basis: Basis, queue: Queue, notifier: Any) -> None:
        self.basis, self.queue, self._notifier = basis, queue, notifier

    # -- what there is to do; each name is carried out in a transaction of its own

    def waiting(self, connection: Connection, now: datetime) -> list[str]:
        """Conversations in the order in which they should be served."""
        line = routing.order(ho.waiting(connection), now, self.basis.policy(now))
        query = sa.select(T.ref, T.conversation_id).where(T.status == "waiting")
        where = {one.ref: str(one.conversation_id) for one in connection.execute(query)}
        return [where[one.ref] for one in line if one.ref in where]

    def assign(self, connection: Connection, conversation_id: str, now: datetime) -> str | None:
        """Give one waiting conversation to whoever should serve it; the staff id, or None."""
        conversation = ho.lock_free(connection, conversation_id)
        if conversation is None or conversation.owner != ownership.WAITING:
            return None
        handover = ho.current(connection, conversation_id)
        if handover is None:
            ownership.give(connection, conversation, ownership.BOT, now, why="nothing_open")
            return None
        policy = self.basis.policy(now)
        mine = next((one for one in ho.waiting(connection, handover["queue"]) if one.ref == handover["ref"]), None)
        there = ho.servers(connection, policy, self.basis.there_since(now), lock=True)
        server = None if mine is None else routing.choose(there, mine, now, policy)
        if server is None:
            return None
        self.connect(connection, conversation, handover, server.staff_id, now, why="assigned")
        return server.staff_id

    def connect(
        self, connection: Connection, conversation: Any, handover: ho.Row, staff_id: str, now: datetime, *, why: str
    ) -> int:
        """The (locked) conversation is `staff_id`'s from now on, and the borrower is told by name."""
        epoch = ownership.give(connection, conversation, ownership.AGENT, now, agent=staff_id, why=why)
        first = {} if handover["assigned_at"] else {"assigned_at": now}
        ho.change(connection, handover["ref"], status="assigned", agent=staff_id, taken_at=now, wanted=None, **first)
        connection.execute(presence.update().where(presence.c.staff_id == staff_id).values(served_at=now))
        facts = {"ref": handover["ref"], "staff": staff_id, "queue": handover["queue"], "epoch": epoch}
        origin = events.Origin(now, conversation.conversation_id)
        events.record(connection, origin, [events.Event("handover_assigned", events.SYSTEM, facts)])
        self.basis.say(
            connection,
            conversation.conversation_id,
            "utter_agent_joined",
            now,
            agent_name=name_of(connection, staff_id),
        )
        return epoch

    def lost(self, connection: Connection, now: datetime) -> list[str]:
        """Conversations whose agent has not been heard of for too long."""
        silent = sa.or_(presence.c.seen_at.is_(None), presence.c.seen_at < self.basis.there_since(now))
        query = (
            sa.select(T.conversation_id)
            .outerjoin(presence, presence.c.staff_id == T.agent)
            .where(T.status == "assigned", silent)
        )
        return list(connection.execute(query).scalars())

    def take_back(self, connection: Connection, conversation_id: str, now: datetime) -> bool:
        """From an agent who lost the line to the queue, at the old place; the borrower is told."""
        conversation = ho.lock_free(connection, conversation_id)
        if conversation is None or conversation_id not in self.lost(connection, now):
            return False
        handover = ho.current(connection, conversation_id)
        if handover is None or conversation.owner != ownership.AGENT:
            return False
        connection.execute(presence.update().where(presence.c.staff_id == handover["agent"]).values(status="offline"))
        self.requeue(connection, conversation, handover, now, why="agent_lost", response="utter_agent_lost")
        return True

    def requeue(
        self,
        connection: Connection,
        conversation: Any,
        handover: ho.Row,
        now: datetime,
        *,
        why: str,
        response: str,
        **changes: Any,
    ) -> int:
        """Back to waiting at the old place (`queued_at` stays); gives the new epoch."""
        lost = {"times_lost": handover["times_lost"] + 1} if why == "agent_lost" else {}
        ho.change(connection, handover["ref"], status="waiting", agent=None, **lost, **changes)
        epoch = ownership.give(connection, conversation, ownership.WAITING, now, why=why)
        present = ho.row(connection, handover["ref"])
        position, expected = self.queue.place(connection, present, now)
        language = language_of(connection, conversation.conversation_id)
        self.basis.say(
            connection,
            conversation.conversation_id,
            response,
            now,
            buttons=self.queue.choices(language),
            position=max(1, position),
            time=self.queue.time_words(expected, language),
        )
        return epoch

    def hopeless(self, connection: Connection, now: datetime) -> list[str]:
        """Waiting although nobody who could serve it has been there for too long, or after hours."""
        policy = self.basis.policy(now)
        there = ho.servers(connection, policy, self.basis.there_since(now))
        open_now = self.basis.is_open(now)
        found = []
        query = sa.select(T.ref, T.conversation_id, T.queued_at, T.queue, T.language, T.taken_at).where(
            T.status == "waiting"
        )
        for one in connection.execute(query):
            since = max(one.queued_at, one.taken_at or one.queued_at)
            able = any(routing.could_serve(server, one.queue, one.language, policy) for server in there)
            if not able and (not open_now or now - since >= policy.nobody_after):
                found.append(one.conversation_id)
        return found

    def give_up(self, connection: Connection, conversation_id: str, now: datetime) -> bool:
        """From waiting for nobody to a callback (who is known) or a message; never a loop."""
        conversation = ho.lock_free(connection, conversation_id)
        handover = ho.current(connection, conversation_id)
        if conversation is None or handover is None or conversation.owner != ownership.WAITING:
            return False
        if conversation_id not in self.hopeless(connection, now):
            return False
        ref = handover["ref"]
        language = language_of(connection, conversation_id)
        slots = self.queue.slots(connection, handover["queue"], now) if handover["customer_id"] else []
        if slots:
            self.queue.book(connection, ref, slots[0], now)
            window = self.basis.window(slots[0], language)
            self.basis.say(connection, conversation_id, "utter_waiting_to_callback", now, ref=ref, window=window)
            return True
        self.queue.leave_message(connection, ref, now)
        by = self.basis.times(now).answer_by(now.astimezone(self.basis.zone), "person")
        by_words = self.basis.moment(by, language)
        self.basis.say(connection, conversation_id, "utter_waiting_to_message", now, ref=ref, by=by_words)
        return True

    # -- callbacks

    def missed_callback(self, connection: Connection, callback: Any, now: datetime) -> bool:
        """The window passed: another try, or the supervisor; the borrower is told either way."""
        return self.call_failed(connection, callback, callbacks.MISSED, now)

    def call_failed(self, connection: Connection, callback: Any, status: str, now: datetime, **values: Any) -> bool:
        """End a callback that did not reach the borrower. False when somebody was faster."""
        policy = self.basis.policy(now)
        again = callback["attempt"] <= policy.callback_retries
        if not callbacks.end(
            connection, callback["callback_id"], status if again else callbacks.ESCALATED, now, **values
        ):
            return False
        conversation_id = callback["conversation_id"]
        language = language_of(connection, conversation_id)
        facts = {"ref": callback["ref"], "attempt": callback["attempt"], "again": again}
        origin = events.Origin(now, conversation_id)
        events.record(connection, origin, [events.Event("callback_missed", events.SYSTEM, facts)])
        slots = self.queue.slots(connection, callback["queue"], now) if again else []
        if slots:
            handover = ho.row(connection, callback["ref"])
            callbacks.book(connection, handover, slots[0], now, attempt=callback["attempt"] + 1)
            window = self.basis.window(slots[0], language)
            self.basis.say(connection, conversation_id, "utter_callback_retry", now, window=window, ref=callback["ref"])
            return True
        ho.change(connection, callback["ref"], priority=0)
        by = self.basis.times(now).answer_by(now.astimezone(self.basis.zone), "person")
        self._notifier.alert(connection, "callback_missed", callback["ref"], conversation_id, now)
        self.basis.say(
            connection,
            conversation_id,
            "utter_callback_escalated",
            now,
            ref=callback["ref"],
            by=self.basis.moment(by, language),
        )
        return True


def name_of(connection: Connection, staff_id: str) -> str:
    """How a colleague is called to borrowers: the name of the staff table, else a plain word."""
    name = connection.execute(sa.select(staff.c.name).where(staff.c.staff_id == staff_id)).scalar()
    return str(name) if name else word("a_colleague", "zh-Hans")
