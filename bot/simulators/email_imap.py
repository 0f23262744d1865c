"""A mailbox of one folder behind IMAP4rev1: as much of RFC 3501 as a reading client needs, strict in what it understands."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone

CAPABILITIES = "IMAP4rev1 ID"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r?\n$")
LONGEST_LINE = 64 * 1024
Fault = Callable[[str], bool]


class _Broken(Exception):
    """The connection ends here, as ordered."""


@dataclass
class Kept:
    uid: int
    content: bytes
    at: datetime
    seen: bool = False


@dataclass
class Mailbox:
    """What lies in the folder. UIDs only grow; `renumber` is what a restored server does to its clients."""

    validity: int = 1
    coming: int = 1
    mails: list[Kept] = field(default_factory=list)

    def append(self, content: bytes, at: datetime | None = None, *, seen: bool = False) -> int:
        uid, self.coming = self.coming, self.coming + 1
        self.mails.append(Kept(uid, content, at or datetime.now(timezone.utc), seen))
        return uid

    def remove(self, uid: int) -> None:
        self.mails = [one for one in self.mails if one.uid != uid]

    def renumber(self) -> None:
        self.validity += 1
        for uid, one in enumerate(self.mails, 1):
            one.uid = uid
        self.coming = len(self.mails) + 1


@dataclass
class ImapServer:
    """`strikes(fault)` is the simulator's; `user` and `password` are those of the only account."""

    mailbox: Mailbox
    user: str
    password: str
    strikes: Fault
    slow: float
    logins: int = 0
    commands: list[str] = field(default_factory=list)  # names only
    _server: asyncio.AbstractServer | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def start(self, port: int, tls: ssl.SSLContext | None) -> int:
        """Listen on loopback; the port."""
        self._server = await asyncio.start_server(
            self._served, "127.0.0.1", port, ssl=tls, limit=LONGEST_LINE, reuse_address=True
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            for writer in list(self._open):
                writer.close()
            await self._server.wait_closed()
            self._server = None

    async def _served(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            await _Session(self, reader, writer).run()
        except (_Broken, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            writer.transport.abort()
        finally:
            self._open.discard(writer)
            writer.close()


class _Session:
    def __init__(self, server: ImapServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server, self._reader, self._writer = server, reader, writer
        self._known = self._named = self._chosen = False

    async def run(self) -> None:
        await self._say("* OK simulated mailbox ready")
        while True:
            line = await self._line()
            if not line:
                return
            tag, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            name, _, more = rest.partition(" ")
            if name.upper() == "UID":
                second, _, more = more.partition(" ")
                name = f"UID {second}"
            name = name.upper()
            self._server.commands.append(name)
            commands: dict[str, Callable[[str], Awaitable[str]]] = {
                "CAPABILITY": self._capability,
                "ID": self._id,
                "NOOP": self._noop,
                "LOGIN": self._login,
                "SELECT": self._select,
                "EXAMINE": self._select,
                "UID SEARCH": self._search,
                "UID FETCH": self._fetch,
            }
            if name == "LOGOUT":
                await self._say("* BYE see you", f"{tag} OK done")
                return
            run = commands.get(name)
            await self._say(f"{tag} {await run(more) if run else 'BAD unknown command'}")

    async def _line(self) -> bytes:
        """A command with its literals in place."""
        line = await self._reader.readline()
        while found := LITERAL.search(line):
            if not found.group(2):
                await self._say("+ go on")
            inside = await self._reader.readexactly(int(found.group(1)))
            quoted = inside.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
            line = line[: found.start()] + b'"' + quoted + b'"' + await self._reader.readline()
        return line

    async def _say(self, *lines: str) -> None:
        self._writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await self._writer.drain()

    async def _capability(self, more: str) -> str:
        await self._say(f"* CAPABILITY {CAPABILITIES}")
        return "OK done"

    async def _id(self, more: str) -> str:
        self._named = '"name"' in more.lower()
        await self._say('* ID ("name" "simulator")')
        return "OK done"

    async def _noop(self, more: str) -> str:
        return "OK done"

    async def _login(self, more: str) -> str:
        given = [one.replace('\\"', '"').replace("\\\\", "\\") for one in _words(more)]
        if self._server.strikes("slow"):
            await asyncio.sleep(self._server.slow)
        if self._server.strikes("expired_token") or given != [self._server.user, self._server.password]:
            return "NO [AUTHENTICATIONFAILED] login failed"
        if self._server.strikes("busy"):
            return "NO [LIMIT] too many connections"
        self._known = True
        self._server.logins += 1
        return "OK welcome"

    async def _select(self, more: str) -> str:
        if not self._known:
            return "BAD log in first"
        if not self._named:  # as NetEase's servers (163, 126, yeah.net)
            return "NO SELECT Unsafe Login"
        if self._server.strikes("error"):
            return "NO [SERVERBUG] internal error"
        if [one.upper() for one in _words(more)] != ["INBOX"]:
            return "NO [NONEXISTENT] no such folder"
        box = self._server.mailbox
        await self._say(
            f"* {len(box.mails)} EXISTS",
            "* 0 RECENT",
            r"* FLAGS (\Seen \Answered)",
            f"* OK [UIDVALIDITY {box.validity}] ok",
            f"* OK [UIDNEXT {box.coming}] ok",
        )
        self._chosen = True
        return "OK [READ-ONLY] done"

    async def _search(self, more: str) -> str:
        if not self._chosen:
            return "BAD choose a folder first"
        found = list(self._server.mailbox.mails)
        words = more.upper().split()
        while words:
            key = words.pop(0)
            if key == "UID" and words:
                found = [one for one in found if one.uid in self._uids(words[0])]
                words.pop(0)
            elif key == "SINCE" and words:
                day, month, year = words.pop(0).strip('"').split("-")
                since = datetime(int(year), MONTHS.index(month.title()) + 1, int(day), tzinfo=timezone.utc)
                found = [one for one in found if one.at >= since]
            elif key == "UNSEEN":
                found = [one for one in found if not one.seen]
            elif key != "ALL":
                return f"BAD unknown search key {key}"
        await self._say(" ".join(["* SEARCH", *(str(one.uid) for one in found)]))
        return "OK done"

    async def _fetch(self, more: str) -> str:
        if not self._chosen:
            return "BAD choose a folder first"
        which, _, items = more.partition(" ")
        wanted = self._uids(which)
        for at, one in enumerate(self._server.mailbox.mails, 1):
            if one.uid in wanted:
                body = re.search(r"BODY\.PEEK\[\](?:<(\d+)\.(\d+)>)?", items, re.IGNORECASE)
                if self._server.strikes("gone") if body else False:
                    continue
                await self._one(at, one, items.upper(), body)
        return "OK done"

    async def _one(self, at: int, one: Kept, items: str, body: re.Match[str] | None) -> None:
        parts = [f"UID {one.uid}"]
        if "RFC822.SIZE" in items:
            parts.append(f"RFC822.SIZE {len(one.content)}")
        if "INTERNALDATE" in items:
            moment = one.at.astimezone(timezone.utc)
            parts.append(f'INTERNALDATE "{moment.day:2d}-{MONTHS[moment.month - 1]}-{moment:%Y %H:%M:%S} +0000"')
        start = f"* {at} FETCH ({' '.join(parts)}"
        if body is None:
            await self._say(f"{start})")
            return
        first = int(body.group(1) or 0)
        content = one.content[first : first + int(body.group(2))] if body.group(2) else one.content
        name = f"BODY[]<{first}>" if body.group(2) else "BODY[]"
        self._writer.write(f"{start} {name} {{{len(content)}}}\r\n".encode())
        if self._server.strikes("partial_upload"):
            self._writer.write(content[: len(content) // 2])
            await self._writer.drain()
            raise _Broken
        self._writer.write(content)
        await self._say(")")

    def _uids(self, which: str) -> set[int]:
        """A set of UIDs. "*" is the last one there is, and 9:* holds it even when it is smaller than 9 (RFC 3501, 6.4.8)."""
        known = [one.uid for one in self._server.mailbox.mails]
        found: set[int] = set()
        for part in which.split(","):
            ends = [max(known, default=0) if end == "*" else int(end) for end in part.split(":")]
            found |= {uid for uid in known if min(ends) <= uid <= max(ends)}
        return found


def _words(text: str) -> list[str]:
    return [quoted if quoted or not bare else bare for quoted, bare in re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', text)]
