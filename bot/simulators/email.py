"""A mail provider: takes mail over SMTP, keeps a mailbox behind IMAP, and has people, robots and a mailer daemon who write.

Faults: slow, error (451), busy (450), expired_token (login refused), lost_answer (taken, then the connection breaks),
duplicate (delivered twice), out_of_order, gone (removed from the mailbox), partial_upload (the connection breaks in a mail).
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from bot.simulators.base import SLOW, Simulator
from bot.simulators.email_imap import ImapServer, Mailbox

NAME = "email"
LARGEST = 25 * 1024 * 1024  # bytes of a mail
LONGEST_LINE = 998  # RFC 5322
NEEDED = ("From", "To", "Date", "Message-ID", "Subject")
SMTP_PORT, IMAP_PORT = 5025, 5143  # of the demo


def demo(api: str) -> dict[str, str]:
    """The variables of a Daihou beside this simulator; made up, of use nowhere else."""
    return {
        "EMAIL_ADDRESS": "service@lender.example",
        "EMAIL_PASSWORD": "demo-mail-password",
        "EMAIL_IMAP_HOST": "127.0.0.1",
        "EMAIL_IMAP_PORT": str(IMAP_PORT),
        "EMAIL_IMAP_TLS": "none",
        "EMAIL_SMTP_HOST": "127.0.0.1",
        "EMAIL_SMTP_PORT": str(SMTP_PORT),
        "EMAIL_SMTP_TLS": "none",
        "EMAIL_POLL_SECONDS": "1",
        "EMAIL_PER_MINUTE": "6000",
    }


def make(webhook: str, config: Mapping[str, str]) -> Simulator:
    return EmailSimulator(webhook, config)


class EmailSimulator(Simulator):
    """Config: EMAIL_ADDRESS, EMAIL_PASSWORD, EMAIL_SMTP_PORT, EMAIL_IMAP_PORT (0: any free one; then see the ports here)."""

    name = NAME

    def __init__(
        self,
        webhook: str,
        config: Mapping[str, str],
        tls: ssl.SSLContext | None = None,
        starttls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(webhook, config)
        self._tls, self._starttls = tls, starttls
        self.address, self.password = self.config["EMAIL_ADDRESS"], self.config["EMAIL_PASSWORD"]
        self.mailbox = Mailbox()
        self.imap = ImapServer(self.mailbox, self.address, self.password, self.strikes, SLOW)
        self.smtp_port = self.imap_port = 0  # while nobody listens
        self.unknown: set[str] = set()  # recipients that do not exist
        self.bouncing: set[str] = set()  # taken first, returned later
        self.full: set[str] = set()  # recipients whose mailbox is full
        self.refusing: set[str] = set()  # recipients whose servers take our mail for spam
        self.taken: list[bytes] = []  # mails as they came over SMTP
        self._late: list[bytes] = []
        self._smtp: asyncio.AbstractServer | None = None
        self._open: list[SMTP] = []

    def routes(self) -> Blueprint:
        api = Blueprint("sim_email", url_prefix="/email")

        @api.get("/mailbox")
        async def mailbox(request: Request) -> HTTPResponse:
            """How much waits: there is nothing else that mail does over HTTP."""
            return json({"mails": len(self.mailbox.mails), "taken": len(self.taken)})

        return api

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        port = int(self.config.get("EMAIL_SMTP_PORT") or 0)
        self._smtp = await loop.create_server(self._session, "127.0.0.1", port, ssl=self._tls)
        self.smtp_port = int(self._smtp.sockets[0].getsockname()[1])
        self.imap_port = await self.imap.start(int(self.config.get("EMAIL_IMAP_PORT") or 0), self._tls)

    async def close(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            for one in self._open:
                if one.transport is not None:
                    one.transport.close()
            await self._smtp.wait_closed()
        self.smtp_port = self.imap_port = 0
        await self.imap.close()
        await super().close()

    # -- mail that Daihou sends

    def _session(self) -> SMTP:
        made = SMTP(
            self,
            hostname="mail.simulated",
            data_size_limit=LARGEST,
            enable_SMTPUTF8=False,
            authenticator=self._login,
            auth_required=True,
            auth_require_tls=self._starttls is not None,
            require_starttls=self._starttls is not None,
            tls_context=self._starttls,
            timeout=30,
            loop=asyncio.get_running_loop(),
        )
        self._open = [*(one for one in self._open if one.transport is not None), made]
        return made

    def _login(self, server: SMTP, session: Session, envelope: Envelope, way: str, given: Any) -> AuthResult:
        known = isinstance(given, LoginPassword) and (given.login, given.password) == (
            self.address.encode(),
            self.password.encode(),
        )
        return AuthResult(success=known and not self.strikes("expired_token"), handled=False)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, sender: str, options: list[str]
    ) -> str:
        if sender.lower() != self.address.lower():
            return "553 5.7.1 sender is not the owner of the login"
        envelope.mail_from = sender
        envelope.mail_options.extend(options)
        return "250 2.1.0 ok"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, to: str, options: list[str]) -> str:
        if self.strikes("busy"):
            return "450 4.7.1 too many messages, try again later"
        if to in self.unknown:
            return "550 5.1.1 no such user"
        if to in self.full:
            return "452 4.2.2 mailbox full"
        envelope.rcpt_tos.append(to)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.strikes("slow"):
            await asyncio.sleep(SLOW)
        if self.strikes("error"):
            return "451 4.3.0 local error in processing"
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        if wrong := _wrong(content):
            return f"554 5.6.0 {wrong}"
        for to in envelope.rcpt_tos:
            if to in self.refusing:
                return "554 5.7.1 rejected as spam"
            self._arrived(to, content)
        if self.strikes("lost_answer") and server.transport is not None:
            server.transport.close()
        return "250 2.0.0 queued"

    def _arrived(self, to: str, content: bytes) -> None:
        self.taken.append(content)
        mail = message_from_bytes(content, policy=policy.default)
        body = mail.get_body(("plain",))
        text = body.get_content() if body is not None else ""
        again = any(one.extra.get("id") == mail["Message-ID"] for one in self.phones[to])
        said = self.shown(
            to, text.strip(), extra={"id": mail["Message-ID"], "subject": mail["Subject"], "again": again}
        )
        said.extra["references"] = str(mail["References"] or "")
        if to in self.bouncing:
            self.bounce(to, mail["Message-ID"])

    # -- mail that people and robots send

    async def say(self, user: str, text: str, **more: Any) -> str:
        """A person writes from the address `user`; the Message-ID.

        `subject`; `files`: (name, type, bytes); `html`; `headers`; `fresh`: no answer to the last mail received;
        `press`: what a button says; `raw`: the mail itself, as bytes; `seen`.
        """
        raw = more.get("raw")
        if raw is None:
            raw = self._written(user, str(more.get("press") or text), more)
        self.deliver(bytes(raw), seen=bool(more.get("seen")))
        return str(message_from_bytes(bytes(raw))["Message-ID"] or "")

    def deliver(self, raw: bytes, at: datetime | None = None, *, seen: bool = False) -> None:
        """Put a mail into the mailbox, with the faults ordered."""
        if self.strikes("out_of_order"):
            self._late.append(raw)
            return
        self.mailbox.append(raw, at, seen=seen)
        if self.strikes("duplicate"):
            self.mailbox.append(raw, at, seen=seen)
        late, self._late = self._late, []
        for one in late:
            self.mailbox.append(one)

    def _written(self, user: str, text: str, more: Mapping[str, Any]) -> bytes:
        last = next((one for one in reversed(self.phones[user]) if one.by == "them"), None)
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"], mail["To"] = user, self.address
        mail["Date"] = format_datetime(datetime.fromtimestamp(float(more.get("at") or time.time()), timezone.utc))
        mail["Message-ID"] = f"<{next(self.numbers)}.{time.time_ns()}@{user.rpartition('@')[2]}>"
        if last is not None and not more.get("fresh"):
            mail["Subject"] = str(more.get("subject") or f"Re: {str(last.extra['subject']).removeprefix('Re: ')}")
            mail["In-Reply-To"] = last.extra["id"]
            mail["References"] = f"{last.extra['references']} {last.extra['id']}".strip()
        else:
            mail["Subject"] = str(more.get("subject") or "Hello")
        for name, value in (more.get("headers") or {}).items():
            mail[name] = value
        mail.set_content(text or "\n")
        if more.get("html"):
            mail.add_alternative(more["html"], subtype="html")
        files: Sequence[tuple[str, str, bytes]] = more.get("files") or ()
        for name, kind, content in files:
            main, _, sub = kind.partition("/")
            mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
        return mail.as_bytes()

    def bounce(self, to: str, message_id: str, status: str = "5.1.1", action: str = "failed") -> None:
        """The mailer daemon returns a mail (RFC 3464)."""
        mail = _report(self.address, "delivery-status", "Undelivered Mail Returned to Sender")
        told = (
            f"Reporting-MTA: dns; mail.simulated\n\nFinal-Recipient: rfc822; {to}\nAction: {action}\nStatus: {status}\n"
        )
        original = f"Message-ID: {message_id}\nTo: {to}\nSubject: x\n"
        self.deliver(
            mail + _part("message/delivery-status", told) + _part("text/rfc822-headers", original) + b"--b--\r\n"
        )

    def receipt(self, user: str, message_id: str) -> None:
        """A person's mail program tells that a mail was opened (RFC 8098)."""
        mail = _report(self.address, "disposition-notification", "Read", parseaddr(user)[1])
        told = f"Original-Message-ID: {message_id}\nDisposition: manual-action/MDN-sent-manually; displayed\n"
        self.deliver(mail + _part("message/disposition-notification", told) + b"--b--\r\n")


def _report(to: str, kind: str, subject: str, sender: str = "MAILER-DAEMON@mail.simulated") -> bytes:
    now = format_datetime(datetime.now(timezone.utc))
    head = [
        f"From: <{sender}>",
        f"To: {to}",
        f"Subject: {subject}",
        f"Date: {now}",
        f"Message-ID: <report.{time.time_ns()}@mail.simulated>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type={kind}; boundary="b"',
    ]
    return "\r\n".join([*head, "", ""]).encode() + _part("text/plain", "This is a report of the mail system.\n")


def _part(kind: str, text: str) -> bytes:
    return f"--b\r\nContent-Type: {kind}\r\n\r\n{text}\r\n".replace("\r\n", "\n").replace("\n", "\r\n").encode()


def _wrong(content: bytes) -> str:
    """What a strict provider does not take, "" when all is well."""
    mail = message_from_bytes(content)
    for name in NEEDED:
        if len(mail.get_all(name, [])) != 1:
            return f"exactly one {name} is needed"
    if any(len(line) > LONGEST_LINE for line in content.split(b"\r\n")):
        return "a line is too long"
    if b"\n" in content.replace(b"\r\n", b"") or any(byte > 127 for byte in content):
        return "bare line feeds or raw bytes"
    return ""
