"""Daihou's own signature of a request: `X-Daihou-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`.

The header may hold several `v1`, one per secret: so a secret is changed without a moment at which nothing is understood.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from bot.services.channels.model import SignatureRefused

HEADER = "X-Daihou-Signature"
OLDEST = 300  # seconds, either way: clocks differ
LONGEST = 1000  # characters of the header
MOST_MARKS = 4


def signature(secrets: Sequence[str], body: bytes, now: datetime) -> str:
    """The header's value, with a mark for each secret."""
    at = str(int(now.timestamp()))
    return ",".join([f"t={at}", *(f"v1={_mark(one, at, body)}" for one in secrets)])


def verify(secrets: Sequence[str], shown: str, body: bytes, now: datetime) -> None:
    """Compared in constant time, every secret with every mark.

    Raises:
        SignatureRefused: missing, wrong, or older than `OLDEST` seconds.
    """
    parts = [one.strip().partition("=") for one in shown[:LONGEST].split(",")]
    times = [value for name, _, value in parts if name == "t"]
    marks = [value for name, _, value in parts if name == "v1"][:MOST_MARKS]
    at = times[0] if len(times) == 1 and times[0].isascii() and times[0].isdigit() and len(times[0]) <= 12 else ""
    wanted = [_mark(one, at, body) for one in secrets]
    same = [hmac.compare_digest(mine.encode(), mark.encode("utf-8", "replace")) for mine in wanted for mark in marks]
    if not at or not any(same):
        raise SignatureRefused("the signature is missing or wrong")
    if abs(now.timestamp() - int(at)) > OLDEST:
        raise SignatureRefused("the signature is too old")


def _mark(secret: str, at: str, body: bytes) -> str:
    return hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
