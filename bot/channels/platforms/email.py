"""E-mail: in over IMAP, fetched regularly; out over SMTP. See docs/channels/email.md.

A From address proves nothing, so nothing of a loan goes to one that the session has not proven (`proven_only`).
Answers go to From alone, never to Reply-To or to those who read along. Mail of robots is not answered (`email_robots`).
Sources: RFC 5321, 5322, 3501, 3834; sending limits of Exchange Online (30 mails a minute), read 2026-11.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from datetime import timedelta
from email.headerregistry import Address
from ipaddress import ip_address

import aiosmtplib

from bot.channels.platforms import email_read
from bot.channels.platforms.email_box import Box, Cursor, Raw
from bot.channels.platforms.email_robots import Loops, reports, why_robot
from bot.channels.platforms.email_text import header
from bot.channels.platforms.email_write import as_page, composed, message_id, page, subject, thread
from bot.channels.platforms.setup import SECONDS, Given, Setting
from bot.errors import BadInput, ConfigError
from bot.services import logs
from bot.services.channels.model import (
    Adapter,
    Hook,
    Inbound,
    Kind,
    Media,
    Outgoing,
    Payload,
    Reception,
    SendFailed,
    SignatureRefused,
    Status,
    Traits,
)
from bot.services.channels.wording import in_words, split

NAME = "email"
SETTINGS = {
    "EMAIL_ADDRESS": Setting("the address that borrowers write to, and that answers"),
    "EMAIL_PASSWORD": Setting("the mailbox's password, or an app password", secret=True),
    "EMAIL_IMAP_HOST": Setting("the server that mail is fetched from"),
    "EMAIL_SMTP_HOST": Setting("the server that mail is sent through"),
    "EMAIL_USER": Setting("the login, where it is not the address", ""),
    "EMAIL_NAME": Setting("the name beside the address", ""),
    "EMAIL_IMAP_PORT": Setting("its port", "993"),
    "EMAIL_IMAP_TLS": Setting("tls, or none on loopback", "tls"),
    "EMAIL_FOLDER": Setting("the folder that is read", "INBOX"),
    "EMAIL_POLL_SECONDS": Setting("seconds between two looks", "15"),
    "EMAIL_SMTP_PORT": Setting("its port", "587"),
    "EMAIL_SMTP_TLS": Setting("starttls, tls, or none on loopback", "starttls"),
    "EMAIL_SMTP_USER": Setting("the login there, where it is another", ""),
    "EMAIL_SMTP_PASSWORD": Setting("its password there, where it is another", "", secret=True),
    "EMAIL_PER_MINUTE": Setting("mails a minute that the sending server allows", "30"),
    "EMAIL_CA": Setting("a file of certificates to trust beside the system's", ""),
    "EMAIL_AUTHSERV": Setting("the name in our server's Authentication-Results: forged mail is then dropped", ""),
}
PIECE = 30_000  # characters of one mail
TEXT_LONGEST = 200_000  # its HTML, escaped, in tables


def make(given: Given) -> Adapter:
    return Email(given)


class Email(Adapter):
    """`channel_user` is an address in lower case."""

    name = NAME

    def __init__(self, given: Given) -> None:
        """Raises ConfigError: the message names the variable."""
        self._given, config = given, given.config
        self._address = config["EMAIL_ADDRESS"].strip().lower()
        if not email_read.ADDRESS.fullmatch(self._address):
            raise ConfigError("EMAIL_ADDRESS is no address")
        self._from = Address(header(config["EMAIL_NAME"]), addr_spec=self._address)
        self._user = config["EMAIL_USER"] or self._address
        minute = _number(config, "EMAIL_PER_MINUTE")
        self.pulls = _number(config, "EMAIL_POLL_SECONDS")
        self.traits = Traits(
            longest=TEXT_LONGEST, per_second=minute / 60, expires=timedelta(hours=72), receipts=False, proven_only=True
        )
        self._imap_port, self._smtp_port = (int(_number(config, f"EMAIL_{one}_PORT")) for one in ("IMAP", "SMTP"))
        clear = _way(config, "IMAP", ("tls", "none")) == "none"
        self._smtp_way = _way(config, "SMTP", ("starttls", "tls", "none"))
        self._tls = None if clear and self._smtp_way == "none" else _context(config["EMAIL_CA"])
        self._box = Box(
            config["EMAIL_IMAP_HOST"],
            self._imap_port,
            self._user,
            config["EMAIL_PASSWORD"],
            config["EMAIL_FOLDER"],
            None if clear else self._tls,
        )
        self._loops = Loops()
        self._next: Cursor | None = None

    # -- in

    def receive(self, hook: Hook) -> Reception:
        raise SignatureRefused("mail is fetched: nobody calls here")

    async def pull(self) -> Reception:
        """A page of the mailbox. Raises SendFailed: again."""
        cursor = Cursor.read(await self._given.cursors.get(NAME))
        inbound: list[Inbound] = []
        statuses: list[Status] = []

        def take(raw: Raw) -> None:
            found = self._read(raw)
            if isinstance(found, Inbound):
                inbound.append(found)
            else:
                statuses.extend(found)

        today = self._given.clock.now().date()
        self._next, more = await asyncio.to_thread(self._box.new, cursor, today, take)
        return Reception(inbound=tuple(inbound), statuses=tuple(statuses), pull=more)

    async def pulled(self) -> None:
        if self._next is not None:
            await self._given.cursors.put(NAME, str(self._next))

    def _read(self, raw: Raw) -> Inbound | tuple[Status, ...]:
        """A person's mail, or what a robot's tells of ours."""
        try:
            mail = email_read.read(raw.content)
        except BadInput:
            logs.event("mail cannot be read", level="warning", uid=raw.uid, channel=NAME)
            return ()
        at = raw.at or self._given.clock.now()
        told = reports(mail.message, mail.headers, mail.parts, self._domain, at) if _may_report(mail) else ()
        why = why_robot(mail.headers, mail.sender, self._address, self._given.config["EMAIL_AUTHSERV"].lower())
        if told or why or not mail.sender:
            logs.event(
                "mail not answered",
                why=why or ("report" if told else "no_sender"),
                reports=len(told),
                uid=raw.uid,
                channel=NAME,
            )
            return told
        answers = any(f"@{self._domain}>" in one and one.startswith("<daihou.") for one in mail.references)
        if answers and self._loops.spinning(mail.sender, mail.key, mail.words, at):
            logs.event("mail not answered", level="warning", why="loop", uid=raw.uid, channel=NAME)
            return ()
        media = tuple(
            Media(one.kind, f"{raw.validity}/{raw.uid}/{one.ref}", one.name, one.content_type) for one in mail.media
        )
        facts = {"mail": "1", "subject": mail.subject, "references": " ".join(mail.references[-30:])}
        kind = Kind.UNSUPPORTED if not raw.whole and not mail.words else mail.kind
        return Inbound(mail.sender, mail.key, kind, mail.words, media if raw.whole else (), at, facts=facts)

    @property
    def _domain(self) -> str:
        return self._address.split("@")[1]

    # -- out

    def render(self, message: Outgoing) -> Sequence[Payload]:
        answers = bool(message.facts.get("mail"))
        person = message.sender == "agent"
        common: Payload = {
            "subject": subject(message),
            "headers": thread(message.facts),
            "auto": "" if person else "auto-replied" if answers else "auto-generated",
            "unsubscribe": not answers and not person,
        }
        pieces = split(in_words(message), Traits(longest=PIECE))
        if len(pieces) == 1:
            return [{**common, "text": pieces[0], "html": page(message)}]
        return [{**common, "text": piece, "html": as_page(piece)} for piece in pieces]

    async def send(self, to: str, payload: Payload, key: str) -> str:
        if not email_read.ADDRESS.fullmatch(to):
            raise SendFailed("unknown_user")
        own_id, config = message_id(key, self._domain), self._given.config
        mail = composed(payload, self._from, to, own_id, self._given.clock.now())
        try:
            await aiosmtplib.send(
                mail,
                sender=self._address,
                recipients=[to],
                hostname=config["EMAIL_SMTP_HOST"],
                port=self._smtp_port,
                username=config["EMAIL_SMTP_USER"] or self._user,
                password=config["EMAIL_SMTP_PASSWORD"] or config["EMAIL_PASSWORD"],
                local_hostname=self._domain,
                timeout=SECONDS,
                use_tls=self._smtp_way == "tls",
                start_tls=self._smtp_way == "starttls",
                tls_context=None if self._smtp_way == "none" else self._tls,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _failed(error) from error
        return own_id

    async def fetch(self, media: Media) -> bytes:
        parts = media.ref.split("/")
        if len(parts) != 3 or not all(one.isdigit() for one in parts):
            raise SendFailed("gone")
        validity, uid, number = map(int, parts)
        raw = await asyncio.to_thread(self._box.one, validity, uid)
        content = await asyncio.to_thread(email_read.file_of, raw, number)
        if content is None:
            raise SendFailed("gone")
        return content


def _may_report(mail: email_read.Mail) -> bool:
    return (
        mail.message.get_content_type() == "multipart/report"
        or "@" not in mail.sender
        or bool(why_robot(mail.headers, mail.sender, "", ""))
    )


def _failed(error: Exception) -> SendFailed:
    """What an SMTP server's answer means (RFC 5321 codes, RFC 3463 classes)."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
        error = error.recipients[0]
    if not isinstance(error, aiosmtplib.SMTPResponseException):
        return SendFailed("unreachable", again=True)
    code, words = error.code, str(error.message)
    if isinstance(error, aiosmtplib.SMTPAuthenticationError) and code >= 500:
        return SendFailed("expired_token", again=True)  # until the operator sets the new password
    if code < 500:
        return SendFailed("busy", again=True, after=5.0 if code == 421 else 0.0)
    if isinstance(error, aiosmtplib.SMTPSenderRefused):
        return SendFailed("not_configured")
    if "5.7." in words or code == 554:
        return SendFailed("blocked")
    known = isinstance(error, aiosmtplib.SMTPRecipientRefused)
    return SendFailed("unknown_user" if known or "5.1." in words else "invalid")


def _number(config: Mapping[str, str], name: str) -> float:
    try:
        found = float(config[name])
    except ValueError:
        found = 0.0
    if not 0 < found < 1e6:
        raise ConfigError(f"{name} must be a number above 0")
    return found


def _way(config: Mapping[str, str], of: str, allowed: Sequence[str]) -> str:
    """How a connection is protected. Raises ConfigError: in the clear over a network, a password would be read."""
    way, host = config[f"EMAIL_{of}_TLS"], config[f"EMAIL_{of}_HOST"]
    if way not in allowed:
        raise ConfigError(f"EMAIL_{of}_TLS must be one of {', '.join(allowed)}")
    if way == "none" and host != "localhost":
        try:
            inside = ip_address(host).is_loopback
        except ValueError:
            inside = False
        if not inside:
            raise ConfigError(f"EMAIL_{of}_TLS=none is for loopback only")
    return way


def _context(extra: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if extra:
        try:
            context.load_verify_locations(extra)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError("EMAIL_CA cannot be read") from error
    return context
