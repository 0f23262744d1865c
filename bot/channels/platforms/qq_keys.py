"""How QQ signs: Ed25519 with a key made from the bot's secret, which both sides know. Source: the platform's page on webhook
security, read 2026-11.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.channels.platforms.reading import moment
from bot.errors import ConfigError
from bot.services.channels.model import Hook, SignatureRefused

SEED = 32  # bytes: the secret, repeated until it is long enough
OLDEST = timedelta(minutes=5)
SIGNATURE, STAMP = "x-signature-ed25519", "x-signature-timestamp"


class Keys:
    def __init__(self, secret: str) -> None:
        """Raises ConfigError: there is no secret."""
        seed = secret.encode()
        if not seed:
            raise ConfigError("QQ_SECRET is empty")
        self._private = Ed25519PrivateKey.from_private_bytes((seed * SEED)[:SEED])
        self._public = self._private.public_key()

    def sign(self, *parts: str | bytes) -> str:
        """The signature over the parts joined, in hex."""
        whole = b"".join(one.encode() if isinstance(one, str) else one for one in parts)
        return self._private.sign(whole).hex()

    def verify(self, hook: Hook) -> None:
        """Raises SignatureRefused: missing, wrong, or too old."""
        shown, stamp = hook.headers.get(SIGNATURE, ""), hook.headers.get(STAMP, "")
        if not re.fullmatch("[0-9a-fA-F]{128}", shown) or not re.fullmatch("[0-9]{1,12}", stamp):
            raise SignatureRefused("the signature is missing")
        try:
            self._public.verify(bytes.fromhex(shown), stamp.encode() + hook.body)
        except InvalidSignature as error:
            raise SignatureRefused("the signature is wrong") from error
        if not _recent(stamp, hook.now):
            raise SignatureRefused("the signature is too old")


def _recent(stamp: str, now: datetime) -> bool:
    at = moment(stamp)
    return at is not None and abs(now - at) <= OLDEST
