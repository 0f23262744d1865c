"""Events of WhatsApp: one request holds entries with changes with messages and statuses, any number of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.channels.platforms.reading import key, moment, table, tables, words
from bot.channels.platforms.whatsapp_errors import reason
from bot.services.channels.model import Inbound, Kind, Media, State, Status

FILES = {
    "image": Kind.IMAGE,
    "audio": Kind.VOICE,
    "video": Kind.VIDEO,
    "document": Kind.FILE,
}
OTHERS = {"sticker": Kind.STICKER, "location": Kind.LOCATION, "contacts": Kind.CARD, "order": Kind.CARD}
STATES = {
    "sent": State.SENT,
    "delivered": State.DELIVERED,
    "read": State.READ,
    "played": State.READ,
    "failed": State.FAILED,
}
MOVED = ("user_changed_number", "customer_changed_number")


def read(event: Mapping[str, Any], phone: str) -> tuple[tuple[Inbound, ...], tuple[Status, ...]]:
    """All that the business number `phone` got, in its order; what is for another number of the account is left."""
    inbound: list[Inbound] = []
    statuses: list[Status] = []
    for value in _values(event, phone):
        inbound += [one for one in map(_message, tables(value.get("messages"))) if one is not None]
        statuses += [one for one in map(_status, tables(value.get("statuses"))) if one is not None]
    return tuple(inbound), tuple(statuses)


def _values(event: Mapping[str, Any], phone: str) -> Iterator[Mapping[str, Any]]:
    for entry in tables(event.get("entry")):
        for change in tables(entry.get("changes")):
            value = table(change.get("value"))
            if change.get("field") == "messages" and key(table(value.get("metadata")).get("phone_number_id")) == phone:
                yield value


def _message(one: Mapping[str, Any]) -> Inbound | None:
    """None for what says nothing: reactions, events of the system."""
    user, message_id, kind = key(one.get("from")), key(one.get("id")), words(one.get("type"))
    at = moment(one.get("timestamp"))
    if not user or not message_id or kind == "reaction":
        return None
    if one.get("group_id"):
        return Inbound(user, message_id, Kind.GROUP, sent_at=at)
    if kind == "system":  # the number belongs to somebody else by now: nothing more is sent to it
        moved = table(one.get("system")).get("type") in MOVED
        return Inbound(user, message_id, Kind.STOP, sent_at=at) if moved else None
    if kind in ("revoke", "edit"):
        return _changed(one, kind, user, message_id)
    what, text, media = _content(one, kind)
    return Inbound(user, message_id, what, text, media, at, refers_to=key(table(one.get("context")).get("id")) or None)


def _changed(one: Mapping[str, Any], kind: str, user: str, message_id: str) -> Inbound:
    change, at = table(one.get(kind)), moment(one.get("timestamp"))
    original = key(change.get("original_message_id")) or None
    if kind == "revoke":
        return Inbound(user, message_id, Kind.DELETED, sent_at=at, refers_to=original)
    now = table(change.get("message"))
    _, text, _ = _content(now, words(now.get("type")))
    return Inbound(user, message_id, Kind.EDITED, text, sent_at=at, refers_to=original)


def _content(one: Mapping[str, Any], kind: str) -> tuple[Kind, str, tuple[Media, ...]]:
    body = table(one.get(kind))
    if kind in FILES:
        ref = key(body.get("id"))
        name, content_type = words(body.get("filename"), 255), words(body.get("mime_type"), 80)
        media = (Media(FILES[kind], ref, name, content_type),) if ref else ()
        return FILES[kind], words(body.get("caption")), media
    if kind in OTHERS:
        return OTHERS[kind], "", ()
    text = _said(kind, body)
    return (Kind.TEXT, text, ()) if text.strip() else (Kind.UNSUPPORTED, "", ())


def _said(kind: str, body: Mapping[str, Any]) -> str:
    """What was typed, or what a pressed button or a picked row says: its id is the sentence (see `whatsapp_write`)."""
    if kind == "text":
        return words(body.get("body"))
    if kind == "button":  # of a template: the title is all there is
        return words(body.get("text"))
    if kind == "interactive":
        picked = table(body.get(words(body.get("type"))))
        return words(picked.get("id")) or words(picked.get("title"))
    return ""


def _status(one: Mapping[str, Any]) -> Status | None:
    state, provider_id = STATES.get(words(one.get("status"))), key(one.get("id"))
    if state is None or not provider_id:
        return None
    why = ""
    if state is State.FAILED:
        why = reason(next(iter(tables(one.get("errors"))), {}).get("code"))
    return Status(provider_id, state, moment(one.get("timestamp")), why)
