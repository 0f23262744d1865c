"""An agent's message on its way: guard, owner and epoch, stored once, for every session of the conversation.

A message of an author who no longer owns the conversation is refused and goes back to them, words and all; the same
client id twice is one message. What the guard found, and what the author chose, is an event either way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.dialogue.turn import BotMessage
from bot.errors import BadInput, Conflict
from bot.lending.authority import Actor
from bot.services import events
from bot.services.desk import guard, ownership
from bot.services.desk import handover_rows as ho
from bot.services.desk.basis import Basis
from bot.services.inbound import clean
from bot.services.notices import say_in
from bot.store import conversation_rows as rows
from bot.store import turn_rows
from bot.store.conversation_schema import channel_sessions, messages
from bot.store.desk_schema import desk_drafts

LONGEST = 2000  # characters


@dataclass(frozen=True)
class Sent:
    """A stored message of an agent. `repeated`: it was there before."""

    seq: int
    message_id: str
    repeated: bool


class Sending:
    """Used by the desk's routes; each call is one transaction of the caller."""

    def __init__(self, basis: Basis) -> None:
        self._basis = basis

    def send(
        self,
        connection: Connection,
        actor: Actor,
        conversation_id: str,
        text: str,
        client_msg_id: str,
        epoch: int,
        confirmed: Sequence[str],
        now: datetime,
        wall: datetime,
        card: Mapping[str, Any] | None = None,
    ) -> Sent:
        """Store `text` as `actor`'s.

        Args:
            epoch: the owner's, as the author saw it while writing.
            confirmed: guard rules that warned and whose warning the author has read.

        Raises:
            Conflict: `stale_epoch`, `message_id_reused`.
            BadInput: `empty`, `too_long`, `guard_blocked`, `guard_warned` (detail `rules`).
        """
        words = clean(text)
        conversation = rows.conversation(connection, conversation_id, lock=True)
        known = self._known(connection, actor, conversation_id, client_msg_id)
        if known is not None:
            if known.text != words:
                raise Conflict("this message id was used before for another text", code="message_id_reused")
            return Sent(known.seq, known.message_id, True)
        if not words:
            raise BadInput("nothing is written", code="empty")
        if len(words) > LONGEST:
            raise BadInput(f"at most {LONGEST} characters", code="too_long")
        ownership.must_own(conversation, actor.staff_id, epoch)
        origin = events.Origin(now, conversation_id)
        self._guard(connection, origin, actor, words, confirmed, now)
        level = _level(connection, conversation_id)
        said = BotMessage(words, (), dict(card) if card else None, level, "")
        say_in(
            connection,
            conversation_id,
            said,
            now,
            sender="agent",
            staff_id=actor.staff_id,
            epoch=epoch,
            client_msg_id=client_msg_id,
        )
        stored = self._known(connection, actor, conversation_id, client_msg_id)
        assert stored is not None
        self._after(connection, actor, conversation_id, now, wall)
        facts = {"staff": actor.staff_id, "epoch": epoch, "seq": stored.seq, "characters": len(words)}
        events.record(connection, origin, [events.Event("message_out", "agent", facts)])
        return Sent(stored.seq, stored.message_id, False)

    def _known(self, connection: Connection, actor: Actor, conversation_id: str, client_msg_id: str) -> Any:
        return connection.execute(
            sa.select(messages.c.seq, messages.c.message_id, messages.c.text).where(
                messages.c.conversation_id == conversation_id,
                messages.c.staff_id == actor.staff_id,
                messages.c.client_msg_id == client_msg_id,
            )
        ).first()

    def _guard(
        self,
        connection: Connection,
        origin: events.Origin,
        actor: Actor,
        words: str,
        confirmed: Sequence[str],
        now: datetime,
    ) -> None:
        """Raises BadInput; an accepted warning becomes an event (a refused one is recorded by `refused`)."""
        policy = self._basis.policy(now)
        found = guard.check(words)
        blocked = [one for one in found if one.rule in policy.blocked]
        if blocked:
            raise GuardRefused("guard_blocked", blocked)
        unread = [one for one in found if one.rule not in confirmed]
        if unread:
            raise GuardRefused("guard_warned", unread)
        if found:
            facts = {"staff": actor.staff_id, "rules": [one.rule for one in found], "choice": "sent"}
            events.record(connection, origin, [events.Event("guard", "agent", facts)])

    def refused(
        self, connection: Connection, actor: Actor, conversation_id: str, rules: Sequence[str], now: datetime
    ) -> None:
        """The guard held a message back: recorded in a transaction of its own, without the words."""
        facts = {"staff": actor.staff_id, "rules": list(rules), "choice": "held"}
        events.record(connection, events.Origin(now, conversation_id), [events.Event("guard", "agent", facts)])

    def _after(self, connection: Connection, actor: Actor, conversation_id: str, now: datetime, wall: datetime) -> None:
        handover = ho.current(connection, conversation_id)
        if handover is not None and handover["first_reply_at"] is None:
            ho.change(connection, handover["ref"], first_reply_at=now)
        session_id = ownership.spoke_last(connection, conversation_id)
        if session_id is not None:
            turn_rows.touch_if_free(connection, session_id, wall)  # who is being answered stays proven
        connection.execute(
            desk_drafts.delete().where(
                desk_drafts.c.staff_id == actor.staff_id, desk_drafts.c.conversation_id == conversation_id
            )
        )


class GuardRefused(BadInput):
    """`rules` and the words that touched them, for the author."""

    def __init__(self, code: str, found: Sequence[guard.Finding]) -> None:
        super().__init__("the guard holds this message back", code=code)
        self.found = tuple(found)
        self.detail = {"rules": [{"rule": one.rule, "words": one.words} for one in found]}


def _level(connection: Connection, conversation_id: str) -> int:
    """What a session must have proven to read an agent's words: as much as the one that is being answered."""
    session_id = ownership.spoke_last(connection, conversation_id)
    query = sa.select(channel_sessions.c.level).where(
        channel_sessions.c.session_id == session_id, channel_sessions.c.conversation_id == conversation_id
    )
    level = connection.execute(query).scalar()
    return 2 if level is None else int(level)
