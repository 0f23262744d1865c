"""One turn of one conversation: what comes in, what is understood, what goes out, what is to be written.

Actions and the server meet here. An action reads `current()`; whatever it wants written goes into
`later`, and the conversation service carries all of it out in the same transaction that stores the
replies: a turn happens whole or not at all, and a killed one is simply run again.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.engine import Connection

from bot.nlu.meaning import FoundEntity as FoundEntity
from bot.nlu.meaning import Understanding as Understanding

Write = Callable[[Connection], None]


@dataclass(frozen=True)
class Button:
    """A choice: `title` is shown, `say` is sent as the borrower's own message when pressed."""

    title: str
    say: str


@dataclass(frozen=True)
class BotMessage:
    """One reply. `level` is the identity level (0–2) that its contents need; `card` is described in bot/web/PROTOCOL.md."""

    text: str
    buttons: tuple[Button, ...] = ()
    card: dict[str, Any] | None = None
    level: int = 0
    response: str = ""  # the catalogue name, for events and 「没听懂」


@dataclass(frozen=True)
class Speaker:
    """Who is talking: the channel session and what it has proven so far."""

    session_id: str
    channel: str
    channel_user: str
    level: int  # 0 anonymous, 1 bound by the lender's login, 2 one-time code or acr 2
    customer_id: str | None  # None at level 0


@dataclass
class Turn:
    """The context of one turn. Created by the conversation service, filled by actions."""

    conversation_id: str
    turn_id: str  # the inbound message's id
    speaker: Speaker
    text: str  # the borrower's own words, unredacted: never log, never put into a slot
    understanding: Understanding
    now: datetime  # aware
    today: date  # the lender's business date
    language: str  # "zh-Hans" | "zh-Hant" | "en"
    services: Any  # bot.app.Services
    accepted_at: datetime | None = None  # when the message came in, aware; it may have waited since
    signed: str | None = None  # the arrangement whose code this message was
    writes: list[Write] = field(default_factory=list)
    decisions: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # event kind, facts without personal data
    login_wanted: dict[str, Any] | None = (
        None  # set by an action that needs a higher level: {"intent", "item", "level"}
    )
    handover: str | None = None  # reason, set by an action that brings a person
    with_person: bool = False  # from this turn on the borrower waits for a person: the bot asks nothing more

    def later(self, write: Write) -> None:
        """Have `write` carried out in the transaction that stores this turn's replies."""
        self.writes.append(write)

    def decide(self, kind: str, **facts: Any) -> None:
        """Leave an immutable event of a decision; no personal data in `facts`."""
        self.decisions.append((kind, facts))


_current: ContextVar[Turn] = ContextVar("turn")


def current() -> Turn:
    """The turn that runs now, in this task or the thread it started."""
    return _current.get()


def bind(turn: Turn) -> Any:
    """Make `turn` the current one; gives the token for `unbind`."""
    return _current.set(turn)


def unbind(token: Any) -> None:
    _current.reset(token)
