"""What a channel hands over, cleaned: the one form in which a borrower's message enters."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.errors import DaihouError

# Control characters except newline and tab, bidirectional overrides and isolates, zero-width and soft hyphens,
# interlinear marks, tag characters and lone surrogates: none is ever meant by a borrower.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)


class TooManyWaiting(DaihouError):
    """The session has too many messages that are not answered yet."""

    code = "too_many_waiting"


class Stopping(DaihouError):
    """The process finishes what runs and takes nothing new."""

    code = "stopping"


@dataclass(frozen=True)
class InboundMessage:
    """One message of a channel. `message_id` is the sender's own, unique within channel and user.

    `kind` is a `Kind` of `bot.services.channels.model`; `media` are files that the platform holds; `facts` are needed again to
    answer on that platform. `platform`: windows, quotas and choices by number are kept for its session.
    """

    channel: str
    channel_user: str
    text: str
    message_id: str
    identity_token: str | None = None
    language: str | None = None
    kind: str = "text"
    media: tuple[Any, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    platform: bool = False


@dataclass(frozen=True)
class Accepted:
    """A stored message. `pending`: its answer is still being made. `repeated`: it was here before."""

    inbound_id: str
    session_id: str
    conversation_id: str
    seq: int
    pending: bool
    repeated: bool


def clean(text: str) -> str:
    """The text without characters that only hide or reorder others; ends trimmed."""
    return _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def has_words(text: str) -> bool:
    """Whether there is anything but symbols, emoji and punctuation."""
    return any(unicodedata.category(character)[0] in "LN" for character in text)


def fingerprint(key: str, text: str) -> str:
    """Keyed, so that a code's digits cannot be guessed from it."""
    return hmac.new(key.encode(), text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
