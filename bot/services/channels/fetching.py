"""Files that borrowers sent on a platform: fetched, checked by their content, pictures drawn anew, kept outside every web root.

Tried again while the platform is away; what is gone, too large or dangerous is marked so, and colleagues see why.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from PIL import Image, ImageOps
from sqlalchemy.engine import Connection

from bot.errors import BadInput, DaihouError, NotFound, StoreUnavailable
from bot.services import logs, uploads
from bot.services.channels.hearing import Recogniser
from bot.services.channels.model import Adapter, Kind, Media, SendFailed
from bot.services.work import Work
from bot.store.channel_schema import attachments as table
from bot.store.clock import Clock

LOOK_SECONDS = 1.0
AT_ONCE = 8
MOST_TRIES = 8
LEASE = timedelta(seconds=120)
HEARING_PAUSES = (0.5, 2.0, 5.0)  # seconds between tries to hear a voice message
LARGEST = uploads.LARGEST
FOLDER = "attachments"  # in the data directory
LARGEST_SIDE = 2400  # pixels of a picture after it was drawn anew
SOUNDS = {  # what a voice message or a film begins with
    b"OggS": "audio/ogg",
    b"ID3": "audio/mpeg",
    b"\xff\xfb": "audio/mpeg",
    b"#!AMR": "audio/amr",
    b"#!SILK": "audio/silk",
    b"\x02#!SILK": "audio/silk",
    b"RIFF": "audio/wav",
}


class Fetching:
    """One a process; several may run: a file fetched twice is kept once."""

    def __init__(
        self,
        work: Work,
        clock: Clock,
        adapters: Mapping[str, Adapter],
        var: Path,
        recogniser: Recogniser | None = None,
        heard: Callable[[Mapping[str, Any], str], Awaitable[None]] | None = None,
    ) -> None:
        self._work, self._clock, self._adapters = work, clock, adapters
        self._folder = var / FOLDER
        self._recogniser, self._heard = recogniser, heard

    async def run(self) -> None:
        while True:
            try:
                await self.fetch_due()
            except StoreUnavailable:
                logs.event("fetching waits for the store", level="warning")
            except Exception as error:  # noqa: BLE001 - one bad row must not end the fetching of all others
                logs.failure("fetching failed", error)
            await asyncio.sleep(LOOK_SECONDS)

    async def fetch_due(self) -> int:
        """Fetch what waits; how many files were looked at."""
        now = self._clock.now()
        waiting = await self._work.read(partial(_due, channels=set(self._adapters), now=now))
        await asyncio.gather(*(self._one(row, now) for row in waiting))
        return len(waiting)

    async def _one(self, row: Mapping[str, Any], now: datetime) -> None:
        if not await self._work.write(partial(_lease, attachment_id=row["attachment_id"], now=now)):
            return  # another process fetches it
        content = b""
        media = Media(Kind(row["kind"]), row["ref"], row["name"], row["content_type"])
        try:
            content = await self._adapters[row["channel"]].fetch(media)
            values = await asyncio.to_thread(self.keep, row["attachment_id"], content)
        except SendFailed as failed:
            values = self._failed(row, failed)
        except BadInput as refused:
            values = {"state": "refused", "reason": refused.code[:40]}
        except Exception as error:  # noqa: BLE001 - a file that breaks its reader must not stop the others
            logs.failure("fetching failed", error, attachment=row["attachment_id"])
            values = {"state": "refused", "reason": "broken"}
        mine = sa.and_(table.c.attachment_id == row["attachment_id"], table.c.state == "waiting")
        change = table.update().where(mine).values(**values)
        await self._work.write(lambda connection: connection.execute(change))
        if values.get("state") == "kept":
            await self._listen(row, content, values["content_type"])

    async def _listen(self, row: Mapping[str, Any], content: bytes, kind: str) -> None:
        """A voice message that the platform did not put into words is said by its words, where somebody can hear them.

        The file is kept whatever comes of it: then a colleague listens.
        """
        if row["kind"] != Kind.VOICE.value or self._recogniser is None or self._heard is None:
            return
        for pause in HEARING_PAUSES:
            try:
                heard = await self._recogniser.hear(content, kind)
                if heard.sure:
                    await self._heard(row, heard.text)
                return
            except SendFailed as failed:
                if not failed.again:
                    break
                await asyncio.sleep(pause)
            except DaihouError as error:
                logs.event("heard, not taken", level="warning", attachment=row["attachment_id"], code=error.code)
                return
        logs.event("not heard", level="warning", attachment=row["attachment_id"])

    def _failed(self, row: Mapping[str, Any], failed: SendFailed) -> dict[str, Any]:
        attempts = row["attempts"] + 1
        if failed.again and attempts < MOST_TRIES:
            pause = timedelta(seconds=max(2.0**attempts, failed.after))
            return {"attempts": attempts, "next_at": self._clock.now() + pause, "reason": failed.reason[:40]}
        return {"attempts": attempts, "state": "gone", "reason": failed.reason[:40]}

    def keep(self, attachment_id: str, content: bytes) -> dict[str, Any]:
        """Checked, drawn anew, stored; the columns of its row. Raises BadInput with the codes of `bot.services.uploads.checked`."""
        kind, content = checked(content)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path, half = self._folder / attachment_id, self._folder / f".{attachment_id}.{uuid.uuid4().hex}"
        descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
        mark = hashlib.sha256(content).hexdigest()
        return {"state": "kept", "reason": None, "content_type": kind, "size": len(content), "sha256": mark}

    def forget(self, attachment_id: str) -> None:
        """Take away what was stored for a message that was not said after all."""
        (self._folder / attachment_id).unlink(missing_ok=True)

    def content(self, attachment_id: str) -> bytes:
        """A kept file. Raises NotFound."""
        return kept_file(self._folder, attachment_id)


def kept_file(folder: Path, attachment_id: str) -> bytes:
    """The content of a file that was kept in `folder`. Raises NotFound."""
    path = folder / attachment_id
    if not re.fullmatch("[0-9a-f]{32}", attachment_id) or not path.is_file():
        raise NotFound("no such file")
    return path.read_bytes()


def checked(content: bytes) -> tuple[str, bytes]:
    """The type of a file by its content, and what is kept of it: pictures are drawn anew, so nothing else rides along.

    Raises:
        BadInput: see `bot.services.uploads.checked`.
    """
    if len(content) > LARGEST:
        raise BadInput(f"a file may have {LARGEST // 1024 // 1024} MB", code="too_large")
    for sign, kind in SOUNDS.items():
        if content.startswith(sign):
            return kind, content
    if content[4:8] == b"ftyp":
        return "video/mp4", content
    kind = uploads.checked(content)
    if kind == "pdf":
        return "application/pdf", content
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        drawn = upright.convert("RGB" if kind == "jpeg" else "RGBA")
    drawn.info.clear()  # comments, places, profiles
    drawn.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    made = io.BytesIO()
    drawn.save(made, "JPEG" if kind == "jpeg" else "PNG", quality=85)
    return f"image/{kind}", made.getvalue()


def of_message(connection: Connection, inbound_ids: list[str]) -> list[dict[str, Any]]:
    """The files of messages, for whoever may read these."""
    query = sa.select(table).where(table.c.inbound_id.in_(inbound_ids)).order_by(table.c.created_at)
    return [dict(row) for row in connection.execute(query).mappings()]


def _due(connection: Connection, *, channels: set[str], now: datetime) -> list[Mapping[str, Any]]:
    query = (
        sa.select(table)
        .where(
            table.c.state == "waiting",
            table.c.channel.in_(channels),
            sa.or_(table.c.next_at.is_(None), table.c.next_at <= now),
        )
        .order_by(table.c.created_at)
        .limit(AT_ONCE)
    )
    return list(connection.execute(query).mappings())


def _lease(connection: Connection, *, attachment_id: str, now: datetime) -> bool:
    """Whether the caller is the one who fetches a file now."""
    free = sa.or_(table.c.next_at.is_(None), table.c.next_at <= now)
    mine = sa.and_(table.c.attachment_id == attachment_id, table.c.state == "waiting", free)
    return connection.execute(table.update().where(mine).values(next_at=now + LEASE)).rowcount == 1
