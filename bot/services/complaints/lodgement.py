"""What comes in as a complaint, and what is decided about it, as values: shared by whoever reads, likens and records it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.complaints.classify import Reading
from bot.lending.complaint_clock import Deadlines
from bot.services.complaints.basis import Basis
from bot.services.complaints.rows import new_id

PREFIX = "TS"
NEW, ATTACHED, REOPENED, REPEATED = "new", "attached", "reopened", "repeated"
LONGEST = 60_000  # characters kept of one contact


@dataclass(frozen=True)
class Lodging:
    """What comes in. `words` are redacted; `sender` is who it is as far as known: customer:…, session:…, phone:<hash>, …"""

    words: str
    channel: str
    language: str
    sender: str
    received_at: datetime
    complainant: str = "unknown"
    customer_id: str | None = None
    loan_id: str | None = None
    session_id: str | None = None
    conversation_id: str | None = None
    message_id: str | None = None
    demand: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""
    accused: tuple[str, ...] = ()
    entered_by: str | None = None


@dataclass(frozen=True)
class Decision:
    """What becomes of a lodging. `ref` is the number that is told: of the new case, or of the one it belongs to."""

    kind: str
    ref: str
    reading: Reading
    clocks: Deadlines
    likeness: float | None = None
    follows: str | None = None
    flooded: bool = False
    contact_id: str = field(default_factory=new_id)
    link_id: str = field(default_factory=new_id)
    handler: str | None = None
    accused: tuple[str, ...] = ()
    received_at: datetime | None = None

    @property
    def same(self) -> tuple[str, str | None]:
        """What must not have changed between deciding and recording."""
        return self.kind, self.ref if self.kind != NEW else None


def mark_of(basis: Basis, lodging: Lodging) -> str:
    """The same words from the same sender, whatever the spaces."""
    return basis.mark(lodging.sender, "".join(lodging.words.split()).lower())
