"""Links to kept files: signed, for ten minutes, naming nothing but the file."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeTimedSerializer

from bot.errors import NotFound

SECONDS = 600


class ShortLinks:
    """`secret` is this installation's."""

    def __init__(self, secret: str, seconds: int = SECONDS) -> None:
        self._box, self._seconds = URLSafeTimedSerializer(secret, salt="daihou files"), seconds

    def sign(self, attachment_id: str) -> str:
        return str(self._box.dumps(attachment_id))

    def read(self, token: str) -> str:
        """Raises NotFound: forged, or over."""
        try:
            return str(self._box.loads(token[:400], max_age=self._seconds))
        except BadSignature as error:
            raise NotFound("this link is over: ask for a new one") from error
