"""What agents do with conversations: take, transfer, hand back, close; what supervisors may besides. One transaction each.

Who may see a conversation: its agent, whoever has the skill of its queue, colleagues it was with before; leads, supervisors
and compliance see all. Only its owner writes to the borrower.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.dialogue.lexicon import word
from bot.errors import BadInput, Conflict, Forbidden, NotFound
from bot.lending.authority import Actor
from bot.services import events
from bot.services.desk import callbacks, handing_back, notes, ownership, surveys
from bot.services.desk import handover_rows as ho
from bot.services.desk.basis import Basis
from bot.services.desk.dispatch import Dispatch
from bot.services.notices import language_of
from bot.store import conversation_rows as rows
from bot.store import turn_rows
from bot.store.conversation_schema import conversations
from bot.store.conversation_schema import events as journal
from bot.store.desk_schema import callbacks as callback_table
from bot.store.desk_schema import handovers, presence, staff

ALL_SEEING = ("lead", "supervisor", "compliance")
LEADING = ("lead", "supervisor")
OUTCOMES = ("resolved", "follow_up", "unresolved", "no_reply")
T = handovers.c


@dataclass(frozen=True)
class Disposition:
    """服务小结: what it was about, how it ended, what is to follow."""

    topic: str
    outcome: str
    summary: str = ""
    follow_up: date | None = None


class Agents:
    """`dispatch` connects and requeues."""

    def __init__(self, basis: Basis, dispatch: Dispatch) -> None:
        self._basis, self._dispatch = basis, dispatch

    # -- rights

    def may_see(self, connection: Connection, actor: Actor, conversation_id: str) -> None:
        """Raises NotFound, Forbidden (`other_queue`)."""
        must_exist(connection, conversation_id)
        if actor.role in ALL_SEEING:
            return
        if actor.role not in ho.SERVING:
            raise Forbidden(f"{actor.role} does not work with conversations", code="role")
        mine = set(skills_of(connection, actor.staff_id))
        policy = self._basis.policy(self._basis.clock.now())
        query = sa.select(T.agent, T.queue, T.status).where(T.conversation_id == conversation_id)
        for one in connection.execute(query):
            if one.agent == actor.staff_id:
                return
            if one.status in ("waiting", *ho.PENDING) and policy.queues[one.queue].skill in mine:
                return
        if notes.mentioned(connection, conversation_id, actor.staff_id) or _had(connection, conversation_id, actor):
            return
        raise Forbidden("this conversation is in no queue of yours", code="other_queue")

    # -- taking

    def take(self, connection: Connection, actor: Actor, conversation_id: str, now: datetime) -> int:
        """Out of the queue, or from its agent (lead and supervisor); gives the epoch to write under.

        Raises:
            Forbidden: `other_queue`, `role`. Conflict: `taken`, `not_waiting`.
        """
        self.may_see(connection, actor, conversation_id)
        if actor.role not in ho.SERVING:
            raise Forbidden(f"{actor.role} does not answer borrowers", code="role")
        conversation = rows.conversation(connection, conversation_id, lock=True)
        if conversation.owner == ownership.AGENT and conversation.agent == actor.staff_id:
            return conversation.epoch
        handover = ho.current(connection, conversation_id) or self._revived(connection, conversation, actor, now)
        if conversation.owner == ownership.AGENT and actor.role not in LEADING:
            raise Conflict(f"{conversation.agent} has it", code="taken")
        return self._dispatch.connect(connection, conversation, handover, actor.staff_id, now, why="taken")

    def _revived(self, connection: Connection, conversation: Any, actor: Actor, now: datetime) -> ho.Row:
        """A message or a callback is answered in the conversation; a supervisor may also step in where the bot speaks."""
        owed = ho.owed(connection, conversation.conversation_id)
        if owed is not None:
            due = callbacks.due_of(connection, owed["ref"])
            if due is not None:
                callbacks.end(connection, due["callback_id"], callbacks.DONE, now, agent=actor.staff_id, outcome="chat")
            return owed
        raise Conflict("nobody waits in this conversation", code="not_waiting")

    # -- giving away

    def transfer(
        self, connection: Connection, actor: Actor, conversation_id: str, epoch: int, to: str, note: str, now: datetime
    ) -> None:
        """To a colleague (`staff:<id>`) or a queue (`queue:<name>`), with a note that only staff read.

        Raises:
            Conflict: `stale_epoch`, `not_there` (the colleague is offline or away). BadInput: `to`, `note`.
        """
        conversation = rows.conversation(connection, conversation_id, lock=True)
        if actor.role not in LEADING or conversation.agent == actor.staff_id:
            ownership.must_own(conversation, actor.staff_id, epoch)
        if not note.strip():
            raise BadInput("a transfer needs a note", code="note")
        handover = ho.current(connection, conversation_id)
        if handover is None:
            raise Conflict("nothing is open in this conversation", code="not_waiting")
        kind, _, target = to.partition(":")
        policy = self._basis.policy(now)
        notes.add(connection, actor.staff_id, conversation_id, "transfer", note, now, mentions=[target])
        if kind == "queue" and target in policy.queues:
            self._dispatch.requeue(
                connection,
                conversation,
                handover,
                now,
                why="transferred",
                response="utter_agent_transferred",
                queue=target,
                wanted=None,
            )
        elif kind == "staff":
            there = {one.staff_id for one in ho.servers(connection, policy, self._basis.there_since(now))}
            if target not in there or target == actor.staff_id:
                raise Conflict(f"{target[:64]} is not there", code="not_there")
            self._dispatch.connect(connection, conversation, handover, target, now, why="transferred")
        else:
            raise BadInput("to is queue:<name> or staff:<id>", code="to")
        facts = {"staff": actor.staff_id, "to": to, "ref": handover["ref"]}
        origin = events.Origin(now, conversation_id)
        events.record(connection, origin, [events.Event("handover_transferred", "agent", facts)])

    def close(
        self, connection: Connection, actor: Actor, conversation_id: str, epoch: int, done: Disposition, now: datetime
    ) -> None:
        """Close with a disposition: the bot is back, knows what was agreed, and the borrower is asked how it was. Closing
        twice is closing once.

        Raises:
            Conflict: `stale_epoch`. BadInput: `outcome`, `topic`.
        """
        if done.outcome not in OUTCOMES:
            raise BadInput(f"outcome must be one of {', '.join(OUTCOMES)}", code="outcome")
        if not done.topic or len(done.topic) > 40:
            raise BadInput("a topic of 1 to 40 characters is needed", code="topic")
        conversation = rows.conversation(connection, conversation_id, lock=True)
        ownership.must_own(conversation, actor.staff_id, epoch)
        handover = ho.current(connection, conversation_id)
        ownership.give(connection, conversation, ownership.BOT, now, why="closed", by="agent")
        handing_back.forget_question(connection, conversation)
        if handover is None:
            return
        ref = handover["ref"]
        ho.change(
            connection,
            ref,
            status="closed",
            closed_at=now,
            topic=done.topic,
            outcome=done.outcome,
            summary=done.summary[:2000],
            follow_up=done.follow_up,
        )
        ho.end_request(connection, ref, "closed")
        facts = {"ref": ref, "staff": actor.staff_id, "outcome": done.outcome, "topic": done.topic}
        origin = events.Origin(now, conversation_id)
        events.record(connection, origin, [events.Event("handover_closed", "agent", facts)])
        handing_back.release_notices(connection, conversation.customer_id, now)
        session_id = ownership.spoke_last(connection, conversation_id)
        if session_id is not None:
            turn_rows.touch_if_free(connection, session_id, self._basis.wall.now())
        self._back(connection, conversation_id, handover, now)
        if done.outcome != "no_reply" and not surveys.asked_before(connection, ref):
            surveys.ask(connection, handover, actor.staff_id, now)
            language = language_of(connection, conversation_id)
            self._basis.say(connection, conversation_id, "utter_survey", now, card=handing_back.survey_card(language))

    def _back(self, connection: Connection, conversation_id: str, handover: ho.Row, now: datetime) -> None:
        language = language_of(connection, conversation_id)
        agreed = handing_back.agreed_since(connection, handover, language)
        text = word("agreed", language, agreed=agreed) if agreed else ""
        level = 2 if agreed else 0
        self._basis.say(connection, conversation_id, "utter_back_with_bot", now, agreed=text, level=level)

    # -- supervisors

    def reassign(
        self, connection: Connection, actor: Actor, conversation_id: str, to: str, note: str, now: datetime
    ) -> None:
        """From whoever has it to a colleague or a queue. Raises Forbidden (`role`) and as `transfer`."""
        if actor.role not in LEADING:
            raise Forbidden("only leads and supervisors reassign", code="role")
        conversation = rows.conversation(connection, conversation_id)
        self.transfer(connection, actor, conversation_id, conversation.epoch, to, note, now)

    # -- presence

    def set_status(self, connection: Connection, actor: Actor, status: str, wall: datetime) -> None:
        """Raises BadInput (`status`), Forbidden (`role`)."""
        if status not in ("online", "busy", "away", "offline"):
            raise BadInput("status must be online, busy, away or offline", code="status")
        if actor.role not in ho.SERVING:
            raise Forbidden(f"{actor.role} does not serve borrowers", code="role")
        changed = connection.execute(
            presence.update().where(presence.c.staff_id == actor.staff_id).values(status=status, seen_at=wall)
        )
        if changed.rowcount == 0:
            connection.execute(presence.insert().values(staff_id=actor.staff_id, status=status, seen_at=wall))

    def beat(self, connection: Connection, staff_id: str, wall: datetime) -> bool:
        """A sign of life; False when they were counted as gone (their conversations may have moved)."""
        kept = connection.execute(
            presence.update()
            .where(presence.c.staff_id == staff_id, presence.c.status != "offline")
            .values(seen_at=wall)
        )
        return kept.rowcount == 1

    # -- callbacks

    def called(self, connection: Connection, actor: Actor, callback_id: str, outcome: str, now: datetime) -> None:
        """How a callback went: `reached` ends the handover; otherwise it is tried again or told to a supervisor.

        Raises:
            NotFound, BadInput (`outcome`), Conflict (`ended`).
        """
        if outcome not in ("reached", "no_answer", "wrong_number"):
            raise BadInput("outcome must be reached, no_answer or wrong_number", code="outcome")
        query = sa.select(callback_table).where(callbacks.C.callback_id == callback_id)
        found = connection.execute(query).mappings().first()
        if found is None:
            raise NotFound("no such callback")
        self.may_see(connection, actor, found["conversation_id"])
        if outcome == "reached":
            if not callbacks.end(connection, callback_id, callbacks.DONE, now, agent=actor.staff_id, outcome=outcome):
                raise Conflict("this callback is ended already", code="ended")
            ho.change(
                connection, found["ref"], status="closed", closed_at=now, agent=actor.staff_id, outcome="resolved"
            )
            ho.end_request(connection, found["ref"], "closed")
        elif not self._dispatch.call_failed(
            connection, found, callbacks.MISSED, now, agent=actor.staff_id, outcome=outcome
        ):
            raise Conflict("this callback is ended already", code="ended")


def must_exist(connection: Connection, conversation_id: str) -> None:
    """Raises NotFound."""
    query = sa.select(conversations.c.conversation_id).where(conversations.c.conversation_id == conversation_id)
    if connection.execute(query).first() is None:
        raise NotFound("no such conversation")


def _had(connection: Connection, conversation_id: str, actor: Actor) -> bool:
    """Whether it was this colleague's before."""
    query = sa.select(journal.c.facts).where(
        journal.c.conversation_id == conversation_id, journal.c.kind == "owner_changed"
    )
    return any(facts.get("staff") == actor.staff_id for facts in connection.execute(query).scalars())


def skills_of(connection: Connection, staff_id: str) -> tuple[str, ...]:
    found = connection.execute(sa.select(staff.c.skills).where(staff.c.staff_id == staff_id)).scalar()
    return tuple(found or ("service",))
