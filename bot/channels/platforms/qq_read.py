"""One event of QQ's official bots as a message; events that ask nothing are None."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from bot.channels.platforms.reading import key, moment, table, tables, words
from bot.errors import BadInput
from bot.services.channels.model import Inbound, Kind, Media

ANSWERED = "msg_id"  # fact: the message that a reply must name
GROUP = "group:"  # before the id of a group, where its address stands for a person's
LONGEST = 128  # characters of our key
LEFT = ("FRIEND_DEL", "C2C_MSG_REJECT")
FACE = re.compile(r"<faceType=[^<>]{0,2000}>")  # how a sticker stands among the words
OPENID = re.compile("[0-9A-Za-z_-]{1,64}")


def read(event: Mapping[str, Any]) -> Inbound | None:
    """Raises BadInput: a message without sender or id."""
    what, data = words(event.get("t")), table(event.get("d"))
    if what in LEFT:
        user, at = openid(data.get("openid")), moment(data.get("timestamp"))
        return Inbound(user, _short(_needed(event.get("id"))), Kind.STOP, sent_at=at)
    if what not in ("C2C_MESSAGE_CREATE", "GROUP_AT_MESSAGE_CREATE"):
        return None  # added, allowed again, channels of guilds, buttons, whatever comes later
    whole = _needed(data.get("id"))
    message_id, at, facts = _short(whole), _time(data.get("timestamp")), {ANSWERED: whole}
    if what == "GROUP_AT_MESSAGE_CREATE":
        return Inbound(GROUP + openid(data.get("group_openid")), message_id, Kind.GROUP, sent_at=at, facts=facts)
    author = table(data.get("author"))
    text = words(data.get("content"))
    said = FACE.sub("", text)
    media, heard = _files(data)
    if media:
        return Inbound(
            openid(author.get("user_openid")), message_id, media[0].kind, said or heard, media, at, facts=facts
        )
    kind = Kind.TEXT if said.strip() else Kind.STICKER if said != text else Kind.UNSUPPORTED
    return Inbound(
        openid(author.get("user_openid")), message_id, kind, said if kind is Kind.TEXT else "", sent_at=at, facts=facts
    )


def openid(value: Any) -> str:
    """Raises BadInput: it is none; it becomes a part of an address."""
    if not isinstance(value, str) or not OPENID.fullmatch(value):
        raise BadInput("an openid is missing", code="bad_event")
    return value


def _files(data: Mapping[str, Any]) -> tuple[tuple[Media, ...], str]:
    """The files, and what was recognised in the first voice message."""
    media, heard = [], ""
    for one in list(tables(data.get("attachments")))[:10]:
        url, content_type = words(one.get("url"), 4096), words(one.get("content_type"), 80).lower()
        if not url:
            continue
        kind = next(
            (
                kind
                for start, kind in (
                    ("image", Kind.IMAGE),
                    ("video", Kind.VIDEO),
                    ("voice", Kind.VOICE),
                    ("audio", Kind.VOICE),
                )
                if content_type.startswith(start)
            ),
            Kind.FILE,
        )
        heard = heard or (words(one.get("asr_refer_text"), 2000) if kind is Kind.VOICE else "")
        url = url if "://" in url else f"https://{url.removeprefix('//')}"
        media.append(Media(kind, url, words(one.get("filename"), 255), content_type if "/" in content_type else ""))
    return tuple(media), heard


def _needed(value: Any) -> str:
    found = key(value, 512)
    if not found:
        raise BadInput("an id is missing", code="bad_event")
    return found


def _short(whole: str) -> str:
    return whole if len(whole) <= LONGEST else hashlib.sha256(whole.encode()).hexdigest()


def _time(value: Any) -> datetime | None:
    """RFC 3339 with a zone."""
    try:
        read = datetime.fromisoformat(words(value, 40).replace("Z", "+00:00"))
        return read.astimezone(timezone.utc) if read.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
