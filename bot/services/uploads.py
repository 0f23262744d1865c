"""Documents that borrowers add to a request: typed by their content, limited, searched for what may run, stored outside every
web root under a random name. Nobody's browser ever renders one inline.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import uuid
import warnings
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from PIL import Image, UnidentifiedImageError
from sqlalchemy.engine import Connection

from bot.errors import BadInput, NotAllowed, NotFound
from bot.store.conversation_rows import Session
from bot.store.conversation_schema import requests
from bot.store.help_schema import arrangements, documents

LARGEST = 10 * 1024 * 1024  # bytes
MOST = 10  # documents of one request
PIXELS = 60_000_000
UNPACKED = 100 * 1024 * 1024  # bytes of all streams of a PDF
PROVEN = 2
# Names of a PDF that can run or carry something; a plain statement of wages has none of them.
ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|GoToE|Encrypt)\b")
HIDDEN = (b"PK\x03\x04", b"<script", b"<html", b"Rar!\x1a", b"7z\xbc\xaf\x27\x1c")  # after the end of a picture
STREAM = re.compile(rb"stream\r?\n")
HEX_NAME = re.compile(rb"#([0-9A-Fa-f]{2})")


def checked(content: bytes) -> str:
    """The kind of a document by its content: pdf, jpeg or png.

    Raises:
        BadInput: `empty`, `too_large`, `document_kind`, `document_broken`, `document_active`.
    """
    if not content:
        raise BadInput("the document is empty", code="empty")
    if len(content) > LARGEST:
        raise BadInput(f"a document may have {LARGEST // 1024 // 1024} MB", code="too_large")
    if content.startswith(b"%PDF-"):
        _check_pdf(content)
        return "pdf"
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return _check_picture(content)
    raise BadInput("only PDF, JPEG and PNG can be taken", code="document_kind")


def _check_picture(content: bytes) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow warns of a decompression bomb
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
                kind, size = str(picture.format).lower(), picture.width * picture.height
                picture.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Warning, Image.DecompressionBombError) as error:
        raise BadInput("the picture cannot be read", code="document_broken") from error
    if size > PIXELS:
        raise BadInput("the picture has too many pixels", code="too_large")
    end = content.rfind(b"IEND") + 8 if kind == "png" else content.rfind(b"\xff\xd9") + 2
    if any(sign in content[end:] for sign in HIDDEN) or any(sign in content[:end] for sign in HIDDEN[1:3]):
        raise BadInput("something else is hidden in the picture", code="document_active")
    return kind


def _check_pdf(content: bytes) -> None:
    if b"%%EOF" not in content[-2048:]:
        raise BadInput("the PDF is not complete", code="document_broken")
    for part in (content, *_unpacked(content)):
        plain = HEX_NAME.sub(lambda found: bytes([int(found.group(1), 16)]), part) if b"#" in part else part
        if ACTIVE.search(plain):
            raise BadInput("the PDF holds a script, a form, an attachment or a password", code="document_active")


def _unpacked(content: bytes) -> Iterator[bytes]:
    """What the deflated streams of a PDF hold, up to a limit in all: objects may hide in them.

    Raises:
        BadInput: `too_large`, for what unpacks to far more than any paper of a borrower.
    """
    left = UNPACKED
    for found in STREAM.finditer(content):
        reader = zlib.decompressobj()
        try:
            part = reader.decompress(content[found.end() :], left)
        except zlib.error:
            continue  # a picture, or another packing
        left -= len(part)
        if left <= 0 or reader.unconsumed_tail:
            raise BadInput("the PDF unpacks to too much", code="too_large")
        yield part


class Uploads:
    """`folder` lies outside every web root."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def owner_of(self, connection: Connection, ref: str, session: Session | None) -> str:
        """The customer whose open request `ref` is, for a proven session of theirs.

        Raises:
            NotAllowed: not proven. NotFound: no such request of this customer. BadInput: `too_many`.
        """
        if session is None or session.level < PROVEN or session.customer_id is None:
            raise NotAllowed("verify yourself first, then add the document", code="not_proven")
        mine = session.customer_id
        found = (
            connection.execute(
                sa.select(arrangements.c.ref).where(arrangements.c.ref == ref, arrangements.c.customer_id == mine)
            ).first()
            or connection.execute(
                sa.select(requests.c.ref).where(
                    requests.c.ref == ref, requests.c.customer_id == mine, requests.c.status == "open"
                )
            ).first()
        )
        if found is None:
            raise NotFound(f"no open request {ref} of yours")
        count = sa.select(sa.func.count()).select_from(documents).where(documents.c.ref == ref)
        if connection.execute(count).scalar_one() >= MOST:
            raise BadInput(f"a request takes {MOST} documents", code="too_many")
        return mine

    def keep(self, connection: Connection, ref: str, customer_id: str, kind: str, content: bytes, now: datetime) -> str:
        """Store a checked document; the same content again gives the one that is there."""
        mark = hashlib.sha256(content).hexdigest()
        same = connection.execute(
            sa.select(documents.c.document_id).where(documents.c.ref == ref, documents.c.sha256 == mark)
        ).scalar()
        if same is not None:
            return str(same)
        document_id = uuid.uuid4().hex
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self._folder / document_id, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        connection.execute(
            documents.insert().values(
                document_id=document_id,
                ref=ref,
                customer_id=customer_id,
                kind=kind,
                size=len(content),
                sha256=mark,
                at=now,
            )
        )
        return document_id

    def content(self, document_id: str) -> bytes:
        """For staff. Raises NotFound."""
        path = self._folder / document_id
        if not re.fullmatch("[0-9a-f]{32}", document_id) or not path.is_file():
            raise NotFound("no such document")
        return path.read_bytes()
