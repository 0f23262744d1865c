"""The one form of what a platform hands over and of what it is handed: adapters translate, everything else knows only this.

An adapter is a translator without a memory: it verifies and reads (`receive`), words (`render`) and sends (`send`).
Storing, ordering, retrying, limits and identity are done once, in `bot.services.channels`, for all of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from bot.errors import DaihouError, NotAllowed

LAST_IN = "last_in"  # among the facts of an outgoing message: when the borrower last wrote there, ISO
Payload = dict[str, Any]  # JSON that one call of the platform sends


class Kind(str, Enum):
    """What a message is. Only TEXT and VOICE with recognised words are understood; the rest is kept and answered kindly."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    LOCATION = "location"
    STICKER = "sticker"
    CARD = "card"  # forwarded cards, links, mini programs, contacts
    GROUP = "group"  # said where others read along: nothing of a loan is answered there
    EDITED = "edited"  # `refers_to` says now `text`
    DELETED = "deleted"  # `refers_to` was taken back
    STOP = "stop"  # the platform's own word for "no more messages" (STOP, 退订, blocked)
    UNSUPPORTED = "unsupported"  # anything the platform may invent later


@dataclass(frozen=True)
class Media:
    """A file at the platform, fetched later by `Adapter.fetch`. `ref` is the platform's own id or address."""

    kind: Kind
    ref: str
    name: str = ""
    content_type: str = ""


@dataclass(frozen=True)
class Inbound:
    """One message of a borrower. `message_id` is the platform's true key: the same for every repetition of it."""

    channel_user: str
    message_id: str
    kind: Kind = Kind.TEXT
    text: str = ""  # the words: typed, a caption, recognised speech, or what a pressed button says
    media: tuple[Media, ...] = ()
    sent_at: datetime | None = None
    refers_to: str | None = None
    identity_token: str | None = None
    language: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)  # what replies need again (e-mail: subject, references)


class State(str, Enum):
    """How far a message got, as far as the platform tells."""

    QUEUED = "queued"
    SENT = "sent"  # the platform took it
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"  # not deliverable on this channel; see the fallbacks
    EXPIRED = "expired"  # too old to be of use before it could be sent
    DEAD = "dead"  # given up; a colleague may send it again


@dataclass(frozen=True)
class Status:
    """A platform's word on a message that it took under `provider_id`."""

    provider_id: str
    state: State
    at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class Hook:
    """A request of a platform, without the web framework. Header names are lower case; `part` is the path after /channels/NAME/."""

    method: str
    part: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    now: datetime  # real time, for the age of signatures
    url: str = ""  # as the platform called it (Twilio signs it)


@dataclass(frozen=True)
class Reception:
    """What a request held, and what is answered at once, before anything is understood."""

    inbound: tuple[Inbound, ...] = ()
    statuses: tuple[Status, ...] = ()
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    status: int = 200
    wait: float = 0.0  # seconds that the platform's own reply may wait for an answer (`Adapter.passive`); 0: never
    pull: bool = False  # there is more to be fetched: `Adapter.pull`


@dataclass(frozen=True)
class Choice:
    """A button: `title` is shown, `say` is what pressing it says."""

    title: str
    say: str


@dataclass(frozen=True)
class SentFile:
    """A kept file on its way out; `ref` is ours, the content is read when it is sent."""

    ref: str
    name: str
    content_type: str
    size: int


@dataclass(frozen=True)
class Outgoing:
    """A stored message on its way. `card` is described in bot/web/PROTOCOL.md; links in it are made absolute by `base_url`."""

    message_id: str
    channel_user: str
    text: str
    buttons: tuple[Choice, ...] = ()
    card: Mapping[str, Any] | None = None
    sender: str = "bot"  # bot | agent | system
    by: str = ""
    language: str = "zh-Hans"
    level: int = 0
    base_url: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)  # of the message that it answers


@dataclass(frozen=True)
class Traits:
    """What a platform can and allows. `docs/channels/` says where each figure comes from."""

    longest: int = 2000  # characters of one text
    longest_bytes: int = 0  # of one text in UTF-8; 0: no such limit
    buttons: int = 0  # as many real buttons; 0: numbered lines
    button_title: int = 20  # characters
    per_second: float = 10.0  # messages of the whole channel
    window: timedelta | None = None  # after the borrower's last message; later only templates, or nothing
    quota: int | None = None  # messages of ours after each of the borrower's
    hold: float = (
        0.0  # seconds that an answer is kept for the platform's own reply before it is sent (`Adapter.passive`)
    )
    expires: timedelta = timedelta(hours=24)  # older than this a queued message is no longer sent
    receipts: bool = False  # the platform tells what was delivered or read
    proven_only: bool = False  # facts above level 0 only to an address that the session has proven


class SignatureRefused(NotAllowed):
    """A request that the platform did not sign, or signed too long ago. Nothing of it is looked at."""

    code = "signature"


class SendFailed(DaihouError):
    """The platform did not take a message.

    `again`: it may pass; with `after` seconds to wait, when the platform says so. Else it is final for this channel, and
    `reason` (a short fixed word: window_closed, quota, blocked, unknown_user, invalid, not_configured) picks the fallback.
    `code` names it in logs: never the words, an address or a secret.
    """

    code = "send_failed"

    def __init__(self, reason: str, *, again: bool = False, after: float = 0.0) -> None:
        super().__init__(f"the platform did not take the message: {reason}")
        self.reason, self.again, self.after = reason, again, after


class Adapter(ABC):
    """One platform. Made once a process by its module's `make(config, http, tokens, clock)`; holds no state of a conversation."""

    name: str
    traits: Traits

    @abstractmethod
    def receive(self, hook: Hook) -> Reception:
        """Verify, then read. Pure: no network, no clock.

        Raises:
            SignatureRefused: not the platform's, or a replay of an old request.
            BadInput: signed, yet nothing that can be read.
        """

    @abstractmethod
    def render(self, message: Outgoing) -> Sequence[Payload]:
        """The message as calls of the platform, in order. Pure; no amount, date or condition may be lost."""

    @abstractmethod
    async def send(self, to: str, payload: Payload, key: str) -> str:
        """Hand one payload over; the platform's id of it ("" where it gives none).

        Args:
            key: the same for every try of the same payload; given to platforms that drop repetitions.

        Raises:
            SendFailed
        """

    def passive(self, hook: Hook, payloads: Sequence[Payload]) -> tuple[bytes, str] | None:
        """The answer as the body of the platform's own request, and its content type; None where there is no such way,
        or these payloads do not fit into it."""
        return None

    async def pull(self) -> Reception:
        """Fetch what waits at the platform (`Reception.pull`, and regularly where `pulls` is not 0)."""
        return Reception()

    async def pulled(self) -> None:  # noqa: B027 - nothing to do where there is no cursor
        """What the last `pull` gave is stored: only now may the platform's cursor move on."""

    pulls: float = 0.0  # seconds between regular fetches; 0: only when told

    async def fetch(self, media: Media) -> bytes:
        """The content of a file, at most `attachments.LARGEST` bytes.

        Raises:
            SendFailed: gone, too large, or not from the platform's own hosts.
        """
        raise SendFailed("no_media")
