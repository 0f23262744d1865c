"""What WhatsApp's notifications hold, one message or status at a time. Pure; anything unknown becomes UNSUPPORTED or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from bot.services.channels.model import Inbound, Kind, Media, State, Status

MEDIA = {"image": Kind.IMAGE, "audio": Kind.VOICE, "video": Kind.VIDEO, "document": Kind.FILE, "sticker": Kind.STICKER}
PLAIN = {"location": Kind.LOCATION, "contacts": Kind.CARD, "order": Kind.CARD}
SILENT = ("reaction", "system", "request_welcome", "ephemeral")
STATES = {"sent": State.SENT, "delivered": State.DELIVERED, "read": State.READ, "failed": State.FAILED}
REASONS = {131047: "window_closed", 131026: "unknown_user", 131031: "blocked"}
LONGEST = 20_000


def inbound_of(message: Mapping[str, Any]) -> Inbound | None:
    """A borrower's message; None for what needs no answer (reactions, changes of number)."""
    user, key, kind = message.get("from"), message.get("id"), message.get("type")
    if not isinstance(user, str) or not isinstance(key, str) or not user or not key or kind in SILENT:
        return None
    at = _moment(message.get("timestamp"))
    key, user = key[:128], user[:64]
    if message.get("group_id"):
        return Inbound(user, key, Kind.GROUP, sent_at=at)
    words = _words(str(kind), _object(message.get(str(kind))))
    if words is not None:
        return Inbound(user, key, Kind.TEXT, words, sent_at=at)
    content = _object(message.get(str(kind)))
    if kind in MEDIA:
        ref = content.get("id")
        media = (
            (Media(MEDIA[kind], ref, _text(content.get("filename")), _text(content.get("mime_type"))),)
            if isinstance(ref, str)
            else ()
        )
        if kind == "sticker":
            return Inbound(user, key, Kind.STICKER, sent_at=at)
        return Inbound(user, key, MEDIA[kind], _text(content.get("caption")), media, at)
    return Inbound(user, key, PLAIN.get(str(kind), Kind.UNSUPPORTED), sent_at=at)


def status_of(status: Mapping[str, Any]) -> Status | None:
    """How far a message of ours got; None for states that we do not know."""
    state, provider_id = STATES.get(str(status.get("status"))), status.get("id")
    if state is None or not isinstance(provider_id, str):
        return None
    errors = status.get("errors")
    code = errors[0].get("code") if isinstance(errors, list) and errors and isinstance(errors[0], dict) else None
    reason = REASONS.get(code, "platform") if state is State.FAILED else ""
    return Status(provider_id[:128], state, _moment(status.get("timestamp")), reason)


def _words(kind: str, content: Mapping[str, Any]) -> str | None:
    """What is said by typing or by pressing."""
    if kind == "text":
        return _text(content.get("body"))
    if kind == "button":  # the quick reply of a template
        return _text(content.get("payload")) or _text(content.get("text"))
    if kind == "interactive":
        for name in ("button_reply", "list_reply"):
            picked = _object(content.get(name))
            if picked:
                return _text(picked.get("id")) or _text(picked.get("title"))
    return None


def _text(value: Any) -> str:
    return value[:LONGEST] if isinstance(value, str) else ""


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(value), timezone.utc)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
