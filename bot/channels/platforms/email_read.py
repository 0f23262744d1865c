"""One mail as it came, read: who wrote, what, with which files, in which thread. Never raises on what a mail holds."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from typing import Any

from bot.channels.platforms.email_quotes import own_words, pattern
from bot.channels.platforms.email_text import clean, decode, header, plain
from bot.errors import BadInput
from bot.services.channels.model import Kind, Media

ADDRESS = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,180}[a-z0-9])?", re.IGNORECASE)
MESSAGE_ID = re.compile(r"<[\x21-\x3b=\x3f-\x7e]{1,250}>")
DEEPEST, MOST_PARTS, MOST_FILES = 12, 200, 10
LONGEST_TEXT = 400_000  # bytes of one text part that are looked at
LONGEST_SUBJECT = 200
LONGEST_KEY = 128  # characters of a dedupe key
SMALLEST_INLINE = 4096  # bytes: a picture inside the text that is smaller is a logo or a counter
NO_FILES = {
    *("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"),
    *("text/calendar", "message/delivery-status", "message/disposition-notification"),
}
SEALED = {"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted", "multipart/encrypted"}
KINDS = {"image": Kind.IMAGE, "audio": Kind.VOICE, "video": Kind.VIDEO}


@dataclass(frozen=True)
class Mail:
    """`sender` is "" where no address can be read. `media` refs are the numbers of parts, to be completed by the mailbox."""

    message: Message
    headers: Mapping[str, Sequence[str]]  # names in lower case, values decoded
    parts: Sequence[Message]  # leaves, in order
    sender: str
    key: str
    subject: str
    references: tuple[str, ...]  # ids of the thread, oldest first, the mail's own last
    kind: Kind
    words: str
    media: tuple[Media, ...]


def read(raw: bytes) -> Mail:
    """Raises BadInput: it cannot be read at all (parts within parts without an end)."""
    try:
        message = message_from_bytes(raw)
        parts = list(_leaves(message))
    except (RecursionError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise BadInput("the mail cannot be read", code="bad_mail") from error
    headers: dict[str, list[str]] = {}
    for name, value in list(message.raw_items())[:500]:
        headers.setdefault(name.lower(), []).append(header(value))
    subject = _first(headers, "subject")[:LONGEST_SUBJECT]
    forward = bool(pattern("forward").match(subject))
    own_id = MESSAGE_ID.search(_first(headers, "message-id"))
    thread = MESSAGE_ID.findall(" ".join([_first(headers, "references"), _first(headers, "in-reply-to")]))
    reply = bool(thread) or forward or bool(pattern("again").match(subject))
    words = _words(parts, subject, reply)
    media = tuple(_media(parts))
    return Mail(
        message,
        headers,
        parts,
        _sender(message),
        _key(own_id.group() if own_id else "", headers, raw),
        subject,
        tuple(dict.fromkeys([*thread, *([own_id.group()] if own_id else [])])),
        _kind(message, parts, words, media, forward),
        words,
        media,
    )


def file_of(raw: bytes, number: int) -> bytes | None:
    """The content of a part by its number in `Media.ref`, None when there is no such file."""
    parts = read(raw).parts
    return _content(parts[number]) if 0 <= number < len(parts) else None


def _leaves(message: Any, depth: int = 0) -> Iterator[Message]:
    """Parts without parts; a mail inside the mail is one part, it is somebody else's."""
    found = 0
    payload = message.get_payload()
    if depth >= DEEPEST or message.get_content_maintype() != "multipart" or not isinstance(payload, list):
        yield message
        return
    for part in filter(lambda one: isinstance(one, Message), payload):
        for leaf in _leaves(part, depth + 1):
            if found >= MOST_PARTS:
                return
            found += 1
            yield leaf


def _first(headers: Mapping[str, Sequence[str]], name: str) -> str:
    return (headers.get(name) or ("",))[0]


def _sender(message: Message) -> str:
    """The address of From, taken before anything in it is decoded: a name cannot pose as an address.

    Reply-To is not followed: whoever forges a From would have the answer sent to himself.
    """
    raw = next((str(value) for name, value in message.raw_items() if name.lower() == "from"), "")[:2000]
    if "@" not in raw:
        return ""
    address = parseaddr(raw.replace("\r", " ").replace("\n", " "))[1].strip()
    return address.lower() if ADDRESS.fullmatch(address) and ".." not in address else ""


def _key(message_id: str, headers: Mapping[str, Sequence[str]], raw: bytes) -> str:
    """The Message-ID; where it is missing or long, a mark of what no server on the way changes."""
    if message_id and len(message_id) <= LONGEST_KEY:
        return message_id
    stable = [message_id or _first(headers, name) for name in ("from", "to", "date", "subject")]
    body = b"" if message_id else raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2].strip()
    return "h" + hashlib.sha256("\n".join(stable).encode("utf-8", "replace") + b"\n" + body).hexdigest()


def _words(parts: Sequence[Message], subject: str, reply: bool) -> str:
    bodies = [part for part in parts if _is_body(part)]
    texts = [_text(part) for part in bodies if part.get_content_type() != "text/html"]
    pages = [_text(part) for part in bodies if part.get_content_type() == "text/html"]
    if any(text.strip() for text in texts):
        said = own_words("\n".join(text.strip("\n") for text in texts if text.strip()), reply=reply)
    else:
        said = own_words("\n".join(plain(page, quotes=not reply) for page in pages), reply=reply)
        if not said:
            said = own_words("\n".join(plain(page, indented=True) for page in pages), reply=reply)
    if reply or not subject or pattern("greeting").fullmatch(subject) or subject in said:
        return said
    return f"{subject}\n{said}".strip()


def _is_body(part: Message) -> bool:
    attached = str(part.get("content-disposition") or "").strip().lower().startswith("attachment")
    return part.get_content_type() in ("text/plain", "text/html") and not attached and not _name(part)


def _text(part: Message) -> str:
    text = clean(decode(_content(part)[:LONGEST_TEXT], str(part.get_param("charset", "") or "")))
    if str(part.get_param("format", "") or "").lower() == "flowed":
        joined = "" if str(part.get_param("delsp", "") or "").lower() == "yes" else " "
        text = re.sub(r"(?m)(?<!^--) \n(?![ >\n])", joined, text)
    return text


def _content(part: Message) -> bytes:
    """The bytes of a part, also where its encoding is broken: as far as it goes."""
    inner = part.get_payload()
    if isinstance(inner, list):  # a mail inside the mail
        return b"".join(one.as_bytes() for one in inner if isinstance(one, Message))
    try:
        found = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        found = str(inner or "").encode("utf-8", "replace")
    return found if isinstance(found, bytes) else b""


def _name(part: Message) -> str:
    """The file's name, without folders and marks that hide its end."""
    try:
        found = part.get_filename()
    except (ValueError, LookupError, TypeError, AttributeError):
        found = None
    return re.split(r"[/\\]", header(found))[-1][:120] if found else ""


def _media(parts: Sequence[Message]) -> Iterator[Media]:
    given = 0
    for number, part in enumerate(parts):
        kind, name = part.get_content_type(), _name(part)
        if given >= MOST_FILES or kind in NO_FILES or kind in SEALED or _is_body(part):
            continue
        if kind.startswith("multipart/"):
            continue
        inline = part.get("content-id") and not str(part.get("content-disposition") or "").lower().startswith("attach")
        if inline and len(_content(part)) < SMALLEST_INLINE:
            continue
        given += 1
        yield Media(KINDS.get(part.get_content_maintype(), Kind.FILE), str(number), name, kind[:80])


def _kind(message: Message, parts: Sequence[Message], words: str, media: Sequence[Media], forward: bool) -> Kind:
    if words:
        return Kind.STOP if pattern("stop").fullmatch(words) else Kind.TEXT
    if media:
        return media[0].kind
    if any(part.get_content_type() in SEALED for part in (message, *parts)):
        return Kind.UNSUPPORTED
    invited = any(part.get_content_type() == "text/calendar" for part in parts)
    return Kind.CARD if forward or invited else Kind.TEXT
