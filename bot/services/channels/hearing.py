"""Voice messages that a platform does not put into words itself: heard by the lender's recogniser, then read like any message.

A port: `Recogniser` has one method. `HttpRecogniser` posts the sound to SPEECH_URL; without it voice is kept for a colleague.

    POST SPEECH_URL   Content-Type: audio/…   Authorization: Bearer SPEECH_TOKEN   <sound>   →   {"text": "…", "confidence": 0.93}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import httpx

from bot.services.channels.model import SendFailed

SECONDS = 20.0
SURE = 0.5  # below it a colleague listens
LONGEST = 2000


@dataclass(frozen=True)
class Heard:
    text: str
    confidence: float

    @property
    def sure(self) -> bool:
        return bool(self.text.strip()) and self.confidence >= SURE


class Recogniser(Protocol):
    async def hear(self, content: bytes, content_type: str) -> Heard:
        """Raises SendFailed: `again` when it may pass."""


class HttpRecogniser:
    def __init__(self, http: httpx.AsyncClient, url: str, token: str) -> None:
        self._http, self._url, self._token = http, url, token

    async def hear(self, content: bytes, content_type: str) -> Heard:
        headers = {"Content-Type": content_type, "Authorization": f"Bearer {self._token}"}
        try:
            answer = await self._http.post(self._url, content=content, headers=headers, timeout=SECONDS)
        except httpx.HTTPError as error:
            raise SendFailed("unreachable", again=True) from error
        if answer.status_code >= 500 or answer.status_code == 429:
            raise SendFailed("busy", again=True)
        try:
            told = answer.json()
            return Heard(str(told["text"])[:LONGEST], float(told["confidence"]))
        except (ValueError, KeyError, TypeError) as error:
            raise SendFailed("not_heard") from error
