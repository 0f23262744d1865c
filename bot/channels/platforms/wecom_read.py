"""One entry of a WeCom page of messages: what a customer sent, or what became of a message of ours. Anything else is nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.channels.platforms.reading import key, moment, table, words
from bot.channels.platforms.wechat_menu import said
from bot.services.channels.model import Inbound, Kind, Media, State, Status

CUSTOMER = 3  # `origin`; 4: the system, 5: a colleague in the WeCom app
KFID = "kfid"  # fact: the account that was written to, which alone may answer
MEDIA = {
    "image": (Kind.IMAGE, ""),
    "voice": (Kind.VOICE, "audio/amr"),  # `voice_format` 0
    "video": (Kind.VIDEO, ""),
    "file": (Kind.FILE, ""),
}
CARDS = ("link", "business_card", "miniprogram", "msgmenu", "merged_msg", "channels", "channels_shop_product", "note")
FAILED = {  # `fail_type` of msg_send_fail
    1: "not_configured",  # the account is deleted
    2: "not_configured",  # the application is closed
    4: "window_closed",
    5: "window_closed",  # the session is closed
    6: "quota",
    8: "not_configured",  # the company is not verified
    10: "blocked",  # refused by the customer
    11: "not_configured",  # nobody of the company has ever logged in
}


def read(entry: Mapping[str, Any]) -> Inbound | Status | None:
    """Never raises: an entry that cannot be read must not stop those behind it."""
    kind, message_id = words(entry.get("msgtype")), key(entry.get("msgid"))
    if kind == "event":
        return _event(table(entry.get("event")), message_id, entry)
    user = key(entry.get("external_userid"))
    if entry.get("origin") != CUSTOMER or not user or not message_id or not kind:
        return None
    at, facts = moment(entry.get("send_time")), {KFID: key(entry.get("open_kfid"), 64)}
    content = table(entry.get(kind))
    if kind == "text":
        text = words(content.get("content"))
        return Inbound(user, message_id, text=said(content.get("menu_id"), text), sent_at=at, facts=facts)
    if kind in MEDIA:
        what, content_type = MEDIA[kind]
        ref = key(content.get("media_id"), 512)
        media = (Media(what, ref, content_type=content_type),) if ref else ()
        return Inbound(user, message_id, what, media=media, sent_at=at, facts=facts)
    other = Kind.LOCATION if kind == "location" else Kind.CARD if kind in CARDS else Kind.UNSUPPORTED
    return Inbound(user, message_id, other, sent_at=at, facts=facts)


def _event(event: Mapping[str, Any], message_id: str, entry: Mapping[str, Any]) -> Inbound | Status | None:
    what, at = words(event.get("event_type")), moment(entry.get("send_time"))
    failed, recalled = key(event.get("fail_msgid")), key(event.get("recall_msgid"))
    if what == "msg_send_fail" and failed:
        kind = event.get("fail_type")
        return Status(failed, State.FAILED, at, FAILED.get(kind, "invalid") if isinstance(kind, int) else "invalid")
    user = key(event.get("external_userid")) or key(entry.get("external_userid"))
    if what == "user_recall_msg" and recalled and user and message_id:
        return Inbound(user, message_id, Kind.DELETED, sent_at=at, refers_to=recalled)
    return None  # entering, colleagues who come and go, sessions handed over
