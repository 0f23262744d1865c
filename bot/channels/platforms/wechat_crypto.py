"""How WeChat and WeCom sign, encrypt and lay out what they send to a callback, and what they expect back.

AES-256-CBC with the first 16 bytes of the key as its start, PKCS#7 over blocks of 32 bytes; inside: 16 random bytes, the
length of the message (4 bytes, big-endian), the message, the id of its owner (app id or corp id). Signature: SHA-1 over the
sorted parts. Source: the public page on message encryption of both platforms, read 2026-11.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import struct
from collections.abc import Mapping
from datetime import datetime, timedelta
from xml.etree.ElementTree import ParseError

from cryptography.hazmat.primitives.ciphers import Cipher as Aes
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot.errors import BadInput, ConfigError
from bot.services.channels.model import Hook, SignatureRefused

BLOCK = 32
LARGEST = 256 * 1024  # bytes of one callback; the platforms' own are a few KB
OLDEST = timedelta(minutes=5)  # of a signature; the platforms try three times within 15 seconds
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # no character of XML 1.0


class Box:
    """Opens and seals messages of one owner. `key` is the EncodingAESKey of 43 characters."""

    def __init__(self, name: str, key: str, owner: str) -> None:
        """Raises ConfigError: `key` is none; `name` says which variable holds it."""
        try:
            self._key = base64.b64decode(f"{key}=", validate=True)
        except (binascii.Error, ValueError):
            self._key = b""
        if len(key) != 43 or len(self._key) != 32:
            raise ConfigError(f"{name} must be the EncodingAESKey of 43 letters and digits")
        self._owner = owner.encode()

    def open(self, sealed: str) -> bytes:
        """The message inside.

        Raises:
            BadInput: not encrypted with this key.
            SignatureRefused: meant for another owner.
        """
        try:
            raw = base64.b64decode(sealed, validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadInput("not base64", code="bad_encryption") from error
        if not raw or len(raw) % 16:
            raise BadInput("not whole blocks", code="bad_encryption")
        plain = self._aes().decryptor().update(raw)
        padding = plain[-1]
        if not 1 <= padding <= BLOCK or plain[-padding:] != bytes([padding]) * padding:
            raise BadInput("encrypted with another key", code="bad_encryption")
        content = plain[16:-padding]
        if len(content) < 4:
            raise BadInput("no length inside", code="bad_encryption")
        (length,) = struct.unpack(">I", content[:4])
        message, owner = content[4 : 4 + length], content[4 + length :]
        if len(message) != length:
            raise BadInput("the length inside is wrong", code="bad_encryption")
        if not hmac.compare_digest(owner, self._owner):
            raise SignatureRefused("encrypted for another account")
        return message

    def seal(self, message: bytes, salt: bytes = b"") -> str:
        """The message encrypted. `salt`: 16 bytes, random unless given."""
        content = (salt or os.urandom(16)) + struct.pack(">I", len(message)) + message + self._owner
        padding = BLOCK - len(content) % BLOCK
        padded = content + bytes([padding]) * padding
        return base64.b64encode(self._aes().encryptor().update(padded)).decode()

    def _aes(self) -> Aes[modes.CBC]:
        return Aes(algorithms.AES(self._key), modes.CBC(self._key[:16]))


def signature(*parts: str) -> str:
    """SHA-1 over the parts, sorted and joined."""
    return hashlib.sha1("".join(sorted(parts)).encode("utf-8", "surrogatepass")).hexdigest()  # fixed by the platform


def verify(hook: Hook, field: str, token: str, *more: str) -> None:
    """Check the signature in query field `field` over token, timestamp, nonce and `more`, and its age.

    Raises:
        SignatureRefused
    """
    query = hook.query
    stamp, shown = query.get("timestamp", ""), query.get(field, "")
    wanted = signature(token, stamp, query.get("nonce", ""), *more)
    if not hmac.compare_digest(shown.encode("utf-8", "surrogatepass"), wanted.encode()):
        raise SignatureRefused("the signature is missing or wrong")
    at = moment(stamp, hook.now)
    if at is None or abs(hook.now - at) > OLDEST:
        raise SignatureRefused("the signature is too old")


def moment(seconds: object, like: datetime) -> datetime | None:
    """Seconds since 1970 as an instant in the zone of `like`; None where it is no sensible number."""
    digits = str(seconds)
    if not re.fullmatch("[0-9]{1,11}", digits, re.ASCII):
        return None
    return datetime.fromtimestamp(int(digits), like.tzinfo) if int(digits) < 32_503_680_000 else None


def fields(body: bytes) -> dict[str, str]:
    """The children of a callback's `<xml>` by name; no DTD, no entities, nothing nested.

    Raises:
        BadInput: too large, or no such XML.
    """
    if len(body) > LARGEST:
        raise BadInput(f"a callback has at most {LARGEST} bytes", code="too_large")
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise BadInput("no readable XML", code="bad_xml") from error
    return {str(child.tag): child.text or "" for child in root}


def xml(values: Mapping[str, str | int]) -> bytes:
    """Values as a flat `<xml>`; text as CDATA, so that nothing in it is markup."""
    parts = [f"<{name}>{value if isinstance(value, int) else _cdata(value)}</{name}>" for name, value in values.items()]
    return f"<xml>{''.join(parts)}</xml>".encode()


def sealed_xml(box: Box, token: str, plain: bytes, stamp: str, nonce: str) -> bytes:
    """A reply (or, in the simulators, a callback) as the encrypted envelope."""
    secret = box.seal(plain)
    return xml(
        {
            "Encrypt": secret,
            "MsgSignature": signature(token, stamp, nonce, secret),
            "TimeStamp": int(stamp),
            "Nonce": nonce,
        }
    )


def _cdata(text: str) -> str:
    return f"<![CDATA[{_FORBIDDEN.sub('', text).replace(']]>', ']]]]><![CDATA[>')}]]>"
