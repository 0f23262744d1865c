"""The web widget's session: an id that only the server makes and signs, so that nobody can walk into another's talk."""

from __future__ import annotations

import secrets

from itsdangerous import BadSignature, URLSafeTimedSerializer

from bot.errors import NotAllowed

LIVES = 90 * 24 * 3600  # seconds
CHANNEL = "web"


class WebSessions:
    """Signs and reads session tokens with SESSION_SECRET."""

    def __init__(self, secret: str) -> None:
        self._signer = URLSafeTimedSerializer(secret, salt="daihou web session")

    def issue(self) -> str:
        """A token for a new channel user."""
        return str(self._signer.dumps(secrets.token_urlsafe(18)))

    def user(self, token: object) -> str | None:
        """The channel user of a token; None when it is unknown, forged or too old."""
        if not isinstance(token, str):
            return None
        try:
            user = self._signer.loads(token, max_age=LIVES)
        except (BadSignature, UnicodeError):  # a header may hold bytes that are no text
            return None
        return user if isinstance(user, str) else None

    def needed(self, token: object) -> str:
        """Raises NotAllowed: the client must ask for a new session."""
        user = self.user(token)
        if user is None:
            raise NotAllowed("unknown or expired session; POST /web/session gives a new one", code="session_unknown")
        return user
