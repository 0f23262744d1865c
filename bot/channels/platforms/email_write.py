"""Our side of a mail: cards as simple HTML with everything escaped, headers that cannot be broken out of, bytes to send."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from typing import Any

from bot.channels.platforms.email_quotes import pattern
from bot.channels.platforms.email_read import LONGEST_SUBJECT, MESSAGE_ID
from bot.channels.platforms.email_text import header
from bot.services.channels.model import Outgoing, Payload
from bot.services.channels.wording import choices, labels, word

POLICY = SMTP.clone(cte_type="7bit")
MOST_REFERENCES = 12  # the thread's first and the last ones
CELL = "padding:4px 12px 4px 0;text-align:left;vertical-align:top"


def subject(message: Outgoing) -> str:
    """That of the mail answered, with one "Re:"; for a message of our own one that tells a reader over the shoulder nothing."""
    given = header(message.facts.get("subject", ""))
    for _ in range(10):
        found = pattern("again").match(given)
        if not found:
            break
        given = given[found.end() :]
    if not given:
        given = word("email_subject", message.language)
        return f"Re: {given}" if message.facts.get("mail") else given
    return f"Re: {given[:LONGEST_SUBJECT]}" if message.facts.get("mail") else given[:LONGEST_SUBJECT]


def thread(facts: Mapping[str, str]) -> dict[str, str]:
    """In-Reply-To and References of an answer; {} without ids that can be trusted to be ids."""
    ids = MESSAGE_ID.findall(facts.get("references", ""))
    if not ids:
        return {}
    shown = ids if len(ids) <= MOST_REFERENCES else [ids[0], *ids[1 - MOST_REFERENCES :]]
    return {"In-Reply-To": ids[-1], "References": " ".join(shown)}


def page(message: Outgoing) -> str:
    """Text, card and choices as HTML: paragraphs, tables and links, no style sheet, no picture, nothing loaded."""
    parts = [*_paragraphs(message.text), *_card(message)]
    picks = choices(message)
    if picks:
        told = len((message.card or {}).get("options") or ())
        marks = labels(picks)
        rest = [f"{escape(marks[at])}. {escape(one.title)}" for at, one in enumerate(picks) if at >= told]
        parts += [f"<p>{'<br>'.join(rest)}</p>"] if rest else []
        parts.append(f"<p>{escape(word('choose', message.language, first=marks[0], last=marks[-1]))}</p>")
    return simple("".join(parts))


def simple(body: str) -> str:
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>{body}</body></html>'


def as_page(text: str) -> str:
    """A text alone."""
    return simple("".join(_paragraphs(text)))


def _paragraphs(text: str) -> Iterator[str]:
    for one in re.split(r"\n{2,}", text.strip()):
        if one.strip():
            yield "<p>" + "<br>".join(escape(line) for line in one.split("\n")) + "</p>"


def _card(message: Outgoing) -> Iterator[str]:
    card = message.card
    if not card:
        return
    kind = card.get("kind")
    if card.get("title"):
        yield f"<h3>{escape(str(card['title']))}</h3>"
    if kind in ("choices", "compare"):
        marks = labels(choices(message))
        for at, option in enumerate(card.get("options") or []):
            badge = f" [{option['badge']}]" if option.get("badge") else ""
            yield f"<h4>{escape(marks[at])}. {escape(str(option['title']) + badge)}</h4>"
            yield from (f"<p>{escape(str(line))}</p>" for line in option.get("lines") or ())
            yield _table((), option.get("rows") or ())
            if option.get("note"):
                yield f"<p>{escape(str(option['note']))}</p>"
    elif kind in ("facts", "consent"):
        yield _table((), card["rows"])
    if kind == "table":
        yield _table(card["columns"], card["rows"])
    if kind == "consent":
        yield _table(card.get("columns") or (), card.get("table") or ())
    for line in (*card.get("notes", ()), *card.get("lines", ())):
        yield f"<p>{escape(str(line))}</p>"
    for link in card.get("links") or ():
        yield _link(str(link["title"]), f"{message.base_url}{link['href']}")
    if card.get("note"):
        yield f"<p>{escape(str(card['note']))}</p>"
    if kind == "upload":
        yield f"<p>{escape(word('upload', message.language))}</p>"


def _table(columns: Iterable[Any], rows: Iterable[Iterable[Any]]) -> str:
    head = "".join(f'<th style="{CELL}">{escape(str(one))}</th>' for one in columns)
    lines = ["<tr>" + "".join(f'<td style="{CELL}">{escape(str(one))}</td>' for one in row) + "</tr>" for row in rows]
    if not lines and not head:
        return ""
    return f"<table>{f'<tr>{head}</tr>' if head else ''}{''.join(lines)}</table>"


def _link(title: str, address: str) -> str:
    """A link, where it is one of the web; its address is shown as well, for programs that hide it."""
    if not re.match(r"https?://", address):
        return f"<p>{escape(title)}: {escape(address)}</p>"
    return f'<p><a href="{escape(address)}">{escape(title)}</a>: {escape(address)}</p>'


def message_id(key: str, domain: str) -> str:
    """Ours: the same for every try of the same mail, so a mail that went out twice can be told by mailboxes."""
    return f"<daihou.{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:40]}@{domain}>"


def composed(payload: Payload, ours: Address, to: str, own_id: str, at: datetime) -> bytes:
    """The mail as it is sent."""
    mail = EmailMessage(policy=POLICY)
    mail["From"] = ours
    mail["To"] = Address(addr_spec=to)
    mail["Subject"] = header(payload["subject"])
    mail["Date"] = format_datetime(at)
    mail["X-Loop"] = ours.addr_spec
    mail["X-Auto-Response-Suppress"] = "All"
    if payload.get("auto"):
        mail["Auto-Submitted"] = payload["auto"]
    if payload.get("unsubscribe"):
        mail["List-Unsubscribe"] = f"<mailto:{ours.addr_spec}?subject=unsubscribe>"
    mail.set_content(_encodable(payload["text"]))
    mail.add_alternative(_encodable(payload["html"]), subtype="html")
    # Ids are written by hand: the library would encode long ones, and mail programs then find no thread.
    return b"".join(_ids(own_id, payload.get("headers") or {})) + mail.as_bytes()


def _ids(own_id: str, headers: Mapping[str, str]) -> Iterator[bytes]:
    yield f"Message-ID: {own_id}\r\n".encode("ascii")
    for name in ("In-Reply-To", "References"):
        ids: Sequence[str] = MESSAGE_ID.findall(headers.get(name, ""))
        if ids:
            folded = "\r\n ".join(ids)
            yield f"{name}: {folded}\r\n".encode("ascii")


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
