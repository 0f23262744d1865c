"""A file that a colleague gives to a borrower: guarded like one that comes in, said in a message, opened by a signed link.

The link names the file alone. It opens while somebody in the message's conversation has proven, at this moment, what the
message needs: as with the message itself, so a forwarded or found link shows nothing once that proof is over.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.engine import Connection

from bot.errors import NotAllowed, NotFound
from bot.services.channels.wording import word
from bot.store import conversation_rows as rows
from bot.store.channel_schema import attachments
from bot.store.conversation_rows import Session
from bot.store.conversation_schema import channel_sessions, messages

DESK = "desk"  # `attachments.channel` of what colleagues sent; `inbound_id` is then the message
DAYS = 7
LONGEST_NAME = 80  # characters, without the ending
ENDINGS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
LevelOf = Callable[[Session], int]


class SentLinks:
    """`secret` is this installation's."""

    def __init__(self, secret: str, seconds: int = DAYS * 24 * 3600) -> None:
        self._box, self._seconds = URLSafeTimedSerializer(secret, salt="daihou sent files"), seconds

    def href(self, attachment_id: str) -> str:
        return f"/documents/sent/{self._box.dumps(attachment_id)}"

    def read(self, token: str) -> str:
        """Raises NotFound: forged, or over."""
        try:
            return str(self._box.loads(token[:400], max_age=self._seconds))
        except BadSignature as error:
            raise NotFound("this link is over: ask for the file again") from error


def named(written: str, content_type: str, language: str) -> str:
    """The name under which a file is shown: no folders, no signs that hide or turn it, the ending of what it really is."""
    plain = "".join(sign for sign in unicodedata.normalize("NFC", written) if unicodedata.category(sign)[0] != "C")
    stem = re.sub(r"\.[^.]{0,8}$", "", re.split(r"[/\\]", plain)[-1]).strip(" .")[:LONGEST_NAME]
    return (stem or word("sent_file_name", language)) + ENDINGS[content_type]


def card(name: str, kept: dict[str, Any], attachment_id: str, href: str, language: str) -> dict[str, Any]:
    """What the borrower sees of it (bot/web/PROTOCOL.md); `file` is for platforms that take the file itself."""
    links = [{"title": word("sent_file_open", language), "href": href}]
    return {
        "kind": "document",
        "title": name,
        "lines": [f"{max(1, round(kept['size'] / 1024))} KB"],
        "links": links,
        "file": {"ref": attachment_id, "name": name, "content_type": kept["content_type"], "size": kept["size"]},
    }


def note(
    connection: Connection, attachment_id: str, message_id: str, name: str, kept: dict[str, Any], now: datetime
) -> None:
    """The file belongs to this message from now on."""
    kind = "file" if kept["content_type"] == "application/pdf" else "image"
    connection.execute(
        attachments.insert().values(
            **kept,
            attachment_id=attachment_id,
            inbound_id=message_id,
            session_id="",
            channel=DESK,
            kind=kind,
            ref="",
            name=name[:255],
            created_at=now,
        )
    )


def opened(connection: Connection, attachment_id: str, level: LevelOf) -> str:
    """The name of a file, for who shows its link now.

    Args:
        level: what a session has proven at this moment.

    Raises:
        NotFound: there is none. NotAllowed: nobody in its conversation has proven enough at this moment.
    """
    query = (
        sa.select(attachments.c.name, messages.c.conversation_id, messages.c.level)
        .join(messages, messages.c.message_id == attachments.c.inbound_id)
        .where(attachments.c.attachment_id == attachment_id, attachments.c.channel == DESK)
    )
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("no such file")
    inside = sa.select(channel_sessions.c.session_id).where(channel_sessions.c.conversation_id == row.conversation_id)
    sessions = (rows.session_by_id(connection, one) for one in connection.execute(inside).scalars().all())
    if not any(one is not None and level(one) >= row.level for one in sessions):
        raise NotAllowed("open the file again from the conversation, after verifying yourself", code="document")
    return str(row.name)
