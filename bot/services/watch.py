"""Who waits for news of a session, inside this process. Nothing is carried here: the rows are, the bell only rings."""

from __future__ import annotations

import asyncio
from collections import defaultdict


class Bells:
    """One set of waiters a session; a ring wakes all of them."""

    def __init__(self) -> None:
        self._waiters: dict[str, set[asyncio.Event]] = defaultdict(set)

    def listen(self, session_id: str) -> asyncio.Event:
        """An event that is set at every ring; clear it before looking, give it back with `forget`."""
        event = asyncio.Event()
        self._waiters[session_id].add(event)
        return event

    def forget(self, session_id: str, event: asyncio.Event) -> None:
        waiters = self._waiters.get(session_id)
        if waiters is None:
            return
        waiters.discard(event)
        if not waiters:
            del self._waiters[session_id]

    def ring(self, session_id: str) -> None:
        for event in self._waiters.get(session_id, ()):
            event.set()

    def ring_all(self) -> None:
        for session_id in list(self._waiters):
            self.ring(session_id)
