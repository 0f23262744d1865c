"""A mailbox over IMAP, read without changing it (EXAMINE, BODY.PEEK). Blocking: its methods run in a thread.

Sources: RFC 3501 (UID, UIDVALIDITY, UIDNEXT), RFC 2971 (ID, which NetEase's servers want before a folder is opened).
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from bot.services.channels.model import SendFailed

CONNECT_SECONDS, READ_SECONDS = 10.0, 30.0
PAGE = 20  # mails of one visit
LARGEST = 16 * 1024 * 1024  # bytes of a mail: a file of 10 MB in base64, and its text
START = 256 * 1024  # bytes that are read of a larger one: its words come first
NEW, RENUMBERED = timedelta(days=2), timedelta(days=7)


@dataclass(frozen=True)
class Raw:
    """A mail as the server has it. `whole` is False where only its start was read. `at` is when the server took it, if it says so."""

    validity: int
    uid: int
    at: datetime | None
    content: bytes
    whole: bool


@dataclass(frozen=True)
class Cursor:
    """Mails up to `uid` are done; of those up to `bound` only unread ones are taken (they were there before us)."""

    validity: int
    uid: int
    bound: int = 0

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        parts = text.split("/")
        return cls(*map(int, parts)) if len(parts) == 3 and all(one.isdigit() for one in parts) else None

    def __str__(self) -> str:
        return f"{self.validity}/{self.uid}/{self.bound}"


@dataclass(frozen=True)
class Box:
    """`tls` None: in the clear, only ever on loopback."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str
    tls: ssl.SSLContext | None

    def new(self, cursor: Cursor | None, today: date, take: Callable[[Raw], None]) -> tuple[Cursor, bool]:
        """Hand what came after the cursor to `take`, one by one, a page at most; the next cursor, and whether there is more.

        Raises:
            SendFailed: again; nothing of the page counts.
        """
        with self._open() as (client, validity, coming):
            if cursor is None or cursor.validity != validity:
                cursor = _begin(client, cursor, validity, coming, today)
            found = sorted(uid for uid in client.search(["UID", f"{cursor.uid + 1}:*"]) if uid > cursor.uid)
            if found and found[0] <= cursor.bound:
                unread = set(client.search(["UNSEEN"]))
                found = [uid for uid in found if uid > cursor.bound or uid in unread]
            page = found[:PAGE]
            for uid in page:
                raw = _fetched(client, validity, uid)
                if raw is not None:
                    take(raw)
            return Cursor(validity, page[-1] if page else cursor.uid, cursor.bound), len(found) > PAGE

    def one(self, validity: int, uid: int) -> bytes:
        """A mail again. Raises SendFailed: `gone` when it was removed or the mailbox was renumbered."""
        with self._open() as (client, now, _):
            raw = _fetched(client, validity, uid) if now == validity else None
        if raw is None or not raw.whole:
            raise SendFailed("gone")
        return raw.content

    @contextmanager
    def _open(self) -> Iterator[tuple[IMAPClient, int, int]]:
        try:
            timeout = SocketTimeout(CONNECT_SECONDS, READ_SECONDS)
            client = IMAPClient(self.host, self.port, ssl=self.tls is not None, ssl_context=self.tls, timeout=timeout)
        except (OSError, IMAPClientError) as error:
            raise SendFailed("unreachable", again=True) from error
        try:
            client.normalise_times = False
            client.login(self.user, self.password)
            if client.has_capability("ID"):
                client.id_({"name": "daihou", "version": "1", "vendor": "daihou"})
            chosen = client.select_folder(self.folder, readonly=True)
            coming = int(chosen.get(b"UIDNEXT") or max(client.search(["UID", "1:*"]), default=0) + 1)
            yield client, int(chosen[b"UIDVALIDITY"]), coming
        except LoginError as error:
            raise SendFailed("expired_token", again=True) from error
        except (OSError, IMAPClientError, KeyError, ValueError, TypeError) as error:
            raise SendFailed("unreachable", again=True) from error
        finally:
            with suppress(OSError, IMAPClientError):
                client.logout()


def _begin(client: IMAPClient, old: Cursor | None, validity: int, coming: int, today: date) -> Cursor:
    """Where to begin: at unread mail of the last days at the first start; at all of the last week when the mailbox was
    renumbered, where what was answered before is known by its Message-ID."""
    since = today - (NEW if old is None else RENUMBERED)
    recent = client.search(["SINCE", since])
    first = min(recent) if recent else coming
    return Cursor(validity, max(first - 1, 0), coming - 1 if old is None else 0)


def _fetched(client: IMAPClient, validity: int, uid: int) -> Raw | None:
    facts = client.fetch([uid], ["RFC822.SIZE", "INTERNALDATE"]).get(uid)
    if not facts:
        return None
    whole = int(facts.get(b"RFC822.SIZE") or 0) <= LARGEST
    body = client.fetch([uid], ["BODY.PEEK[]" if whole else f"BODY.PEEK[]<0.{START}>"]).get(uid, {})
    content = next((value for name, value in body.items() if name.startswith(b"BODY[]")), None)
    if content is None:
        return None
    at = facts.get(b"INTERNALDATE")
    known = at if isinstance(at, datetime) and at.tzinfo is not None else None
    return Raw(validity, uid, known, bytes(content), whole)
